"""The training plan: what will be run, what it will take, and what may be expected of it."""

from collections.abc import Sequence

from ml_intern.records.data import Split
from ml_intern.records.jobs import Hardware
from ml_intern.records.metrics import Metric, ScoredModel
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import (
    Baselines,
    Choice,
    Prediction,
    SmokeReport,
    TrainingPlan,
    TrainingScript,
)
from ml_intern.training.recipes import reasons

SECONDS_PER = {"minute": 60, "hour": 3600}
SPREAD = 2.0
"""How far a training may take longer or shorter than foretold: shared machines vary that much."""


def make_plan(
    spec: TaskSpec,
    script: TrainingScript,
    smoke: SmokeReport,
    baselines: Baselines,
    split: Split,
    hardware: Hardware,
    answers: Sequence[str],
) -> TrainingPlan:
    """Plan the training of `script`; `answers` are the reasons of earlier denials.

    The worst case is the price of the whole time limit, in micro-dollars, rounded up.

    Raises:
        ValueError: the hardware is priced in a unit that is not known.
    """
    linear = next(model for model in baselines.scores if model.name == "linear")
    minutes = _minutes(script, smoke, baselines)
    rows = split.rows
    return TrainingPlan(
        summary=f"Train the {script.recipe} recipe on {rows['train']} rows, choose among its "
        f"{len(script.config['C'])} candidates by {spec.selection_metric.words} on {rows['validation']} "
        f"validation rows, then score once on {rows['test']} sealed test rows.",
        hyperparameters=tuple(
            Choice(name=name, value=str(script.config[name]), reason=reason)
            for name, reason in reasons(script.recipe).items()
        ),
        checkpoints="after each candidate; the best by the validation metric is kept",
        backend="local",
        flavour=hardware.flavour,
        expected=_expected(linear, spec.selection_metric),
        minutes=minutes,
        memory_bytes=smoke.peak_memory_bytes,
        cost_micro_usd=price(hardware, minutes.value * 60),
        worst_case_micro_usd=price(hardware, spec.time_limit_seconds),
        time_limit_seconds=spec.time_limit_seconds,
        alternatives=("stop here and use the linear baseline",),
        notes=_notes(split),
        answers=tuple(answers),
        script_sha256=script.script_sha256,
        config_sha256=script.config_sha256,
        dataset_fingerprint=split.fingerprint,
    )


def price(hardware: Hardware, seconds: float) -> int:
    """What `seconds` cost in micro-dollars, rounded up.

    Raises:
        ValueError: the price's unit is not known; nothing may be launched then.
    """
    if hardware.unit not in SECONDS_PER:
        raise ValueError(f"unknown price unit {hardware.unit!r}")
    unit = SECONDS_PER[hardware.unit]
    return -(-hardware.micro_usd_per_unit * round(seconds) // unit)


def _expected(linear: ScoredModel, metric: Metric) -> Prediction:
    score = linear.scores[metric]
    return Prediction(
        value=score.value,
        low=score.low,
        high=score.high,
        basis=f"{metric.words} of the linear baseline on the validation split, 95 % interval; the "
        "model is of the same family, so about the same is expected",
    )


def _minutes(script: TrainingScript, smoke: SmokeReport, baselines: Baselines) -> Prediction:
    candidates = len(script.config["C"])
    fit = max(baselines.seconds - smoke.startup_seconds, 0.0)
    value = (smoke.startup_seconds + fit * candidates) / 60
    return Prediction(
        value=round(value, 3),
        low=round(value / SPREAD, 3),
        high=round(value * SPREAD, 3),
        basis=f"the linear baseline took {baselines.seconds:.1f} s for one candidate on the same rows here",
    )


def _notes(split: Split) -> tuple[str, ...]:
    notes = [f"left out: {count} rows, {reason}" for reason, count in split.excluded.items() if count]
    if split.repeated_test_rows:
        notes.append(
            f"{len(split.repeated_test_rows)} test rows repeat training rows; every score is reported "
            "with and without them"
        )
    return tuple(notes)
