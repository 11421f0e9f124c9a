"""What a plan foretells."""

import pytest

from ml_intern.ports.compute import Site
from ml_intern.records.jobs import HERE, Hardware
from ml_intern.records.metrics import Interval, Metric, ScoredModel
from ml_intern.records.training import Baselines, FittedBaseline, SmokeReport, TrainingScript
from ml_intern.training.estimate import expected_score, minutes


class Parts:
    def __init__(self, probe: float | None = 0.90, linear: float = 0.85, **config) -> None:
        self.script = TrainingScript(
            recipe="encoder" if probe else "linear", files=(), script_sha256="", config_sha256="",
            config={"epochs": 4, "patience": 2} | config if probe else {"C": [1, 2, 3]},
        )  # fmt: skip
        values = {"linear": linear} | ({"probe": probe} if probe else {})
        self.baselines = Baselines(
            scores=tuple(scored(name, value) for name, value in values.items()),
            majority_label="a",
            note="",
            seconds=5,
            models=(FittedBaseline(name="linear", folder="", model=(), train_rows=1, seconds=5.0),),
        )
        self.smoke = SmokeReport(
            script_sha256="",
            config_sha256="",
            dataset_fingerprint="",
            checks=(),
            sample_rows=200,
            train_seconds=1,
            startup_seconds=4.0,
            peak_memory_bytes=1,
            log_tail=(),
            rows_per_second=50.0 if probe else 0.0,
            predict_rows_per_second=100.0 if probe else 0.0,
        )


def scored(name: str, value: float) -> ScoredModel:
    interval = Interval(value=value, low=value - 0.02, high=value + 0.02)
    return ScoredModel(name=name, rows=1000, scores={Metric.MACRO_F1: interval})


class Rows:
    rows = {"train": 3000, "validation": 500, "test": 500}  # noqa: RUF012


class ManyRows:
    rows = {name: 100 * count for name, count in Rows.rows.items()}  # noqa: RUF012


def site(owner: str = "", accelerator: str | None = None) -> Site:
    hardware = Hardware(
        flavour="any", micro_usd_per_unit=0, unit="minute", cpus=4, memory_bytes=1, accelerator=accelerator
    )
    return Site(HERE[0], "any", hardware, jobs=None, owner=owner)  # no job is launched


LOCAL_SITE = site()


def test_minutes_are_epochs_of_training_and_validation():
    parts = Parts()
    found = minutes(parts.script, parts.smoke, parts.baselines, Rows, LOCAL_SITE)
    assert found.value == pytest.approx((4 + 5 + 4 * (60 + 5)) / 60, abs=0.001)
    assert found.low < (4 + 5 + 3 * 65) / 60 < found.value < found.high  # three epochs if it stops early


def test_minutes_of_a_linear_model_follow_from_its_baseline():
    parts = Parts(probe=None)
    found = minutes(parts.script, parts.smoke, parts.baselines, Rows, LOCAL_SITE)
    assert found.value == pytest.approx((4 + 3 * 1) / 60, abs=0.001)


def test_fewer_epochs_are_foretold_to_take_less():
    four, two = Parts(), Parts(epochs=2)
    before = minutes(four.script, four.smoke, four.baselines, Rows, LOCAL_SITE)
    assert minutes(two.script, two.smoke, two.baselines, Rows, LOCAL_SITE).value < 0.6 * before.value


def test_the_expected_score_starts_from_the_better_baseline():
    ahead = expected_score(Parts().script, Parts().baselines, Metric.MACRO_F1)
    assert 0.90 < ahead.value == pytest.approx(1 - 0.1 * 0.83)
    assert ahead.low < ahead.value < ahead.high
    behind = Parts(probe=0.5, linear=0.95)
    found = expected_score(behind.script, behind.baselines, Metric.MACRO_F1)
    assert found.value == 0.95 and "linear baseline" in found.basis


def test_minutes_on_a_rented_card_are_fewer_and_say_that_they_were_not_measured():
    parts = Parts()
    card = site(owner="hf-jobs", accelerator="A10G")
    here, there = (
        minutes(parts.script, parts.smoke, parts.baselines, ManyRows, at) for at in (LOCAL_SITE, card)
    )
    assert there.value < 0.5 * here.value, "a card is worth it for a long training"
    assert "not measured" in there.basis
    assert there.high / there.value > 1.9 > here.high / here.value


def test_minutes_on_a_rented_processor_are_ours_and_those_to_get_going():
    parts = Parts()
    here = minutes(parts.script, parts.smoke, parts.baselines, Rows, LOCAL_SITE)
    there = minutes(parts.script, parts.smoke, parts.baselines, Rows, site(owner="hf-jobs"))
    assert there.value == pytest.approx(here.value + 2.5, abs=0.01)
    assert there.high > here.high
