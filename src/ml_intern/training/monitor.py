"""Watching a training: what its log says about where it goes, and when it says nothing any more."""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from ml_intern.records.training import Alert

AGAIN = "ml-intern deny --reason"
"""How a plan is changed, also after it was approved."""
DIVERGED = 1.5
"""A loss this many times its lowest, three rows long, is climbing and not noise."""
DIVERGED_ROWS = 3
OVERFITTED = 0.02
"""Validation loss that rises by this share in two epochs in a row, while training loss falls (Prechelt 1998,
"Early Stopping – But When?", the criterion UP with two strips)."""
STALL_FACTOR, SHORTEST_STALL = 10, 120.0
"""Silence of so many usual pauses between two rows, and at least so many seconds, is a stall."""


class Monitor:
    """Reads the rows of a training's log in order and raises each alert once."""

    def __init__(self) -> None:
        self._step = 0
        self._lowest = math.inf
        self._losses: deque[float] = deque(maxlen=DIVERGED_ROWS)
        self._checks: list[tuple[float, float]] = []
        self._pauses: list[float] = []
        self._last_row: float | None = None
        self._raised: set[str] = set()

    def read(self, row: Mapping[str, Any], now: float | None = None) -> list[Alert]:
        """Take one row, logged at `now` (seconds on any clock); the alerts that it gives rise to.

        A job that was killed and goes on logs again what it had logged: such rows are passed over.
        """
        if now is not None:
            if self._last_row is not None:
                self._pauses.append(now - self._last_row)
            self._last_row = now
            self._raised.discard("stalled")
        step = row["step"] if isinstance(row.get("step"), int) else self._step + 1
        if step <= self._step:
            return []
        self._step = step
        found = [self._not_a_number(row, step)]
        loss, checked = row.get("loss"), row.get("validation_loss")
        if isinstance(loss, int | float) and math.isfinite(loss):
            self._losses.append(loss)
            self._lowest = min(self._lowest, loss)
            found.append(self._diverging(step))
            if isinstance(checked, int | float) and math.isfinite(checked):
                self._checks.append((loss, checked))
                found.append(self._overfitting(step))
        return [self._once(alert) for alert in found if alert and alert.id not in self._raised]

    def wait(self, now: float) -> Alert | None:
        """The alert that the silence until `now` gives rise to."""
        if self._last_row is None or not self._pauses or "stalled" in self._raised:
            return None
        silent = now - self._last_row
        if silent < max(SHORTEST_STALL, STALL_FACTOR * median(self._pauses)):
            return None
        return self._once(
            Alert(
                id="stalled",
                step=0,
                message=f"Nothing was logged for {silent:.0f} s; usual are {median(self._pauses):.0f} s.",
                action="Look whether the machine is busy or out of memory; stop with Ctrl-C and resume.",
            )
        )

    def _once(self, alert: Alert) -> Alert:
        self._raised.add(alert.id)
        return alert

    def _not_a_number(self, row: Mapping[str, Any], step: int) -> Alert | None:
        bad = [name for name, value in row.items() if isinstance(value, float) and not math.isfinite(value)]
        if not bad:
            return None
        return Alert(
            id="not_a_number",
            step=step,
            message=f"At step {step}, {' and '.join(bad)} is no longer a number.",
            action=f"Stop it with Ctrl-C, then: {AGAIN} learning_rate=…, with a tenth of what it is.",
        )

    def _diverging(self, step: int) -> Alert | None:
        if min(self._losses) < DIVERGED * self._lowest:
            return None
        return Alert(
            id="diverging",
            step=step,
            message=f"The loss climbs: {self._losses[-1]:.3g} at step {step}, after {self._lowest:.3g}.",
            action=f"Stop it with Ctrl-C, then: {AGAIN} learning_rate=…, with a third of what it is.",
        )

    def _overfitting(self, step: int) -> Alert | None:
        if len(self._checks) < DIVERGED_ROWS:
            return None
        (loss, first), (_, second), (now, third) = self._checks[-3:]
        grows = second > first and third > second and third > (1 + OVERFITTED) * first
        if not grows or now >= loss:
            return None
        return Alert(
            id="overfitting",
            step=step,
            message=(
                f"It learns the training rows by heart: validation loss rose from {first:.3g} to {third:.3g} "
                f"by step {step}, while training loss fell."
            ),
            action="The best checkpoint is kept anyway; fewer epochs or more data would help.",
        )


def alerts_in(curve: Iterable[Mapping[str, Any]]) -> list[Alert]:
    """All alerts that the rows of a finished training give rise to."""
    monitor = Monitor()
    return [alert for row in curve for alert in monitor.read(row)]
