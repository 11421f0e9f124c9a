"""Turning what a training job logs into events: its metrics, the time left, and alerts."""

import json
import math
import time
from collections.abc import Iterable
from typing import Any

from ml_intern.ports.events import EventSink
from ml_intern.records.data import Severity
from ml_intern.records.runs import Event, EventName
from ml_intern.records.training import Alert
from ml_intern.training.monitor import Monitor

PURPOSE = "train"
BEAT_SECONDS = 60.0


class Heartbeat:
    """Tells once a minute that a job is waited for: silence would look like death."""

    def __init__(self, tell: EventSink) -> None:
        self._tell = tell
        self._purpose, self._told = "", 0.0

    def beat(self, purpose: str) -> None:
        """Called while a job runs, many times a minute."""
        at = time.monotonic()
        if purpose != self._purpose:
            self._purpose, self._told = purpose, at
        elif at - self._told >= BEAT_SECONDS:
            self._told = at
            self._tell(EventName.HEARTBEAT, purpose=purpose)


class TrainingWatch:
    """Listens to the job runner. Each step becomes one event, also when a restart replays the log.

    What `history` tells of an earlier plan's training is no word about this one's.
    """

    def __init__(self, emit: EventSink, history: Iterable[Event]) -> None:
        self._emit = emit
        self._monitor = Monitor()
        told: list[Event] = []
        for event in history:
            told = [] if event.event is EventName.APPROVAL_GIVEN else [*told, event]
        self._steps = {event.data.get("step") for event in told if event.event is EventName.METRIC}
        self._alerts = {event.data["id"] for event in told if event.event is EventName.FINDING}

    def on_line(self, purpose: str, line: str) -> None:
        """Take a line of a job's log; anything but a JSON object with a step is passed over."""
        if purpose != PURPOSE or not line.startswith("{"):
            return
        try:
            row = json.loads(line)
        except ValueError:
            return
        if not isinstance(row, dict) or not isinstance(row.get("step"), int):
            return
        if row["step"] not in self._steps:
            self._steps.add(row["step"])
            self._emit(EventName.METRIC, **_plain(row), seconds_left=seconds_left(row))
        for alert in self._monitor.read(row, time.monotonic()):
            self._raise(alert)

    def on_wait(self, purpose: str) -> None:
        """Called while a job runs and logs nothing."""
        if purpose == PURPOSE and (alert := self._monitor.wait(time.monotonic())):
            self._raise(alert)

    def _raise(self, alert: Alert) -> None:
        name = f"training_{alert.id}"
        if name not in self._alerts:
            self._alerts.add(name)
            self._emit(
                EventName.FINDING,
                id=name,
                severity=Severity.HIGH.value,
                count=1,
                share=0.0,
                split="train",
                message=f"{alert.message} {alert.action}",
                action=alert.action,
            )


def seconds_left(row: dict[str, Any]) -> float | None:
    """How long the rest will take at the pace so far; None where the row does not tell."""
    found = [row.get(name) for name in ("step", "steps", "seconds")]
    step, steps, seconds = (float(each) if isinstance(each, int | float) else math.nan for each in found)
    left = (steps - step) * seconds / step if step else math.nan
    return round(max(0.0, left), 1) if math.isfinite(left) else None


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Words and finite numbers: JSON has no others."""
    return {
        name: value
        for name, value in row.items()
        if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    }
