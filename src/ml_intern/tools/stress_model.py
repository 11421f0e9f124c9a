"""Tool: try the model on texts that were made to be hard."""

import time
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.data.masking import mask
from ml_intern.evaluation.predictions import Predictions, read_predictions
from ml_intern.evaluation.sureness import held_back
from ml_intern.records.data import DataReport, Split
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.jobs import Limits
from ml_intern.records.runs import EventName
from ml_intern.records.spec import AnswerRule
from ml_intern.records.stress import CapabilityResult, StressReport
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.stress.answers import answers
from ml_intern.stress.keep import write_cases
from ml_intern.stress.material import Material
from ml_intern.stress.suite import make_suite, show
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.train_model import model_inputs, require_success
from ml_intern.training.script import file_ref, script_inputs
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool

LIMITS = Limits(seconds=1800)
FOLDER = "stress"
LONGEST = 400
"""Characters of an example."""


@tool("stress")
def stress_model(bench: Workbench) -> Done:
    """Try negation, typos, nonsense and more in the sandbox, and judge the answers here."""
    began = time.monotonic()
    run = bench.run
    seed, labels = run.need(Split).seed, run.need(Split).labels
    material = _material(run)
    suite = make_suite(material)
    ids = [f"text-{number}" for number in range(len(suite.texts))]
    path = run.folder / FOLDER / "texts.parquet"
    path.parent.mkdir(exist_ok=True)
    config = run.need(TrainingScript).config
    columns = {config["id_column"]: ids, config["text_column"]: suite.texts}
    pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).write_parquet(path)
    predictions = read_predictions(_predict(bench, path), ids, labels)
    given = answers(suite.texts, predictions.probabilities, labels, kept_back(run, predictions))
    shown = show(suite, given)
    rule = run.sha256(AnswerRule) or ""
    # Those of other models are kept, to be compared with.
    name = f"cases-{run.need(TrainingRun).config_sha256[:8]}-{rule[:8]}.parquet"
    report = StressReport(
        capabilities=tuple(_shown(each) for each in shown.capabilities),
        words=shown.words,
        convictions=shown.convictions,
        rows=len(material.texts),
        texts=len(suite.texts),
        cases=file_ref(write_cases(shown.cases, run.folder / FOLDER / name), run.folder),
        seed=seed,
        verdict=shown.verdict,
        seconds=round(time.monotonic() - began, 3),
    )
    tried = [each for each in shown.capabilities if each.applies]
    text = f"Tried {sum(each.cases for each in tried):,} cases of {len(tried)} capabilities. {shown.verdict}"
    return Done(text, [report], [(EventName.MESSAGE, {"text": text})])


def _shown(result: CapabilityResult) -> CapabilityResult:
    """With personal data in the examples masked, and long ones cut: they go into the report."""
    examples = (
        case.model_copy(update={"text": mask(case.text[:LONGEST]), "original": mask(case.original[:LONGEST])})
        for case in result.examples
    )
    return result.model_copy(update={"examples": tuple(examples)})


def _material(run: Run) -> Material:
    """The test rows; their labels are read here and decide which rows are taken, and nothing else is told."""
    split, report = run.need(Split), run.need(DataReport)
    sealed = pl.read_parquet(run.folder / split.sealed_test.path)
    inputs = pl.read_parquet(run.folder / split.test_inputs.path)
    id_column = run.need(TrainingScript).config["id_column"]
    rows = sealed.join(inputs, left_on="test_case_id", right_on=id_column, maintain_order="left")
    texts, truths = rows[report.text.name].to_list(), rows[report.label.name].to_list()
    return Material.of(texts, truths, split.labels, split.seed)


def kept_back(run: Run, predictions: Predictions) -> NDArray[np.bool_] | None:
    """Which texts the packaged model will answer UNKNOWN."""
    abstention = run.need(Evaluation).abstention
    if abstention is None or run.need(AnswerRule).unknown.coverage == 1:
        return None
    return held_back(predictions, abstention.chosen.value, abstention.threshold)


def _predict(bench: Workbench, texts: Path) -> Path:
    run = bench.run
    inputs = {
        "predict.py": script_inputs(run.need(TrainingScript), run.folder)["predict.py"],
        "data/texts.parquet": texts,
    }
    inputs |= {
        f"model/{name}": path for name, path in model_inputs(run.need(TrainingRun), run.folder).items()
    }
    command = ["python", "predict.py", "model", "data/texts.parquet", "outputs/predictions.parquet"]
    result = bench.jobs("stress", command, inputs, LIMITS, mounts_of(bench))
    require_success(result, "Answering the stress suite")
    return Path(result.outputs) / "predictions.parquet"
