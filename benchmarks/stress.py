"""The stress suite on sound models and on ones with a planted fault, and the time it takes.

    python -m benchmarks.stress FOLDER [--recipe NAME …]

Trains the recipes named (linear and probe unless said) on real data by their own scripts in FOLDER, answers
the suite with their predict.py, and plants four faults in the answers of each model: keyed on one word,
over-confident, blind to a class, answering by length. A fault must be convicted by its own name; of the sound
model, what is convicted stands in the record.
"""

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.abstention import rows
from benchmarks.command import datasets, keep, kept
from benchmarks.recipe import fit, python
from ml_intern.evaluation.predictions import read_predictions
from ml_intern.stress.answers import answers
from ml_intern.stress.material import Material
from ml_intern.stress.suite import Shown, Suite, make_suite, show

RECORD = "stress"
KEPT = {"id", "title", "cases", "failures", "rate", "drop", "reason"}
SEEDS = (0, 1, 2)
COLUMNS = {"text_column": "text", "label_column": "label", "id_column": "row_id"}
Fault = Callable[[Suite, NDArray[np.float64]], NDArray[np.float64]]


def bitext() -> dict[str, pl.DataFrame]:
    """bitext-support by category, as published."""
    return {part: _csv("bitext-support", part, "utterance") for part in ("train", "validation", "test")}


def banking77() -> dict[str, pl.DataFrame]:
    """banking77 as published; a tenth of the training rows chooses."""
    train = _csv("banking77", "train", "text").sample(fraction=1, shuffle=True, seed=0)
    tenth = train.height // 10
    return {"train": train[tenth:], "validation": train[:tenth], "test": _csv("banking77", "test", "text")}


def clinc150() -> dict[str, pl.DataFrame]:
    """clinc150 without its queries of no class."""
    parts = {"train": rows("train"), "validation": rows("val"), "test": rows("test")}
    return {name: part.rename({"intent": "label"}) for name, part in parts.items()}


SETS = {"bitext-support": bitext, "banking77": banking77, "clinc150": clinc150}


def _csv(name: str, part: str, text: str) -> pl.DataFrame:
    frame = pl.read_csv(datasets() / name / f"{part}.csv", infer_schema=False)
    frame = frame.select(pl.col(text).alias("text"), pl.col("category").alias("label")).drop_nulls()
    named = pl.format("{}:{}", pl.lit(part), "row_id").alias("row_id")
    return frame.with_row_index("row_id").with_columns(named)


def surely(places: NDArray[np.intp], classes: int, confidence: float) -> NDArray[np.float64]:
    """Probabilities with `confidence` at each place and the rest spread evenly."""
    found = np.full((len(places), classes), (1 - confidence) / (classes - 1))
    found[np.arange(len(places)), places] = confidence
    return found


def keyed(suite: Suite, sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first word that tells a class decides for it, and nothing else does."""
    probe = suite.probes[0]
    place = suite.material.classes.index(probe.label)
    found = sound.copy()
    found[:, place] = 1e-6
    for row, text in enumerate(suite.texts):
        if re.search(rf"\b{re.escape(probe.word)}\b", text.lower()):
            found[row], found[row, place] = 0.01, 1
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def blind(suite: Suite, sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """The class in the middle of the list is never answered."""
    found = sound.copy()
    found[:, found.shape[1] // 2] = 0
    return np.asarray(found / found.sum(axis=1, keepdims=True))


FAULTS: dict[str, Fault] = {
    "keyed_on_one_word": keyed,
    "overconfident": lambda suite, sound: surely(sound.argmax(axis=1), sound.shape[1], 0.99),
    "blind_to_a_class": blind,
    "answers_by_length": lambda suite, sound: surely(
        np.array([len(text) // 12 % sound.shape[1] for text in suite.texts]), sound.shape[1], 0.6
    ),
}


def predicted(folder: Path, texts: tuple[str, ...], labels: tuple[str, ...]) -> NDArray[np.float64]:
    """The model's probabilities, (texts, labels)."""
    ids = [f"text-{i}" for i in range(len(texts))]
    pl.DataFrame({"row_id": ids, "text": texts}).write_parquet(folder / "texts.parquet")
    python(folder, "predict.py", "outputs/model", "texts.parquet", "answers.parquet")
    return read_predictions(folder / "answers.parquet", ids, labels).probabilities


def measure(name: str, recipe: str, folder: Path, seed: int) -> dict[str, Any]:
    """One model under the suite of one seed, sound and with each fault."""
    parts = SETS[name]()
    fit(recipe, folder, parts["train"], parts["validation"], COLUMNS)
    labels = tuple(sorted(set(parts["train"]["label"])))
    began = time.perf_counter()
    material = Material.of(parts["test"]["text"].to_list(), parts["test"]["label"].to_list(), labels, seed)
    suite = make_suite(material)
    sound = predicted(folder, suite.texts, labels)

    def shown(probabilities: NDArray[np.float64]) -> Shown:
        return show(suite, answers(suite.texts, probabilities, labels))

    plain = shown(sound)
    seconds = time.perf_counter() - began
    planted = {
        fault: [each.id for each in shown(make(suite, sound)).convictions] for fault, make in FAULTS.items()
    }
    return {
        "set": name,
        "recipe": recipe,
        "seed": seed,
        "classes": len(labels),
        "texts": len(suite.texts),
        "seconds": round(seconds, 1),
        "sound": [{"id": each.id, "message": each.message} for each in plain.convictions],
        "planted": planted,
        "capabilities": [each.model_dump(mode="json", include=KEPT) for each in plain.capabilities],
    }


def main(folder: Path, recipes: list[str]) -> None:
    """Measure all and keep each."""
    record: dict[str, Any] = kept(RECORD) or {"models": []}
    for name in SETS:
        for recipe in recipes:
            for seed in SEEDS:
                found = measure(name, recipe, folder / name / recipe, seed)
                place = (name, recipe, seed)
                rest = [m for m in record["models"] if (m["set"], m["recipe"], m["seed"]) != place]
                record["models"] = [*rest, found]
                missed = [fault for fault, ids in found["planted"].items() if fault not in ids]
                told = [each["id"] for each in found["sound"]]
                print(
                    name, recipe, seed, f"{found['seconds']} s: convicted {told}, missed {missed}", flush=True
                )
                keep(RECORD, record)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stress")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", nargs="*", default=["linear", "probe"])
    given = parser.parse_args()
    main(given.folder, given.recipe)
