"""Alerts about a training's course."""

import pytest

from ml_intern.app import watch
from ml_intern.app.watch import BEAT_SECONDS, Heartbeat, TrainingWatch, seconds_left
from ml_intern.records.runs import Event, EventName
from ml_intern.training.monitor import Monitor, alerts_in


def rows(losses, checks=()):
    for step, loss in enumerate(losses, start=1):
        row = {"step": step, "steps": len(losses), "loss": loss, "seconds": 2.0 * step}
        yield row | ({"validation_loss": checks[step - 1]} if checks else {})


@pytest.mark.parametrize(
    ("losses", "checks", "found"),
    [
        ([2.0, 1.5, 1.2, 1.1, 1.0], (), []),
        ([2.0, 1.0, 1.3, 1.1, 1.2, 0.9], (), []),  # noise
        ([2.0, 1.0, 1.6, 1.9, 2.5, 3.0], (), ["diverging"]),
        ([2.0, float("nan"), float("nan")], (), ["not_a_number"]),
        ([2.0, 1.0, 0.5, 0.2], (1.5, 1.0, 1.1, 1.3), ["overfitting"]),
        ([2.0, 1.0, 0.5, 0.2], (1.5, 1.0, 1.001, 1.002), []),
    ],
)
def test_each_alert_is_raised_once_and_only_where_it_should_be(losses, checks, found):
    alerts = alerts_in(rows(losses, checks))
    assert [alert.id for alert in alerts] == found
    assert all(alert.action for alert in alerts)


def test_silence_far_beyond_the_usual_is_a_stall():
    monitor = Monitor()
    for second in range(0, 100, 20):
        monitor.read({"step": second + 1}, float(second))
    assert monitor.wait(80 + 150.0) is None  # less than ten usual pauses
    alert = monitor.wait(80 + 250.0)
    assert alert is not None and alert.id == "stalled" and "250 s" in alert.message
    assert monitor.wait(80 + 400.0) is None
    monitor.read({"step": 500}, 500.0)
    assert monitor.wait(2000.0) is not None  # it may stall again


def test_a_replayed_log_tells_nothing_twice():
    heard = []
    told = Event(event=EventName.METRIC, run="r", stage="train", time="", data={"step": 1})
    watching = TrainingWatch(lambda event, **data: heard.append((event, data)), [told])
    for line in (
        '{"step": 1}',
        "no json",
        '["step"]',
        '{"step": "x"}',
        '{"step": 2, "loss": NaN}',
        '{"step": 2}',
    ):
        watching.on_line("train", line)
        watching.on_line("smoke", line)
    assert [(event.value, data.get("step"), data.get("id")) for event, data in heard] == [
        ("metric", 2, None),
        ("finding", None, "training_not_a_number"),
    ]
    assert "loss" not in heard[0][1]  # JSON has no NaN


def test_the_time_left_follows_the_pace_so_far():
    assert seconds_left({"step": 10, "steps": 40, "seconds": 5.0}) == 15.0
    assert seconds_left({"step": 10}) is None


def test_rows_that_a_restarted_job_logs_again_raise_no_alarm():
    monitor = Monitor()
    losses = [2.0, 1.5, 1.2, 0.9, 0.8]
    twice = [*rows(losses), *rows(losses), {"step": 6, "loss": 0.7}]
    assert [alert for row in twice for alert in monitor.read(row)] == []


def test_an_earlier_plans_training_is_no_word_about_this_one():
    names = (EventName.METRIC, EventName.FINDING, EventName.APPROVAL_DENIED, EventName.APPROVAL_GIVEN)
    data = ({"step": 1}, {"id": "training_diverging"}, {}, {})
    told = [Event(event=n, run="r", stage="train", time="", data=d) for n, d in zip(names, data, strict=True)]
    heard = []
    TrainingWatch(lambda event, **data: heard.append(data["step"]), told).on_line("train", '{"step": 1}')
    assert heard == [1]


def test_a_job_that_says_nothing_is_told_to_be_alive_once_a_minute(monkeypatch):
    heard, clock = [], [0.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: clock[0])
    heartbeat = Heartbeat(lambda event, **data: heard.append((event, data)))
    for second in range(0, int(2.5 * BEAT_SECONDS), 5):
        clock[0] = second
        heartbeat.beat("train")
    assert heard == [
        (EventName.HEARTBEAT, {"purpose": "train"}),
        (EventName.HEARTBEAT, {"purpose": "train"}),
    ]
    heartbeat.beat("evaluate")
    assert len(heard) == 2, "another job has a minute of its own"
