"""Tool: what trivial and linear models reach, before anything else is trained."""

from pathlib import Path

import polars as pl

from ml_intern.evaluation.baselines import majority_label, majority_predictions
from ml_intern.evaluation.intervals import score_all
from ml_intern.evaluation.predictions import Predictions, read_predictions
from ml_intern.evaluation.truth import Truth
from ml_intern.records.data import DataReport, Split
from ml_intern.records.jobs import Limits
from ml_intern.records.metrics import Metric, ScoredModel
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines
from ml_intern.tools.draft_script import make_config
from ml_intern.tools.train_model import require_success, split_inputs
from ml_intern.training.recipes import recipe_files
from ml_intern.training.script import tree_refs, write_config
from ml_intern.workflow.workbench import Done, Workbench, tool

STRENGTH = 1.0
"""The one C of the baseline: scikit-learn's default, chosen beforehand."""


@tool("baseline")
def run_baselines(bench: Workbench) -> Done:
    """Score always-the-most-frequent-class and a linear model on the validation split."""
    run = bench.run
    spec, report, split = run.need(TaskSpec), run.need(DataReport), run.need(Split)
    config = make_config("linear", spec, report, {"C": [STRENGTH]})
    inputs = recipe_files("linear") | split_inputs(run.folder)
    inputs["config.json"] = write_config(config, run.folder / "baseline" / "config.json")
    limits = Limits(seconds=spec.time_limit_seconds)
    result = bench.jobs("baseline", ["python", "train.py", "config.json"], inputs, limits)
    require_success(result, "The linear baseline")
    outputs = Path(result.outputs)

    label = report.label.name
    train_labels = pl.read_parquet(run.folder / split.train.path)[label].to_list()
    validation = pl.read_parquet(run.folder / split.validation.path)
    ids = validation["row_id"].to_list()
    truth = Truth.of(validation[label].to_list(), split.labels, [True] * len(ids))
    models = {
        "majority": majority_predictions(train_labels, ids, split.labels),
        "linear": read_predictions(outputs / "predictions-validation.parquet", ids, split.labels),
    }
    scores = tuple(_scored(name, truth, each, spec.seed) for name, each in models.items())
    same = spec.method == "linear"
    baselines = Baselines(
        scores=scores,
        majority_label=majority_label(train_labels),
        linear_model=tree_refs(outputs / "model", run.folder),
        note=_note(same),
        seconds=result.status.seconds,
    )
    text = "On validation: " + ", ".join(_words(model, spec.selection_metric) for model in scores) + "."
    return Done(text, [baselines], [(EventName.MESSAGE, {"text": text})])


def _scored(name: str, truth: Truth, predictions: Predictions, seed: int) -> ScoredModel:
    scores = score_all(truth.confusion(predictions), tuple(Metric), seed)
    return ScoredModel(name=name, rows=len(truth.indices), scores=scores)


def _note(same_family: bool) -> str:
    note = "The linear baseline is word and character TF-IDF with a linear model at its default strength."
    if same_family:
        note += (
            " The trained model is of the same kind; only its strength was chosen on the validation split."
        )
    return note


def _words(model: ScoredModel, metric: Metric) -> str:
    found = model.scores[metric]
    return f"{model.name} {metric.words} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
