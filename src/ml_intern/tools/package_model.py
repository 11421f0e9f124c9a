"""Tool: pack the folder that is ready for the Hub."""

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from ml_intern.publishing.bundle import SERVE, USAGE, Example, make_bundle
from ml_intern.records.data import DataReport
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.jobs import Limits
from ml_intern.records.research import DatasetChoice, ModelChoice
from ml_intern.records.runs import EventName
from ml_intern.records.spec import AnswerRule
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.train_model import model_inputs, require_success
from ml_intern.training.script import FOLDER as SCRIPT
from ml_intern.training.script import write_config
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool

LIMITS = Limits(seconds=300)
SETTINGS = ("intern.json", "config.json")
"""Where predict.py of a recipe keeps what it needs to know; the first that a model has."""


@tool("package")
def package_model(bench: Workbench) -> Done:
    """Pack model, scripts, evaluation and a model card whose every number comes from a stored result."""
    run = bench.run
    trained, evaluation = run.need(TrainingRun), run.need(Evaluation)
    model = with_unknown(run, model_inputs(trained, run.folder))
    predict = {"predict.py": run.folder / SCRIPT / "predict.py"}
    example = _execute_example(bench, model | predict, run.need(DataReport))
    scripts = [Path(file.path).name for file in run.need(TrainingScript).files]
    contents = model | predict | ({SERVE: USAGE / SERVE} if example.served else {})
    contents |= {f"training/{name}": run.folder / SCRIPT / name for name in scripts}
    contents["training/config.json"] = _portable_config(run)
    figures = (*evaluation.figures, *trained.figures)
    contents |= {f"evaluation/{Path(f.path).name}": run.folder / f.path for f in figures}
    licence = model_licence(run)
    bundle = make_bundle(run.folder, run.artifacts(), contents, example, licence)
    text = f"Packaged {len(bundle.files)} files; every number of the card is traced to a stored result."
    return Done(text, [bundle], [(EventName.MESSAGE, {"text": text})])


def model_licence(run: Run) -> str:
    """The licence that the model is to have: the chosen one, else that of the data."""
    return run.request.model_licence or run.need(DatasetChoice).licence


def with_unknown(run: Run, model: dict[str, Path]) -> dict[str, Path]:
    """The model's files, its settings with the threshold of the UNKNOWN answer; the trained ones stay.

    Unchanged where nothing was fitted, nothing is to be held back, or a changed script has no such settings.
    """
    abstention, unknown = run.need(Evaluation).abstention, run.need(AnswerRule).unknown
    name = next((each for each in SETTINGS if each in model), None)
    if abstention is None or name is None or unknown.coverage == 1:
        return model
    try:
        settings = json.loads(model[name].read_text(encoding="utf-8"))
    except ValueError:
        return model
    if not isinstance(settings, dict):
        return model
    settings["unknown"] = {
        "label": unknown_label(run.need(Evaluation).labels),
        "score": abstention.chosen.value,
        "threshold": abstention.threshold,
        "target": abstention.target,
    }
    return model | {name: write_config(settings, run.folder / "portable" / "model" / name)}


def unknown_label(labels: Sequence[str]) -> str:
    """What stands for no class: UNKNOWN, unless a class is called so."""
    return next(name for name in ("UNKNOWN", "NO KNOWN CLASS", "[UNKNOWN]") if name not in labels)


def _portable_config(run: Run) -> Path:
    """The config with the base model's own name, since nobody else has our mount."""
    config = dict(run.need(TrainingScript).config)
    base = run.need(ModelChoice).base_model
    if base is not None:
        config["base_model"] = base.name
        config["base_revision"] = None if base.revision.startswith("sha256:") else base.revision
    return write_config(config, run.folder / "portable" / "config.json")


def _execute_example(bench: Workbench, files: dict[str, Path], report: DataReport) -> Example:
    """Run the card's examples with the very files of the bundle. Their text is ours, no row of the data."""
    largest = max(report.classes, key=lambda label: (sum(report.classes[label].values()), label))
    text = f"I have a question about {harmless(largest)}."
    script = bench.run.need(TrainingScript)
    ways = ["--pipeline"] if script.recipe == "encoder" else []
    inputs = files | {name: USAGE / name for name in (SERVE, "examples.py")}
    result = bench.jobs("example", ["python", "examples.py", text, *ways], inputs, LIMITS, mounts_of(bench))
    require_success(result, "The inference example")
    said = json.loads((Path(result.outputs) / "examples.json").read_text(encoding="utf-8"))
    return Example(text=text, **said)


def harmless(label: str) -> str:
    """The words of a label, in lower case, with nothing in them that a shell would act on."""
    kept = (c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else " " for c in label.lower())
    return " ".join("".join(kept).split())[:80].strip() or "something"
