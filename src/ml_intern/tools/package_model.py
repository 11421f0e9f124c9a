"""Tool: pack the folder that is ready for the Hub."""

from pathlib import Path

from ml_intern.publishing.bundle import Example, make_bundle
from ml_intern.records.data import DataReport
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.jobs import Limits
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.tools.train_model import require_success
from ml_intern.training.script import FOLDER as SCRIPT
from ml_intern.workflow.workbench import Done, Workbench, tool

LIMITS = Limits(seconds=300)


@tool("package")
def package_model(bench: Workbench) -> Done:
    """Pack model, scripts, evaluation and a model card whose every number comes from a stored result."""
    run = bench.run
    trained, evaluation = run.need(TrainingRun), run.need(Evaluation)
    model = {Path(file.path).name: run.folder / file.path for file in trained.model}
    predict = {"predict.py": run.folder / SCRIPT / "predict.py"}
    example = _execute_example(bench, model | predict, run.need(DataReport))
    scripts = [Path(file.path).name for file in run.need(TrainingScript).files]
    contents = model | predict
    contents |= {f"training/{name}": run.folder / SCRIPT / name for name in [*scripts, "config.json"]}
    contents |= {f"evaluation/{Path(f.path).name}": run.folder / f.path for f in evaluation.figures}
    bundle = make_bundle(run.folder, run.artifacts(), contents, example, run.need(TaskSpec).data.licence)
    text = f"Packaged {len(bundle.files)} files; every number of the card is traced to a stored result."
    return Done(text, [bundle], [(EventName.MESSAGE, {"text": text})])


def _execute_example(bench: Workbench, files: dict[str, Path], report: DataReport) -> Example:
    """Run the card's example with the very files of the bundle. Its text is ours, not a row of the data."""
    largest = max(report.classes, key=lambda label: (sum(report.classes[label].values()), label))
    text = f"I have a question about {largest.replace('_', ' ').lower()}."
    result = bench.jobs("example", ["python", "predict.py", ".", "--text", text], files, LIMITS)
    require_success(result, "The inference example")
    return Example(text=text, output="\n".join(result.log_tail))
