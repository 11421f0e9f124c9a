"""One job that predicts all that an evaluation needs: test, validation, training rows, texts of no class."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ml_intern.data.load import load
from ml_intern.evaluation.predictions import Predictions, read_predictions
from ml_intern.records.base import FileRef
from ml_intern.records.data import DataReport, Split
from ml_intern.records.display import listing
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.records.jobs import Limits
from ml_intern.records.spec import DataSource, TaskSpec
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.train_model import model_inputs, require_success
from ml_intern.training.sample import sample_rows
from ml_intern.training.script import file_ref, script_inputs
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Workbench

LIMITS = Limits(seconds=3600)
TRAINING_ROWS = 3000
"""Training rows whose embeddings say where the classes lie: enough for 150 classes and 768 dimensions."""
FEATURES = "--features"
ID = "row_id"


@dataclass(frozen=True)
class Parts:
    """Predictions by part, each in the order of its rows; `training` and `unknown` may be empty.

    `file` holds those of the test split alone.
    """

    test: Predictions
    validation: Predictions
    training: Predictions
    training_labels: tuple[str, ...]
    unknown: Predictions
    file: FileRef


def predict_parts(bench: Workbench, ids: list[str]) -> Parts:
    """Run the model's predict.py once over all parts; the labels of none of them are among its inputs.

    `ids` are the test cases in the order in which they are wanted.
    """
    run = bench.run
    folder, spec, split = run.folder, run.need(TaskSpec), run.need(Split)
    text, label = run.need(DataReport).text.name, run.need(DataReport).label.name
    scripts = script_inputs(run.need(TrainingScript), folder)
    options = [FEATURES] if FEATURES in scripts["predict.py"].read_text(encoding="utf-8") else []
    wanted = min(TRAINING_ROWS, split.rows["train"]) if options else 0
    train = sample_rows(folder / split.train.path, label, wanted, spec.seed) if wanted else pl.DataFrame()
    inputs = pl.read_parquet(folder / split.test_inputs.path)
    frames = {
        # In the order of the sealed labels: without it every score would be that of shuffled answers.
        "test": pl.DataFrame({ID: ids}).join(inputs, on=ID, maintain_order="left"),
        "validation": pl.read_parquet(folder / split.validation.path),
        "train": train,
        "unknown": unknown_texts(spec.unknown_data, text),
    }
    asked = pl.concat(
        frame.select(pl.format(f"{part}/{{}}", ID).alias(ID), text)
        for part, frame in frames.items()
        if frame.height
    )
    place = folder / "evaluation-inputs.parquet"
    asked.write_parquet(place)
    files = {"predict.py": scripts["predict.py"], "data/inputs.parquet": place}
    files |= {f"model/{name}": path for name, path in model_inputs(run.need(TrainingRun), folder).items()}
    command = [
        "python",
        "predict.py",
        "model",
        "data/inputs.parquet",
        "outputs/predictions.parquet",
        *options,
    ]
    result = bench.jobs("evaluate", command, files, LIMITS, mounts_of(bench))
    require_success(result, "Predicting the test split")
    path = Path(result.outputs) / "predictions.parquet"
    found = read_predictions(path, asked[ID].to_list(), split.labels)
    cut = _cut(found, [frame.height for frame in frames.values()])
    training_labels = tuple(train[label].to_list()) if wanted else ()
    return Parts(cut[0], cut[1], cut[2], training_labels, cut[3], _keep(run, ids, cut[0]))


def _cut(found: Predictions, heights: list[int]) -> list[Predictions]:
    ends = [sum(heights[: i + 1]) for i in range(len(heights))]
    return [found.part(end - height, end) for end, height in zip(ends, heights, strict=True)]


def _keep(run: Run, ids: list[str], test: Predictions) -> FileRef:
    """The test predictions as read and checked, under the ids of the test cases."""
    columns: dict[str, object] = {
        ID: ids,
        "label": [test.labels[i] for i in test.answers],
        "probabilities": pl.Series(test.probabilities.tolist(), dtype=pl.List(pl.Float64)),
    }
    if test.energy is not None:
        columns["energy"] = test.energy
    path = run.folder / "evaluation" / f"predictions-{run.need(TrainingRun).config_sha256[:8]}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(columns).write_parquet(path)
    return file_ref(path, run.folder)


def unknown_texts(source: DataSource | None, column: str) -> pl.DataFrame:
    """The texts of no class that the user gave, every row that has one.

    Raises:
        InternError: the file was changed since the task was accepted.
        UsageProblem: it is not clear which column holds the texts.
    """
    if source is None:
        return pl.DataFrame()
    tables = load(Path(source.location))
    if tables.fingerprint != source.sha256:
        raise InternError(
            f"The texts of no class in {source.location} were changed after the task was accepted.",
            "Start a new run with them as they are now.",
        )
    chosen = next((name for name in (column, "text") if name in tables.columns), None)
    if chosen is None and len(tables.columns) == 1:
        chosen = tables.columns[0]
    if chosen is None:
        raise UsageProblem(
            f"The texts of no class need a column '{column}'; there are: {listing(sorted(tables.columns))}.",
            "Rename the column that holds the texts.",
        )
    texts = pl.concat([table.frame[chosen].cast(pl.String).alias(column) for table in tables.items])
    kept = texts.drop_nulls().to_frame().filter(pl.col(column).str.strip_chars() != "")
    return kept.with_columns(pl.int_range(pl.len()).cast(pl.String).alias(ID))
