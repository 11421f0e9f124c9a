"""The training plan: what will be run, what it will take, and what may be expected of it."""

from collections.abc import Sequence

from ml_intern.ports.compute import Site
from ml_intern.records.data import Split
from ml_intern.records.jobs import NO_SANDBOX, SECONDS_PER, UNSANDBOXED, Hardware
from ml_intern.records.spec import PretrainedModel, TaskSpec
from ml_intern.records.training import (
    Baselines,
    Choice,
    Prediction,
    SmokeReport,
    TrainingPlan,
    TrainingScript,
)
from ml_intern.records.words import dollars, setting, storage
from ml_intern.training.estimate import expected_score, minutes
from ml_intern.training.recipes import reasons


def make_plan(
    spec: TaskSpec,
    script: TrainingScript,
    smoke: SmokeReport,
    baselines: Baselines,
    split: Split,
    site: Site,
    longest: int,
    base: PretrainedModel | None,
    answers: Sequence[str],
    before: TrainingPlan | None,
) -> TrainingPlan:
    """Plan the training of `script` at `site`, in at most `longest` seconds.

    `answers` are the reasons of earlier denials, `before` the last plan. The worst case is the price of all
    of `longest`, in micro-dollars, rounded up.

    Raises:
        ValueError: the hardware is priced in a unit that is not known.
    """
    taken = minutes(script, smoke, baselines, split, site)
    cost = site.hardware.cost(taken.value * 60)
    now = {
        "where": site.place.words,
        "minutes": f"{taken.value:.1f}",
        "cost": dollars(cost),
        "memory": storage(smoke.peak_memory_bytes),
    }
    return TrainingPlan(
        summary=_summary(spec, script, base, split.rows),
        hyperparameters=tuple(
            Choice(name=name, value=setting(script.config[name]), reason=reason)
            for name, reason in reasons(script.recipe).items()
            if script.config.get(name) not in (None, [])
        ),
        checkpoints=_checkpoints(script),
        backend=site.backend,
        flavour=site.hardware.flavour,
        account=site.account,
        expected=expected_score(script, baselines, spec.selection_metric),
        minutes=taken,
        memory_bytes=smoke.peak_memory_bytes,
        cost_micro_usd=cost,
        worst_case_micro_usd=site.hardware.cost(longest),
        time_limit_seconds=longest,
        alternatives=("stop here and use the linear baseline",),
        notes=(*_late(taken, longest), *_unprotected(site), *_elsewhere(site, split), *_notes(split)),
        answers=tuple(answers),
        changes=_changes(script, now, before),
        script_sha256=script.script_sha256,
        config_sha256=script.config_sha256,
        dataset_fingerprint=split.fingerprint,
    )


def affordable_seconds(hardware: Hardware, spec: TaskSpec) -> int:
    """The longest training that both the time limit and the budget allow, in seconds.

    Raises:
        ValueError: the price is not understood; nothing may be launched then.
    """
    hardware.cost(0)
    if hardware.micro_usd_per_unit == 0:
        return spec.time_limit_seconds
    paid = spec.budget_micro_usd * SECONDS_PER[hardware.unit] // hardware.micro_usd_per_unit
    return min(spec.time_limit_seconds, paid)


def _summary(
    spec: TaskSpec, script: TrainingScript, base: PretrainedModel | None, rows: dict[str, int]
) -> str:
    how = (
        f"Fine-tune {base.name}"
        if base and script.recipe == "encoder"
        else f"Train the {script.recipe} recipe"
    )
    among = (
        f"its {len(script.config['C'])} candidates"
        if "C" in script.config
        else f"{script.config['epochs']} epochs"
    )
    left_out = len(script.config.get("left_out_rows", ()))
    return (
        f"{how} on {rows['train'] - left_out} rows, choose among {among} by {spec.selection_metric.words} on "
        f"{rows['validation']} validation rows, then score once on {rows['test']} sealed test rows."
    )


def _changes(script: TrainingScript, now: dict[str, str], before: TrainingPlan | None) -> tuple[str, ...]:
    """What is different from the plan before, settings first, then what follows from them."""
    if before is None:
        return ()
    old = {choice.name: choice.value for choice in before.hyperparameters}
    new = {name: setting(script.config[name]) for name in reasons(script.recipe) if name in script.config}
    settings = [
        f"{name}: {old.get(name, 'none')} → {new[name]}" for name in new if old.get(name, "none") != new[name]
    ]
    then = {
        "where": before.place.words,
        "minutes": f"{before.minutes.value:.1f}",
        "cost": dollars(before.cost_micro_usd),
        "memory": storage(before.memory_bytes),
    }
    follows = [f"{name}: {then[name]} → {value}" for name, value in now.items() if then[name] != value]
    return tuple(settings + follows) if settings or then["where"] != now["where"] else ()


def _checkpoints(script: TrainingScript) -> str:
    kept = "the best by the validation metric is kept"
    if "C" in script.config:
        return f"after each candidate; {kept}"
    every = script.config["checkpoint_every_minutes"]
    return f"after each epoch and every {every} minutes; {kept}, and a stopped training goes on from the last"


def _late(taken: Prediction, limit: int) -> tuple[str, ...]:
    """A warning where the time limit is likely to end the training."""
    if taken.high * 60 <= limit:
        return ()
    return (
        f"the time limit of {limit / 60:.0f} minutes may stop it: fewer epochs or a longer limit "
        "(--time-limit) would not",
    )


def _unprotected(site: Site) -> tuple[str, ...]:
    return (NO_SANDBOX,) if site.backend == UNSANDBOXED else ()


def _elsewhere(site: Site, split: Split) -> tuple[str, ...]:
    """What it means that the training runs on a machine of somebody else's."""
    if not site.owner:
        return ()
    return (
        f"{split.rows['train']} training and {split.rows['validation']} validation rows go to a private "
        f"dataset on {site.owner}; the test rows stay here",
        "the training there has a network: where this data is public, a script could look its test labels up",
    )


def _notes(split: Split) -> tuple[str, ...]:
    notes = [f"left out: {count} rows, {reason}" for reason, count in split.excluded.items() if count]
    seen = {"repeat": split.repeated_test_rows, "nearly repeat": split.nearly_repeated_test_rows}
    if said := " and ".join(f"{len(rows)} {how}" for how, rows in seen.items() if rows):
        notes.append(f"test rows: {said} training rows; every score is reported with and without them")
    return tuple(notes)
