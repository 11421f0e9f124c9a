"""Typo augmentation on banking77: fewer failures under typing errors, at what cost on clean text?

    python -m benchmarks.improve FOLDER [RECIPE …]

Trains each recipe (linear and probe unless said) twice by its own scripts in FOLDER, without and with noisy
copies of half of the training rows, and holds both against the same stress cases (three seeds) and the same
official test rows. The noise that is trained on is not that of the suite: see docs/decisions.md.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command import keep, kept
from benchmarks.recipe import fit
from benchmarks.stress import COLUMNS, SEEDS, banking77, predicted
from ml_intern.evaluation.intervals import paired_difference
from ml_intern.improvement.ideas.typo_augmentation import HELD, SHARE
from ml_intern.records.metrics import Metric
from ml_intern.stress.answers import answers
from ml_intern.stress.judge import judge, paired_drop
from ml_intern.stress.material import Material
from ml_intern.stress.suite import Suite, make_suite

RECORD = "improve"
RECIPES = ("linear", "probe")


def passed(suite: Suite, folder: Path, labels: tuple[str, ...]) -> dict[str, list[bool]]:
    """By capability: which cases the model in `folder` passes."""
    given = answers(suite.texts, predicted(folder, suite.texts, labels), labels)
    return {
        each.id: [judge(draft, given).passed for draft in drafts]
        for each, drafts in suite.asked
        if not isinstance(drafts, str)
    }


def measure(recipe: str, folder: Path) -> dict[str, Any]:
    """One recipe without and with augmentation."""
    parts = banking77()
    labels = tuple(sorted(set(parts["train"]["label"])))
    folders = {"plain": folder / "plain", "augmented": folder / "augmented"}
    seconds = {
        name: fit(
            recipe,
            path,
            parts["train"],
            parts["validation"],
            COLUMNS | ({"typo_augmentation": SHARE} if name == "augmented" else {}),
        )["seconds"]
        for name, path in folders.items()
    }
    test = parts["test"]
    truth = np.array([labels.index(label) for label in test["label"]])
    clean = {
        name: predicted(path, tuple(test["text"]), labels).argmax(axis=1) for name, path in folders.items()
    }
    change = paired_difference(
        truth, clean["augmented"], clean["plain"], len(labels), Metric.ACCURACY, seed=0
    )
    held: dict[str, dict[str, list[bool]]] = {name: {} for name in folders}
    for seed in SEEDS:
        material = Material.of(test["text"].to_list(), test["label"].to_list(), labels, seed)
        suite = make_suite(material)
        for name, path in folders.items():
            for id, cases in passed(suite, path, labels).items():
                held[name].setdefault(id, []).extend(cases)
    typos = {name: [case for id in HELD for case in cases[id]] for name, cases in held.items()}
    others = {
        name: [case for id, found in cases.items() if id not in HELD for case in found]
        for name, cases in held.items()
    }
    return {
        "recipe": recipe,
        "seeds": list(SEEDS),
        "share": SHARE,
        "seconds": seconds,
        "accuracy": {name: float((found == truth).mean()) for name, found in clean.items()},
        "accuracy_change": change.model_dump(),
        "typos": _failures(typos),
        "others": _failures(others),
        "by_capability": {
            id: _failures({name: held[name][id] for name in folders}) for id in sorted(held["plain"])
        },
    }


def _failures(cases: dict[str, list[bool]]) -> dict[str, Any]:
    """Failure rates of both models on the same cases, and after less before with its interval."""
    rows = len(cases["plain"])
    return {
        "cases": rows,
        "plain": 1 - sum(cases["plain"]) / rows,
        "augmented": 1 - sum(cases["augmented"]) / rows,
        "change": paired_drop(cases["plain"], cases["augmented"]).model_dump(),
    }


def main(home: Path, recipes: list[str]) -> None:
    """Measure each recipe and write it into the record, beside the others."""
    record = kept(RECORD) or {"recipes": []}
    for recipe in recipes:
        found = measure(recipe, home / recipe)
        record["recipes"] = [each for each in record["recipes"] if each["recipe"] != recipe] + [found]
        keep(RECORD, record)
        print(recipe, found["typos"], found["accuracy"], found["accuracy_change"], flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:] or list(RECIPES))
