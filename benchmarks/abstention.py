"""clinc150 with its own queries of no class: how many does the UNKNOWN answer catch, and what does it cost?

    python -m benchmarks.abstention FOLDER [RECIPE …]

Trains each recipe (linear, probe, encoder unless said) by its own scripts in FOLDER/RECIPE, or takes what an
earlier start left there, and predicts with its predict.py. Thresholds and embeddings come from validation and
training rows; the 1,000 test queries of no class are only measured on. That energy is what a model carries
was decided on the 100 validation queries of no class, for which numbers are given, too. The encoder takes
about 20 minutes on two cores.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.command import datasets, keep, kept
from benchmarks.recipe import fit, python
from ml_intern.evaluation.abstention import Sure, abstention
from ml_intern.evaluation.predictions import Predictions, read_predictions
from ml_intern.evaluation.sureness import Space, sureness
from ml_intern.records.spec import DEFAULT_UNKNOWN
from ml_intern.tools.predict_parts import FEATURES, TRAINING_ROWS

RECIPES = ("linear", "probe", "encoder")
COLUMNS = {"text_column": "text", "label_column": "intent", "id_column": "row_id"}
PAPER, GOAL = 0.59, 0.85
"""Recall of the BERT of Larson et al. 2019 (arXiv 1909.02027, about 59 %), and what we would like."""


def rows(part: str) -> pl.DataFrame:
    """A part of clinc150 as published: train, val, test, oos_val or oos_test."""
    published = json.loads((datasets() / "clinc150" / "data_full.json").read_text())[part]
    texts, labels = zip(*published, strict=True)
    ids = [f"{part}:{i}" for i in range(len(texts))]
    return pl.DataFrame({"row_id": ids, "text": texts, "intent": labels})


def train(recipe: str, folder: Path) -> dict[str, Any]:
    """Train where it was not done before; what the recipe says of its training."""
    return fit(recipe, folder, rows("train"), rows("val"), COLUMNS)


def predict(recipe: str, folder: Path) -> dict[str, Predictions]:
    """Predictions by part; of the training rows as many as the product takes, the same of each class."""
    known = rows("train")
    labels = sorted(known["intent"].unique())
    parts = {part: rows(part) for part in ("val", "test", "oos_val", "oos_test")}
    per_class = TRAINING_ROWS // len(labels)
    parts["train"] = known.filter(pl.int_range(pl.len()).over("intent") < per_class)
    asked = pl.concat([part.select("row_id", "text") for part in parts.values()])
    asked.write_parquet(folder / "inputs.parquet")
    features = [FEATURES] if FEATURES in (folder / "predict.py").read_text() else []
    python(folder, "predict.py", "outputs/model", "inputs.parquet", "predictions.parquet", *features)
    found = read_predictions(folder / "predictions.parquet", asked["row_id"].to_list(), labels)
    ends = np.cumsum([0, *(part.height for part in parts.values())])
    return {name: found.part(ends[i], ends[i + 1]) for i, name in enumerate(parts)}


def right(model: Predictions, part: str) -> np.ndarray:
    """Whether each answer is the published label, (rows,)."""
    answers = np.array(model.labels, dtype=object)[model.answers]
    return np.asarray(answers == np.array(rows(part)["intent"].to_list(), dtype=object))


def measure(recipe: str, folder: Path) -> dict[str, Any]:
    """Everything on one recipe."""
    trained, found = train(recipe, folder), predict(recipe, folder)
    embeddings = found["train"].embeddings
    space = None
    if embeddings is not None:
        intents = dict(rows("train").select("row_id", "intent").rows())
        space = Space.of(embeddings, [intents[row] for row in found["train"].ids])
    validation = Sure(sureness(found["val"], space), right(found["val"], "val"))
    test = Sure(sureness(found["test"], space), right(found["test"], "test"))
    measured = abstention(DEFAULT_UNKNOWN, validation, test, sureness(found["oos_test"], space))
    before = abstention(DEFAULT_UNKNOWN, validation, validation, sureness(found["oos_val"], space))
    return {
        "recipe": recipe,
        "accuracy_without": float(test.right.mean()),
        "abstention": measured.model_dump(mode="json", exclude={"risk_coverage"}),
        "on_validation": before.model_dump(mode="json", exclude={"risk_coverage"}),
        "train_seconds": trained["seconds"],
        "versions": trained["versions"],
    }


def main(home: Path, recipes: list[str]) -> None:
    """Measure each recipe and write it into results/abstention.json, beside the others."""
    record = kept("abstention") or {"seed": 0, "paper": PAPER, "goal": GOAL, "recipes": []}
    for recipe in recipes:
        record["recipes"] = [each for each in record["recipes"] if each["recipe"] != recipe]
        record["recipes"].append(measure(recipe, home / recipe))
        record["recipes"].sort(key=lambda each: RECIPES.index(each["recipe"]))
        keep("abstention", record)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:] or list(RECIPES))
