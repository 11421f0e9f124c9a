"""What an evaluation says of confidence, of the rows behind its mistakes, and of parts of the test split."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ml_intern.data.languages import told_languages
from ml_intern.data.masking import specimen
from ml_intern.evaluation.abstention import Sure, abstention
from ml_intern.evaluation.calibration import calibration, fit_temperature
from ml_intern.evaluation.doubts import confused_pairs, nearest_boundary
from ml_intern.evaluation.nearness import nearness
from ml_intern.evaluation.slices import slices, thirds
from ml_intern.evaluation.sureness import Space, sureness
from ml_intern.evaluation.trust_figures import trust_figures
from ml_intern.evaluation.truth import Truth
from ml_intern.records.data import DataReport, Split
from ml_intern.records.spec import AnswerRule, TaskSpec
from ml_intern.records.trust import Abstention, Calibration, ConfusedPair, Doubt, Slice
from ml_intern.tools.predict_parts import Parts
from ml_intern.workflow.run import Run

COMPARED_ROWS = 20_000
"""Training texts that the test texts are held against, the first so many of them."""


@dataclass(frozen=True)
class Confidence:
    """The fields of an evaluation that go by the same names, and the figures that show them."""

    calibration: Calibration
    clean_calibration: Calibration | None
    doubts: tuple[Doubt, ...]
    confused: tuple[ConfusedPair, ...]
    slices: tuple[Slice, ...]
    abstention: Abstention
    figures: tuple[Path, ...]


def confidence(run: Run, parts: Parts, truth: Truth, sealed: pl.DataFrame) -> Confidence:
    """Measure it all; thresholds and temperature come from the validation split alone.

    `sealed` has the test rows in the order of `truth` and of the predictions in `parts`.
    """
    spec, split, report = run.need(TaskSpec), run.need(Split), run.need(DataReport)
    label, text = report.label.name, report.text.name
    validation = pl.read_parquet(run.folder / split.validation.path)
    known = Truth.of(validation[label].to_list(), split.labels, [True] * validation.height)
    temperature = fit_temperature(parts.validation.probabilities, known.indices)
    measured = calibration(parts.test, truth.indices, temperature, spec.seed)
    clean = None
    if 0 < truth.clean.sum() < len(truth.clean):
        rows = np.flatnonzero(truth.clean)
        clean = calibration(parts.test.rows(rows), truth.indices[rows], temperature, spec.seed)
    inputs = pl.read_parquet(run.folder / split.test_inputs.path)
    texts = parts_in_order(inputs, parts.test.ids, text)
    shown = [specimen(each) for each in texts]
    space = None
    if parts.training.embeddings is not None and parts.training_labels:
        space = Space.of(parts.training.embeddings, parts.training_labels)
    right = parts.test.answers == truth.indices
    held = abstention(
        run.need(AnswerRule).unknown,
        Sure(sureness(parts.validation, space), parts.validation.answers == known.indices),
        Sure(sureness(parts.test, space), right),
        sureness(parts.unknown, space) if parts.unknown.ids else None,
    )
    found = slices(right, _properties(run, texts, truth, sealed))
    return Confidence(
        calibration=measured,
        clean_calibration=clean,
        doubts=nearest_boundary(truth, parts.test, sealed["row_id"].to_list(), shown),
        confused=confused_pairs(truth, parts.test, shown),
        slices=found,
        abstention=held,
        figures=trust_figures(run.folder / "evaluation", measured, held, found),
    )


def parts_in_order(inputs: pl.DataFrame, ids: tuple[str, ...], text: str) -> list[str]:
    """The test texts in the order of the predictions, whose ids carry the name of their part."""
    cases = pl.DataFrame({"row_id": [each.removeprefix("test/") for each in ids]})
    return cases.join(inputs, on="row_id", maintain_order="left")[text].to_list()


def _properties(
    run: Run, texts: list[str], truth: Truth, sealed: pl.DataFrame
) -> dict[str, list[str | None]]:
    """What test rows have in common, by property: each row's value."""
    split, report = run.need(Split), run.need(DataReport)
    train = pl.read_parquet(run.folder / split.train.path)
    counts = dict(train.group_by(report.label.name).len().rows())
    often = np.array([counts.get(truth.labels[i], 0) for i in truth.indices], dtype=float)
    words = np.array([len(each.split()) for each in texts], dtype=float)
    near = nearness(texts, train[report.text.name].head(COMPARED_ROWS).to_list())
    found: dict[str, list[str | None]] = {
        "length": list(thirds(words, ("short", "medium", "long"))),
        "class in training": list(thirds(often, ("rare", "middling", "frequent"))),
        "text": ["new" if clean else "repeats a training row" for clean in truth.clean],
        "training data": list(thirds(near, ("far", "middling", "near"))),
        "language": told_languages(texts),
    }
    if split.test_columns is not None:
        columns = sealed.select("row_id").join(
            pl.read_parquet(run.folder / split.test_columns.path), on="row_id", maintain_order="left"
        )
        found |= {f"column:{name}": columns[name].to_list() for name in columns.columns if name != "row_id"}
    return found
