"""How to do it again: the command, the data's fingerprint, the versions."""

from dataclasses import dataclass

from ml_intern.records.data import DataFile, DataReport, Split
from ml_intern.records.jobs import HERE
from ml_intern.records.money import MICRO
from ml_intern.records.research import DatasetChoice, ModelChoice, data_in_use
from ml_intern.records.runs import RunRequest
from ml_intern.records.shell import command_line
from ml_intern.records.spec import AnswerRule, DataSource, PretrainedModel, TaskSpec
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.reporting.dossier import Dossier


@dataclass(frozen=True)
class Reproduction:
    """The section on doing it again; what was not reached is None or empty."""

    command: str
    sha256: str
    seed: int
    location: str
    fingerprint: str
    unknown: DataSource | None
    files: tuple[DataFile, ...]
    split: Split | None
    script: TrainingScript | None
    base_model: PretrainedModel | None
    versions: tuple[tuple[str, str], ...]


def reproduction(dossier: Dossier) -> Reproduction:
    """The section on doing it again."""
    spec, report = dossier.get(TaskSpec), dossier.get(DataReport)
    data = data_in_use(spec, dossier.get(DatasetChoice)) if spec else None
    model, run = dossier.get(ModelChoice), dossier.get(TrainingRun)
    versions = sorted(run.versions.items()) if run else []
    return Reproduction(
        command=command(dossier.run.request, spec, data, dossier.get(AnswerRule)),
        sha256=next((v.sha256 for v in dossier.versions if v.current and v.kind == TaskSpec.kind), ""),
        seed=dossier.run.request.seed,
        location=data.location if data else "",
        fingerprint=data.sha256 if data else "",
        unknown=spec.unknown_data if spec else None,
        files=report.files if report else (),
        split=dossier.get(Split),
        script=dossier.get(TrainingScript),
        base_model=model.base_model if model else None,
        versions=(("ml-intern", dossier.product.rpartition(" ")[2]), *versions),
    )


def command(
    request: RunRequest, spec: TaskSpec | None, data: DataSource | None = None, rule: AnswerRule | None = None
) -> str:
    """The command that leads to the same task, on one line and quoted for a shell; `data` is what was chosen.

    `rule` is what the UNKNOWN answer is fitted for, where an improvement may have changed it. Permissions
    that were given once (`--approve`, `--no-sandbox`, `--publish`) are left out: who runs it again is asked
    again. A budget is part of the task.
    """
    data = data or (spec.data if spec else None)
    unknown = rule.unknown if rule and spec and rule.unknown != spec.unknown else request.unknown
    options = {
        "--data": data.name if data else request.data,
        "--text": request.text_column,
        "--label": request.label_column,
        "--base-model": _base_model(request, spec),
        "--compute": ",".join(place.words for place in request.compute) if request.compute != HERE else None,
        "--budget": _budget(request, spec),
        "--time-limit": _number(request.time_limit_seconds / 60) if request.time_limit_seconds else None,
        "--unknown": unknown.option if unknown else None,
        "--unknown-data": spec.unknown_data.location if spec and spec.unknown_data else request.unknown_data,
        "--seed": str(request.seed),
        "--licence": None if request.licence == "unknown" else request.licence,
        "--model-licence": request.model_licence,
    }
    return command_line(["ml-intern", "run", spec.sentence if spec else request.sentence], options)


def _budget(request: RunRequest, spec: TaskSpec | None) -> str | None:
    """What `--budget` said. Older versions stored 0 where it said nothing: then the sentence may name one."""
    said = request.budget_micro_usd
    if said is None or (said == 0 and spec and spec.budget_micro_usd):
        return None
    return f"{said / MICRO:.6f}"


def _number(value: float) -> str:
    return str(round(value)) if value == round(value) else repr(value)


def _base_model(request: RunRequest, spec: TaskSpec | None) -> str | None:
    """The base model as precisely as a command can name it: a Hub model at its commit, a folder by path."""
    base = spec.base_model if spec else None
    if base is None:
        return request.base_model
    if not base.revision.startswith("sha256:"):
        return f"{base.name}@{base.revision}"
    if request.base_model is None:
        return None  # the sentence names it
    return base.name if "/" in base.name else base.folder
