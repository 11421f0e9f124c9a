"""The training: its curves, the checks before it, and the bugs that were mended."""

import json
from dataclasses import dataclass

from ml_intern.records.metrics import Metric
from ml_intern.records.training import Repair, SmokeReport, TrainingRun, TrainingScript
from ml_intern.records.words import setting
from ml_intern.reporting.charts.curves import LOSSES, SCORES, Chart, chart, unit
from ml_intern.reporting.dossier import Dossier


@dataclass(frozen=True)
class Setting:
    """One setting of the script, its value as JSON."""

    name: str
    value: str


@dataclass(frozen=True)
class Training:
    """The section on script, smoke test and training; what was not reached is None or empty."""

    script: TrainingScript
    settings: tuple[Setting, ...]
    smoke: SmokeReport | None
    repairs: tuple[Repair, ...]
    run: TrainingRun | None
    selection: str
    unit: str
    charts: tuple[Chart, ...]


def training(dossier: Dossier) -> Training | None:
    """The section on the training; None until a script was drafted."""
    script = dossier.get(TrainingScript)
    if script is None:
        return None
    smoke, run = dossier.get(SmokeReport), dossier.get(TrainingRun)
    return Training(
        script=script,
        settings=tuple(
            Setting(
                name, setting(value) if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
            )
            for name, value in sorted(script.config.items())
        ),
        smoke=smoke,
        repairs=smoke.repairs if smoke else script.repairs,
        run=run,
        selection=Metric(run.selection_metric).words if run else "",
        unit=unit(run.curve) if run else "",
        charts=_charts(run) if run else (),
    )


def _charts(run: TrainingRun) -> tuple[Chart, ...]:
    drawn = (
        chart("Loss", run.curve, LOSSES, run.best_step, from_zero=True),
        chart("Scores on the validation split", run.curve, SCORES, run.best_step, from_zero=False),
    )
    return tuple(each for each in drawn if each)
