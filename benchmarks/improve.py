"""Augmentation on banking77: fewer failures where it is aimed, at what cost on clean text and elsewhere?

    python -m benchmarks.improve FOLDER [RECIPE …]

Trains each recipe (linear and probe unless said) three times by its own scripts in FOLDER: as it is, with
noisy and with reworded copies of half of the training rows. Holds each against the same stress cases (three
seeds) and the same official test rows. Noise and wording that are trained on are not those of the suite: see
docs/decisions.md.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command import keep, kept
from benchmarks.recipe import fit
from benchmarks.stress import COLUMNS, SEEDS, banking77, predicted
from ml_intern.evaluation.intervals import paired_difference
from ml_intern.improvement.ideas import paraphrases, typo_augmentation
from ml_intern.records.metrics import Metric
from ml_intern.stress.answers import answers
from ml_intern.stress.judge import judge, paired_drop
from ml_intern.stress.material import Material
from ml_intern.stress.suite import Suite, make_suite

RECORD = "improve"
RECIPES = ("linear", "probe")
AIMS = {
    "typo_augmentation": (typo_augmentation.SHARE, typo_augmentation.HELD),
    "wording_augmentation": (paraphrases.SHARE, paraphrases.HELD),
}
"""The settings that are tried, each with its share and the capabilities that it is aimed at."""


def passed(suite: Suite, folder: Path, labels: tuple[str, ...]) -> dict[str, list[bool]]:
    """By capability: which cases the model in `folder` passes."""
    given = answers(suite.texts, predicted(folder, suite.texts, labels), labels)
    return {
        each.id: [judge(draft, given).passed for draft in drafts]
        for each, drafts in suite.asked
        if not isinstance(drafts, str)
    }


def measure(recipe: str, folder: Path) -> list[dict[str, Any]]:
    """One recipe without and with each augmentation."""
    parts = banking77()
    labels = tuple(sorted(set(parts["train"]["label"])))
    test = parts["test"]
    truth = np.array([labels.index(label) for label in test["label"]])
    changes = {"plain": {}} | {name: {name: share} for name, (share, _) in AIMS.items()}
    seconds, clean = dict[str, float](), {}
    for name, settings in changes.items():
        fitted = fit(recipe, folder / name, parts["train"], parts["validation"], COLUMNS | settings)
        seconds[name] = fitted["seconds"]
        clean[name] = predicted(folder / name, tuple(test["text"]), labels).argmax(axis=1)
    held: dict[str, dict[str, list[bool]]] = {name: {} for name in changes}
    for seed in SEEDS:
        suite = make_suite(Material.of(test["text"].to_list(), test["label"].to_list(), labels, seed))
        for name in changes:
            for id, cases in passed(suite, folder / name, labels).items():
                held[name].setdefault(id, []).extend(cases)
    found = []
    for name, (share, aimed) in AIMS.items():
        before, after = held["plain"], held[name]
        of = {id: _failures(before[id], after[id]) for id in sorted(before)}
        there = [id for id in aimed if id in before]
        others = [id for id in before if id not in aimed]
        change = paired_difference(truth, clean[name], clean["plain"], len(labels), Metric.ACCURACY, seed=0)
        found.append(
            {
                "recipe": recipe,
                "setting": name,
                "seeds": list(SEEDS),
                "share": share,
                "seconds": {"plain": seconds["plain"], "augmented": seconds[name]},
                "accuracy": {
                    "plain": float((clean["plain"] == truth).mean()),
                    "augmented": float((clean[name] == truth).mean()),
                },
                "accuracy_change": change.model_dump(),
                "aimed": _failures(
                    *([case for id in there for case in each[id]] for each in (before, after))
                ),
                "others": _failures(
                    *([case for id in others for case in each[id]] for each in (before, after))
                ),
                "by_capability": of,
            }
        )
    return found


def _failures(before: list[bool], after: list[bool]) -> dict[str, Any]:
    """Failure rates of both models on the same cases, and after less before with its interval."""
    return {
        "cases": len(before),
        "plain": 1 - sum(before) / len(before),
        "augmented": 1 - sum(after) / len(after),
        "change": paired_drop(before, after).model_dump(),
    }


def main(home: Path, recipes: list[str]) -> None:
    """Measure each recipe and write it into the record, beside the others."""
    record = kept(RECORD) or {"recipes": []}
    for recipe in recipes:
        found = measure(recipe, home / recipe)
        record["recipes"] = [each for each in record["recipes"] if each["recipe"] != recipe] + found
        keep(RECORD, record)
        for each in found:
            print(recipe, each["setting"], each["aimed"], each["accuracy_change"], flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:] or list(RECIPES))
