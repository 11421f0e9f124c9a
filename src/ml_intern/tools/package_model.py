"""Tool: pack the folder that is ready for the Hub."""

from pathlib import Path

from ml_intern.publishing.bundle import Example, make_bundle
from ml_intern.records.data import DataReport
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.jobs import Limits
from ml_intern.records.research import ModelChoice
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.train_model import model_inputs, require_success
from ml_intern.training.script import FOLDER as SCRIPT
from ml_intern.training.script import write_config
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool

LIMITS = Limits(seconds=300)


@tool("package")
def package_model(bench: Workbench) -> Done:
    """Pack model, scripts, evaluation and a model card whose every number comes from a stored result."""
    run = bench.run
    trained, evaluation = run.need(TrainingRun), run.need(Evaluation)
    model = model_inputs(trained, run.folder)
    predict = {"predict.py": run.folder / SCRIPT / "predict.py"}
    example = _execute_example(bench, model | predict, run.need(DataReport))
    scripts = [Path(file.path).name for file in run.need(TrainingScript).files]
    contents = model | predict
    contents |= {f"training/{name}": run.folder / SCRIPT / name for name in scripts}
    contents["training/config.json"] = _portable_config(run)
    figures = (*evaluation.figures, *trained.figures)
    contents |= {f"evaluation/{Path(f.path).name}": run.folder / f.path for f in figures}
    bundle = make_bundle(run.folder, run.artifacts(), contents, example, run.need(TaskSpec).data.licence)
    text = f"Packaged {len(bundle.files)} files; every number of the card is traced to a stored result."
    return Done(text, [bundle], [(EventName.MESSAGE, {"text": text})])


def _portable_config(run: Run) -> Path:
    """The config with the base model's own name, since nobody else has our mount."""
    config = dict(run.need(TrainingScript).config)
    base = run.need(ModelChoice).base_model
    if base is not None:
        config["base_model"] = base.name
        config["base_revision"] = None if base.revision.startswith("sha256:") else base.revision
    return write_config(config, run.folder / "portable" / "config.json")


def _execute_example(bench: Workbench, files: dict[str, Path], report: DataReport) -> Example:
    """Run the card's example with the very files of the bundle. Its text is ours, not a row of the data."""
    largest = max(report.classes, key=lambda label: (sum(report.classes[label].values()), label))
    text = f"I have a question about {largest.replace('_', ' ').lower()}."
    result = bench.jobs(
        "example", ["python", "predict.py", ".", "--text", text], files, LIMITS, mounts_of(bench)
    )
    require_success(result, "The inference example")
    return Example(text=text, output="\n".join(result.log_tail))
