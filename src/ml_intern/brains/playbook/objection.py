"""Turning the reason of a denial into a change of the plan."""

import re
from typing import Any, Final

_ASSIGNMENT = re.compile(r"\b(?P<key>[A-Za-z_]\w*)\s*[=:]\s*(?P<value>\[[^\]]*\]|[\w.+-]+(?:\s*,\s*[\d.]+)*)")
_FASTER = re.compile(
    r"\b(fast\w*|quick\w*|short\w*|less time|too (long|slow)|simpl\w+|small\w*|cheap\w*)\b", re.I
)
_BALANCE = re.compile(r"\b(balanc\w*|imbalanc\w*|rare class\w*|minority|class weights?)\b", re.I)
_NO_CHARACTERS = re.compile(r"\b(no|without) (char\w*)|\bwords? only\b", re.I)

LOCKED: Final = frozenset(
    {"seed", "selection_metric", "text_column", "label_column", "id_column", "base_model", "base_revision"}
)
"""Settings that follow from the accepted task and do not change with a plan."""
ZERO: Final = frozenset(
    {"weight_decay", "label_smoothing", "typo_augmentation", "warmup_share", "wording_augmentation"}
)
"""Settings that may be 0; no other number may be, and none may be below it."""


def changes_from(reason: str, config: dict[str, Any]) -> dict[str, Any]:
    """Settings of `config` that `reason` asks to change, with their new values; empty where it asks none.

    Understands `key=value` for keys of the config, and a few plain wishes (faster, balanced, words only).
    Nothing is changed where a part of it is not understood: half of what was asked for is something else.
    """
    if misread(reason, config):
        return {}
    changes: dict[str, Any] = {}
    for match in _ASSIGNMENT.finditer(reason):
        key = next((k for k in config if k.lower() == match["key"].lower()), None)
        if key and key not in LOCKED:
            value = _value(match["value"], config[key])
            if value is not None or match["value"].lower() in ("none", "null"):
                changes[key] = value
    if not changes:
        if _FASTER.search(reason) and len(config.get("C", [])) > 1:
            changes["C"] = [config["C"][len(config["C"]) // 2]]
        if _FASTER.search(reason) and config.get("epochs", 1) > 1:
            changes["epochs"] = config["epochs"] // 2
        if _NO_CHARACTERS.search(reason) and "char_ngrams" in config:
            changes["char_ngrams"] = None
        if _BALANCE.search(reason):
            changes["class_weight"] = "balanced"
    return {key: value for key, value in changes.items() if config.get(key) != value}


def misread(reason: str, config: dict[str, Any]) -> list[str]:
    """What stands in `reason` as a setting and cannot be one, each in words."""
    found = []
    for match in _ASSIGNMENT.finditer(reason):
        said = match[0].strip()
        key = next((k for k in config if k.lower() == match["key"].lower()), None)
        if key in LOCKED:
            found.append(f"{key} is settled by the task")
        elif key is None:
            if "=" in said:  # a colon is as likely one of a sentence
                found.append(f"{match['key']} is no setting of this script")
        elif match["value"].lower() not in ("none", "null"):
            value = _value(match["value"], config[key])
            numbers = [each for each in (value if isinstance(value, list) else [value]) if _is_number(each)]
            if value is None or any(each < 0 or (each == 0 and key not in ZERO) for each in numbers):
                found.append(f"{said} is not possible")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(text: str, old: Any) -> Any:
    """`text` read as the kind of value that `old` is, or None where it cannot be."""
    if text.lower() in ("none", "null"):
        return None
    numbers = [_number(part) for part in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]
    if isinstance(old, list):
        return numbers if numbers and None not in numbers else None
    if isinstance(old, int | float) and not isinstance(old, bool):
        return numbers[0] if len(numbers) == 1 else None
    if old is None and re.fullmatch(r"[\d.]+(?:e-?\d+)?", text):
        return numbers[0]
    return text


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return None
