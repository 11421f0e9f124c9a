"""A text classifier in a folder, ours or a stranger's: what it answers, and how it is run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem

SCRIPT: Final = Path(__file__).with_name("classify.py")
PICKLED: Final = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.pickle", "*.joblib", "*.h5", "*.msgpack")
_KEPT: Final = (".json", ".safetensors", ".txt", ".model", ".py")
_UNUSED: Final = frozenset({"training", "evaluation", "data", "stress", ".git"})
"""Folders of a bundle that its predictions need not."""


@dataclass(frozen=True)
class Classifier:
    """`files` are those that running it takes, by their names inside the model's folder.

    `script` is what runs it in a sandbox: the bundle's own predict.py, or ours for models of transformers.
    `labels` are in sorted order.
    """

    name: str
    labels: tuple[str, ...]
    files: dict[str, Path]
    script: Path
    id_column: str
    text_column: str
    unknown: tuple[str, float] | None = None
    """Score and threshold below which it answers UNKNOWN."""


def open_classifier(folder: Path, name: str) -> Classifier:
    """The classifier in `folder`; nothing of it is run here.

    Raises:
        UsageProblem: there is none, it is stored as pickle, or its labels have no names.
    """
    if not folder.is_dir():
        raise UsageProblem(
            f"There is no folder {escape(str(folder))}.",
            "Name the folder of a packaged model, a folder of transformers, or OWNER/NAME on the Hub.",
        )
    config = _json(folder / "config.json")
    if not any(folder.glob("*.safetensors")):
        pickled = sorted(path.name for pattern in PICKLED for path in folder.glob(pattern))
        why = (
            f"it holds {', '.join(map(escape, pickled[:3]))}, which can run code when loaded"
            if pickled
            else ""
        )
        raise UsageProblem(
            f"{escape(str(folder))} has no weights as .safetensors{'; ' + why if why else ''}.",
            "Save the model with save_pretrained(…), which writes safetensors.",
        )
    ours = (folder / "predict.py").is_file()
    own = _json(folder / "intern.json") if (folder / "intern.json").exists() else config
    columns = {name: own.get(name) for name in ("id_column", "text_column")}
    if ours and not all(isinstance(value, str) for value in columns.values()):
        ours = False  # a predict.py of somebody else's, which we do not know how to call
    return Classifier(
        name=name,
        labels=_labels(config, folder),
        files=_files(folder),
        script=folder / "predict.py" if ours else SCRIPT,
        id_column=str(columns["id_column"]) if ours else "row_id",
        text_column=str(columns["text_column"]) if ours else "text",
        unknown=_unknown(own) if ours else None,
    )


def _unknown(settings: dict[str, Any]) -> tuple[str, float] | None:
    found = settings.get("unknown")
    if not isinstance(found, dict) or not isinstance(found.get("threshold"), int | float):
        return None
    return str(found.get("score")), float(found["threshold"])


def _files(folder: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and path.suffix in _KEPT and not _UNUSED & set(name.parts[:-1]):
            found[name.as_posix()] = path
    return found


def _labels(config: dict[str, Any], folder: Path) -> tuple[str, ...]:
    found = config.get("labels") or list((config.get("id2label") or {}).values())
    if not isinstance(found, list) or len(found) < 2 or not all(isinstance(each, str) for each in found):
        raise UsageProblem(
            f"{escape(str(folder / 'config.json'))} names no classes (labels or id2label).",
            "A text classifier is needed; a base model without a head answers nothing yet.",
        )
    if len(set(found)) < len(found):
        raise UsageProblem(f"Classes of {escape(str(folder))} share a name.", "Give each a name of its own.")
    return tuple(sorted(found))


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{escape(str(path))} cannot be read: {error}", "See that it is JSON.") from error
    if not isinstance(found, dict):
        raise UsageProblem(
            f"{escape(str(path.parent))} is no model: it has no sound {path.name}.",
            "Name the folder of a packaged model, or of transformers.",
        )
    return found
