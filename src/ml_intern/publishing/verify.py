"""Does a model's card tell the truth? Checks of a downloaded folder; nothing of it is run here."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ml_intern.publishing.claims import LONGEST, metric_words, named_data_of, stated_score
from ml_intern.publishing.results import stated
from ml_intern.records.display import escape, listing
from ml_intern.records.publication import Check

MANIFEST: Final = "MANIFEST.sha256"
PICKLED: Final = frozenset(
    {".bin", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".h5", ".msgpack", ".ckpt", ".npy"}
)
_TRACKED_BY_HUB: Final = frozenset({".gitattributes"})
DIGITS: Final = 4
"""Decimals of the scores in a card's metadata."""


def files_are_whole(folder: Path) -> Check:
    """Whether the folder holds exactly what its manifest lists."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return Check(
            id="manifest",
            ok=None,
            message=f"There is no {MANIFEST}: whether files were changed is not known.",
        )
    listed: dict[str, str] = {}
    for line in manifest.read_text(encoding="utf-8", errors="replace").splitlines():
        sha256, _, name = line.partition("  ")
        listed[name] = sha256
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    there = {name: path for name, path in there.items() if name not in _TRACKED_BY_HUB | {MANIFEST}}
    missing, extra = sorted(set(listed) - set(there)), sorted(set(there) - set(listed))
    changed = sorted(name for name in set(listed) & set(there) if _sha256(there[name]) != listed[name])
    problems = [
        f"{word}: {listing(names, 5)}"
        for word, names in (("missing", missing), ("changed", changed), ("not listed", extra))
        if names
    ]
    if problems:
        return Check(
            id="manifest", ok=False, message=f"Files differ from the manifest: {'; '.join(problems)}."
        )
    return Check(id="manifest", ok=True, message=f"All {len(there)} files are as the manifest lists them.")


def nothing_runs_when_loaded(folder: Path) -> Check:
    """Whether the folder is free of pickles and of code that a loader would run."""
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.suffix.lower() in PICKLED)
    if found:
        return Check(
            id="safe", ok=False, message=f"These can run code when they are loaded: {listing(found, 5)}."
        )
    config = _json(folder / "config.json")
    if isinstance(config, dict) and "auto_map" in config:
        return Check(id="safe", ok=False, message="config.json asks for code of the model's own (auto_map).")
    return Check(id="safe", ok=True, message="No pickles, and no code that loading would run.")


def card_claims(folder: Path) -> list[tuple[str, float]]:
    """Every score in the metadata of a card, or of results, that has a name of ours; each as often as stated.

    The card is a stranger's: whatever it holds, this returns.
    """
    found = [score for named in named_data_of(folder) for score in named.scores]
    others = [stated_score({"name": name, "value": value}) for name, value in stated(folder, LONGEST)]
    return [(each.metric, each.value) for each in (*found, *others) if each is not None]


def card_scores(folder: Path) -> dict[str, float]:
    """The scores in a card's metadata by our names; of one that is stated twice, the last."""
    return dict(card_claims(folder))


def table_holds(folder: Path) -> Check | None:
    """Whether the card's row on this model repeats its evaluation file; None where either is missing."""
    own = _values(_json(folder / "evaluation" / "evaluation.json"))
    try:
        card = (folder / "README.md").read_text(encoding="utf-8")[:LONGEST]
    except (OSError, ValueError):
        return None
    score = r"([\d.]+) \[.*?\| "
    row = re.search(rf"^\| \*\*this model\*\* \| \d+ \| {score}{score}{score[:-4]}", card, re.M)
    if row is None or own is None:
        return None
    said = dict(zip(("accuracy", "macro_f1", "weighted_f1"), row.groups(), strict=True))
    wrong = [
        metric_words(name) for name, shown in said.items() if name in own and f"{own[name]:.3f}" != shown
    ]
    message = (
        f"The card's table differs in {', '.join(wrong)}." if wrong else "The card's table repeats it, too."
    )
    return Check(id="card_table", ok=not wrong, message=message)


def scores_hold(folder: Path, recomputed: Mapping[str, float] | None, why_not: str) -> list[Check]:
    """The card's scores beside recomputed ones, or beside its own evaluation file where there are none.

    `recomputed` are scores by metric on the test rows that the card speaks of; `why_not` says why there
    are none.
    """
    said = card_claims(folder)
    if not said:
        return [Check(id="scores", ok=None, message="The card states no scores that can be compared.")]
    stored = _json(folder / "evaluation" / "evaluation.json")
    own = _values(stored)
    checks = []
    if own is not None:
        wrong = _differ(said, own)
        message = (
            f"The card and its evaluation file differ: {wrong}."
            if wrong
            else "The card repeats its evaluation file."
        )
        checks.append(Check(id="card_matches_evaluation", ok=not wrong, message=message))
        if (table := table_holds(folder)) is not None:
            checks.append(table)
    if recomputed is None:
        checks.append(Check(id="scores", ok=None, message=f"The scores were not computed again: {why_not}"))
        return checks
    wrong = _differ(said, recomputed)
    shown = ", ".join(
        f"{metric_words(name)} {recomputed[name]:.{DIGITS}f}" for name in dict(said) if name in recomputed
    )
    message = (
        f"Computed again, the scores differ: {wrong}."
        if wrong
        else f"Computed again, the scores hold: {shown}."
    )
    return [*checks, Check(id="scores", ok=not wrong, message=message)]


def _differ(said: list[tuple[str, float]], true: Mapping[str, float]) -> str:
    """Where two sets of scores differ in what the card shows; names only one of them has do not count."""
    return "; ".join(
        f"{metric_words(name)} is {value:.{DIGITS}f} in the card and {true[name]:.{DIGITS}f} in truth"
        for name, value in said
        if name in true and round(value, DIGITS) != round(true[name], DIGITS)
    )


def _values(evaluation: Any) -> dict[str, float] | None:
    """The scores of an evaluation file by metric, or None where it is none."""
    try:
        return {name: float(found["value"]) for name, found in evaluation["scores"].items()}
    except (TypeError, KeyError, AttributeError, ValueError):
        return None


def example_of(folder: Path) -> tuple[str, str] | None:
    """The text and the output of the card's example, or None where it has none in our form."""
    try:
        card = (folder / "README.md").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = re.search(
        r'```console\n\$ python predict\.py \. --text ("(?:[^"\\]|\\.)*")\n(.*?)\n?```', card, re.S
    )
    if not found:
        return None
    try:
        return str(json.loads(found[1])), found[2].strip()
    except ValueError:
        return None


def example_holds(said: str, answered: str) -> Check:
    """Whether the example ends with what the card shows; a library may have warned before."""
    shown = said.strip().splitlines()
    if shown == answered.strip().splitlines()[-len(shown) :]:
        return Check(id="example", ok=True, message="The card's example prints what the card shows.")
    printed = escape(answered.strip())[:200]
    return Check(id="example", ok=False, message=f"The card's example prints something else: {printed}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
