"""Wrong labels in the training data: what leaving the audit's suspects out of training gains and costs.

    python -m benchmarks.left_out FOLDER [RECIPE …]

5 % of the training labels of banking77 are replaced by another class, three seeds. Each recipe (linear and
probe unless said) is trained on all rows and without the suspects, and both models answer the official test
rows. The same is done without planted errors: what it costs where nothing is wrong.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.audit_label_errors import NOISE, spoil
from benchmarks.command import keep, kept
from benchmarks.recipe import fit
from benchmarks.stress import COLUMNS, SEEDS, banking77, predicted
from ml_intern.data.checks.label_errors import suspects
from ml_intern.data.model import out_of_fold
from ml_intern.data.normalise import normalise
from ml_intern.evaluation.intervals import paired_difference
from ml_intern.records.metrics import Metric

RECORD = "left_out"
RECIPES = ("linear", "probe")


def suspected(train: pl.DataFrame, seed: int) -> list[str]:
    """The ids of the training rows that the audit's check suspects."""
    rows = train.with_columns(part=pl.lit("train"), normal=normalise(train["text"]))
    judged = out_of_fold(rows, seed)
    assert judged is not None
    return judged.rows.filter(suspects(judged) >= 0)["row_id"].to_list()


def measure(recipe: str, folder: Path, seed: int, planted: bool) -> dict[str, Any]:
    """One recipe with and without the suspects, on labels that are spoilt or as published."""
    parts = banking77()
    train, wrong = parts["train"], np.zeros(parts["train"].height, dtype=bool)
    if planted:
        labels, wrong = spoil(train["label"], seed)
        train = train.with_columns(labels)
    ids = suspected(train, seed)
    classes = tuple(sorted(set(parts["train"]["label"])))
    truth = np.array([classes.index(label) for label in parts["test"]["label"]])
    answers = {}
    for name, settings in (("all", {}), ("kept", {"left_out_rows": ids})):
        place = folder / f"{recipe}-{seed}-{'planted' if planted else 'clean'}-{name}"
        fit(recipe, place, train, parts["validation"], COLUMNS | settings)
        answers[name] = predicted(place, tuple(parts["test"]["text"]), classes).argmax(axis=1)
    change = paired_difference(truth, answers["kept"], answers["all"], len(classes), Metric.ACCURACY, seed=0)
    bad = set(train["row_id"].filter(pl.Series(wrong)))
    return {
        "recipe": recipe,
        "seed": seed,
        "planted": int(wrong.sum()),
        "left_out": len(ids),
        "left_out_and_wrong": len(bad & set(ids)),
        "accuracy": {name: float((found == truth).mean()) for name, found in answers.items()},
        "accuracy_change": change.model_dump(),
    }


def main(home: Path, recipes: list[str]) -> None:
    """Measure each recipe and write it into the record, beside the others."""
    record = kept(RECORD) or {"noise": NOISE, "runs": []}
    for recipe in recipes:
        record["runs"] = [each for each in record["runs"] if each["recipe"] != recipe]
        for seed in SEEDS:
            record["runs"].append(measure(recipe, home, seed, planted=True))
        record["runs"].append(measure(recipe, home, SEEDS[0], planted=False))
        keep(RECORD, record)
        for each in record["runs"]:
            print(each, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]).absolute(), sys.argv[2:] or list(RECIPES))
