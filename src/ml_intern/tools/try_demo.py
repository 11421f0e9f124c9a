"""Tool: try the packaged model with texts of our own, for the examples of its demo."""

from pathlib import Path

import polars as pl

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.publishing.demo import candidates
from ml_intern.records.data import DataReport
from ml_intern.records.demo import Demo, DemoExample
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.jobs import Limits
from ml_intern.records.training import TrainingRun
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.package_model import unknown_label
from ml_intern.tools.stress_model import kept_back
from ml_intern.tools.train_model import model_inputs, require_success
from ml_intern.workflow.workbench import Done, Workbench, tool

LIMITS = Limits(seconds=300)


@tool("demo")
def try_demo(bench: Workbench) -> Done:
    """Let the packaged model answer texts made from the names of classes, none of the data."""
    run = bench.run
    labels = run.need(Evaluation).labels
    unknown = unknown_label(labels)
    tried = candidates(labels)
    ids = [str(place) for place in range(len(tried))]
    place = run.folder / "demo-texts.parquet"
    pl.DataFrame(
        {"row_id": ids, run.need(DataReport).text.name: [each.text for each in tried]}
    ).write_parquet(place)
    predictions = read_predictions(_answer(bench, place), ids, labels)
    held = kept_back(run, predictions)
    examples = tuple(
        DemoExample(
            text=each.text,
            expected=each.label or unknown,
            answer=unknown if held is not None and held[row] else labels[predictions.answers[row]],
            probability=round(float(predictions.probabilities[row].max()), 4),
        )
        for row, each in enumerate(tried)
    )
    right = sum(each.expected == each.answer for each in examples)
    text = f"Tried {len(examples)} texts for the demo; {right} came out as expected."
    return Done(text, [Demo(examples=examples)])


def _answer(bench: Workbench, texts: Path) -> Path:
    run = bench.run
    bundle = run.folder / "bundle"
    names = model_inputs(run.need(TrainingRun), run.folder)
    inputs = {f"model/{name}": bundle / name for name in names}
    inputs |= {"predict.py": bundle / "predict.py", "data/texts.parquet": texts}
    command = ["python", "predict.py", "model", "data/texts.parquet", "outputs/predictions.parquet"]
    result = bench.jobs("demo", command, inputs, LIMITS, mounts_of(bench))
    require_success(result, "Answering the texts of the demo")
    return Path(result.outputs) / "predictions.parquet"
