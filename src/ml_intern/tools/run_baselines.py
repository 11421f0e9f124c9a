"""Tool: what trivial and linear models reach, before anything else is trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.evaluation.baselines import majority_label, majority_predictions
from ml_intern.evaluation.intervals import score_all
from ml_intern.evaluation.predictions import Predictions, read_predictions
from ml_intern.evaluation.truth import Truth
from ml_intern.records.data import DataReport, Split
from ml_intern.records.jobs import Limits
from ml_intern.records.metrics import Metric, ScoredModel
from ml_intern.records.research import ModelChoice
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines, FittedBaseline
from ml_intern.tools.draft_script import make_config
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.train_model import require_success, split_inputs
from ml_intern.training.recipes import recipe_files
from ml_intern.training.sample import sample_rows
from ml_intern.training.script import tree_refs, write_config
from ml_intern.workflow.workbench import Done, Workbench, tool

SETTINGS: Final = {"linear": {"C": [1.0]}, "probe": {"C": [10.0]}}
"""One strength each, chosen beforehand: scikit-learn's default, and ten times that for the embeddings,
whose length is 1."""
PROBE_ROWS = 5000
"""The probe is fitted on at most so many training rows: what the encoder knows, in a minute or so."""

LIMITS = Limits(seconds=1800)


@tool("baseline")
def run_baselines(bench: Workbench) -> Done:
    """Score always-the-most-frequent-class, a linear model and, before fine-tuning, the frozen encoder."""
    run = bench.run
    spec, report, split = run.need(TaskSpec), run.need(DataReport), run.need(Split)
    recipes = ("linear", "probe") if spec.method == "encoder" else ("linear",)
    label = report.label.name
    train_labels = pl.read_parquet(run.folder / split.train.path)[label].to_list()
    validation = pl.read_parquet(run.folder / split.validation.path)
    ids = validation["row_id"].to_list()
    truth = Truth.of(validation[label].to_list(), split.labels, [True] * len(ids))
    models = {"majority": majority_predictions(train_labels, ids, split.labels)}
    fitted = []
    for recipe in recipes:
        baseline, predictions = _fit(bench, recipe)
        fitted.append(baseline)
        models[recipe] = read_predictions(predictions, ids, split.labels)
    scores = tuple(_scored(name, truth, each, spec.seed) for name, each in models.items())
    baselines = Baselines(
        scores=scores,
        majority_label=majority_label(train_labels),
        models=tuple(fitted),
        note=_note(spec.method, fitted, split.rows["train"]),
        seconds=sum(each.seconds for each in fitted),
    )
    text = "On validation: " + ", ".join(_words(model, spec.selection_metric) for model in scores) + "."
    return Done(text, [baselines], [(EventName.MESSAGE, {"text": text})])


def _fit(bench: Workbench, recipe: str) -> tuple[FittedBaseline, Path]:
    """Fit a recipe at its one strength; the model and its predictions for the validation split."""
    run = bench.run
    spec, report, split = run.need(TaskSpec), run.need(DataReport), run.need(Split)
    folder = run.folder / "baseline" / recipe
    base = run.need(ModelChoice).base_model
    config = make_config(recipe, spec, report, base, SETTINGS[recipe])
    inputs = recipe_files(recipe) | split_inputs(run.folder)
    inputs["config.json"] = write_config(config, folder / "config.json")
    rows = split.rows["train"]
    if recipe == "probe" and rows > PROBE_ROWS:
        rows = PROBE_ROWS
        inputs["data/train.parquet"] = folder / "train.parquet"
        sample_rows(run.folder / split.train.path, report.label.name, rows, spec.seed).write_parquet(
            inputs["data/train.parquet"]
        )
    mounts = mounts_of(bench) if recipe == "probe" else {}
    purpose = "baseline" if recipe == "linear" else f"baseline-{recipe}"
    result = bench.jobs(purpose, ["python", "train.py", "config.json"], inputs, LIMITS, mounts)
    require_success(result, f"The {recipe} baseline")
    outputs = Path(result.outputs)
    baseline = FittedBaseline(
        name=recipe,
        folder=(outputs / "model").relative_to(run.folder).as_posix(),
        model=tree_refs(outputs / "model", run.folder),
        train_rows=rows,
        seconds=result.status.seconds,
    )
    return baseline, outputs / "predictions-validation.parquet"


def _scored(name: str, truth: Truth, predictions: Predictions, seed: int) -> ScoredModel:
    scores = score_all(truth.confusion(predictions), tuple(Metric), seed)
    return ScoredModel(name=name, rows=len(truth.indices), scores=scores)


def _note(method: str, fitted: Sequence[FittedBaseline], rows: int) -> str:
    note = "The linear baseline is word and character TF-IDF with a linear model at its default strength."
    if method == "linear":
        note += (
            " The trained model is of the same kind; only its strength was chosen on the validation split."
        )
    for each in fitted:
        if each.name == "probe":
            part = "all" if each.train_rows == rows else f"{each.train_rows} of the"
            note += (
                f" The probe is the same encoder, frozen, with a linear head fitted on {part} {rows} rows."
            )
    return note


def _words(model: ScoredModel, metric: Metric) -> str:
    found = model.scores[metric]
    return f"{model.name} {metric.words} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
