"""What a training will take and what may be expected of it, from what was measured beforehand."""

import os
from typing import Any

from ml_intern.ports.compute import Site
from ml_intern.records.data import Split
from ml_intern.records.metrics import Metric, ScoredModel
from ml_intern.records.training import Baselines, Prediction, SmokeReport, TrainingScript
from ml_intern.training.machines import SPREAD, START_SECONDS, speed_up

MINUTES_SPREAD = 1.25
"""The range of foretold minutes: this factor up, and down to where early stopping may end it."""
LINEAR_SPREAD = 2.0
"""A linear training takes seconds, in which start-up and other programs weigh more."""
ERRORS_LEFT = (0.80, 0.83, 0.85)
"""Of a frozen encoder's errors, what fine-tuning the same encoder leaves: low, middle, high.

all-MiniLM-L6-v2 on banking77, in the built-in references: 92.9 % frozen, 94.0 to 94.3 % fine-tuned.
"""


def expected_score(script: TrainingScript, baselines: Baselines, metric: Metric) -> Prediction:
    """The score to expect on the test split, with the interval that follows from the validation rows."""
    by_name = {model.name: model for model in baselines.scores}
    if script.recipe == "linear":
        return _like(
            by_name["linear"], metric, "the model is of the same family, so about the same is expected"
        )
    if script.recipe == "probe" or "probe" not in by_name:
        why = "on other data a frozen encoder did 1 to 3 points better than linear (built-in references)"
        return _like(by_name["linear"], metric, why)
    probe, linear = by_name["probe"].scores[metric], by_name["linear"].scores[metric]
    ends = zip((probe.low, probe.value, probe.high), reversed(ERRORS_LEFT), strict=True)
    low, middle, high = (1 - (1 - score) * left for score, left in ends)
    basis = (
        f"{metric.words} of the frozen encoder on the validation split, {probe.value:.3f} "
        f"[{probe.low:.3f}, {probe.high:.3f}], less the 15 to 20 % of its errors that fine-tuning removed on "
        "banking77 (built-in references)"
    )
    if linear.value > middle:
        low, middle, high = linear.low, linear.value, max(high, linear.high)
        basis = f"the linear baseline, {linear.value:.3f}, is ahead of what the frozen encoder promises"
    return Prediction(value=middle, low=low, high=high, basis=basis)


def _like(model: ScoredModel, metric: Metric, why: str) -> Prediction:
    score = model.scores[metric]
    return Prediction(
        value=score.value,
        low=score.low,
        high=score.high,
        basis=f"{metric.words} of the {model.name} baseline on the validation split, 95 % interval; {why}",
    )


def minutes(
    script: TrainingScript, smoke: SmokeReport, baselines: Baselines, split: Split, site: Site
) -> Prediction:
    """How long the training job will take at `site`, from start to end."""
    here = _here(script, smoke, baselines, split)
    if not site.owner:
        return here
    fixed, words = START_SECONDS / 60, f"{START_SECONDS:.0f} s to get going there"
    faster = speed_up(site.hardware, os.cpu_count() or 1) if "epochs" in script.config else None
    if faster is None:
        basis = f"{here.basis}; as fast there as here, and {words}; both assumed"
        return Prediction(
            value=round(here.value + fixed, 3),
            low=round(here.low / SPREAD, 3),
            high=round(SPREAD * (here.high + fixed), 3),
            basis=basis,
        )
    value = here.value / faster + fixed
    return Prediction(
        value=round(value, 3),
        low=round(value / SPREAD, 3),
        high=round(value * SPREAD, 3),
        basis=(
            f"{here.value:.1f} min here, {faster:.0f} times as fast on a {site.hardware.accelerator} by its "
            f"data sheet, and {words}; foretold, not measured"
        ),
    )


def _here(script: TrainingScript, smoke: SmokeReport, baselines: Baselines, split: Split) -> Prediction:
    if "epochs" in script.config and smoke.rows_per_second:
        return _by_rows(script.config, smoke, split.rows)
    fitted = next((each for each in baselines.models if each.name == script.recipe), baselines.models[0])
    candidates = len(script.config["C"])
    fit = max(fitted.seconds - smoke.startup_seconds, 0.0)
    value = (smoke.startup_seconds + fit * candidates) / 60
    return Prediction(
        value=round(value, 3),
        low=round(value / LINEAR_SPREAD, 3),
        high=round(value * LINEAR_SPREAD, 3),
        basis=f"the {fitted.name} baseline took {fitted.seconds:.1f} s for one candidate here",
    )


def _by_rows(config: dict[str, Any], smoke: SmokeReport, rows: dict[str, int]) -> Prediction:
    """Epochs of training and validation at the speed of the smoke test, which ran on this machine."""
    checked = rows["validation"] / smoke.predict_rows_per_second if smoke.predict_rows_per_second else 0.0
    kept = rows["train"] - len(config.get("left_out_rows", ()))
    trained = kept * (1 + sum(config.get(name, 0) for name in ("typo_augmentation", "wording_augmentation")))
    epoch = trained / smoke.rows_per_second + checked
    fixed = smoke.startup_seconds + checked  # the best checkpoint is validated once more at the end
    value = (fixed + config["epochs"] * epoch) / 60
    stopped = (fixed + min(config["epochs"], config["patience"] + 1) * epoch) / 60
    return Prediction(
        value=round(value, 3),
        low=round(stopped / MINUTES_SPREAD, 3),
        high=round(value * MINUTES_SPREAD, 3),
        basis=(
            f"{config['epochs']} epochs of {trained:.0f} rows at {smoke.rows_per_second:.0f} rows/s, as "
            "the smoke test ran here; less if it stops early"
        ),
    )
