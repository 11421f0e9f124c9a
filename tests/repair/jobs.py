"""Running a broken script, judging it as the smoke test does, and mending it."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import polars as pl

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.records.jobs import JobState
from ml_intern.training import smoke
from ml_intern.training.repair.catalogue import diagnose
from ml_intern.training.repair.failure import Failure, Patch
from tests.forks import python

BROKEN = Path(__file__).with_name("broken")
LABELS = ["billing", "delivery", "login", "refund"]
SEEN = ["delivery", "refund"]
"""The classes in validation, which are not the first of all."""
CONFIG = {
    "text_column": "body", "label_column": "issue", "id_column": "row_id", "seed": 0, "epochs": 60,
    "learning_rate": 0.5, "batch_size": 8, "gradient_accumulation": 1, "max_length": 32,
    "selection_metric": "macro_f1", "base_model": "base",
}  # fmt: skip
CHANGED = {"nan_loss": {"learning_rate": 5.0}, "out_of_memory": {"batch_size": 32}}
ROOM = {"out_of_memory": 130 << 20}
MOST_REPAIRS = 5


def tickets() -> list[tuple[str, str]]:
    """Texts with their labels, whose order is not that of the alphabet."""
    return [
        (f"{label} trouble number {i % 3} please help with {label}", label)
        for i in range(8)
        for label in reversed(LABELS)
    ]


def write(folder: Path, case: str) -> None:
    """The broken script with its config and data; as in a smoke test, validation lacks half the classes."""
    shutil.copytree(BROKEN / case, folder, dirs_exist_ok=True)
    shutil.copy(BROKEN / "bag.py", folder)
    (folder / "config.json").write_text(json.dumps(CONFIG | CHANGED.get(case, {})))
    (folder / "data").mkdir()
    rows = tickets()
    for part, chosen in (("train", rows), ("validation", [row for row in rows if row[1] in SEEN][:6])):
        texts: list[str | None] = [text for text, _ in chosen]
        if case.startswith("missing_text"):
            texts[1] = None
        if case.startswith("too_long"):
            texts[0] = f"{texts[0]} " * 8
        ids = [f"{part}-{i}" for i in range(len(chosen))]
        found = pl.DataFrame({"row_id": ids, "body": texts, "issue": [label for _, label in chosen]})
        found.write_parquet(folder / "data" / f"{part}.parquet")


def failure(folder: Path, log: tuple[str, ...], step: str = "train") -> Failure:
    return Failure(
        step=step,
        state=JobState.FAILED,
        log=log,
        files={path.name: path.read_text() for path in folder.glob("*.py")},
        config=json.loads((folder / "config.json").read_text()),
    )


def trouble(folder: Path, case: str) -> Failure | None:
    """Run the script and look at it as the smoke test does: its exit code, then what it leaves."""
    done = python(folder, "train.py", "config.json", room=ROOM.get(case), strict=False)
    log = (*done.stdout.splitlines(), *done.stderr.splitlines())
    if done.returncode:
        return failure(folder, log)
    script = SimpleNamespace(config=json.loads((folder / "config.json").read_text()))
    checks = smoke.left_behind(folder / "outputs", folder / "data", script, read_predictions)
    bad = next((check for check in checks[:3] if not check.ok), None)
    return failure(folder, (*log, bad.message), bad.id) if bad else None


def mend(folder: Path, case: str) -> list[Patch]:
    """Patch and run until nothing fails; the patches."""
    patches = []
    while broken := trouble(folder, case):
        patch = diagnose(broken)
        assert patch is not None, "\n".join(broken.log)
        assert patch.evidence in broken.log
        assert len(patches) < MOST_REPAIRS, [patch.explanation for patch in patches]
        apply(patch, folder)
        patches.append(patch)
    return patches


def apply(patch: Patch, folder: Path) -> None:
    for name, text in patch.files.items():
        (folder / name).write_text(text)
    config = json.loads((folder / "config.json").read_text()) | patch.config
    (folder / "config.json").write_text(json.dumps(config))


def answers(folder: Path) -> list[str]:
    return pl.read_parquet(folder / "outputs/predictions-validation.parquet")["label"].to_list()
