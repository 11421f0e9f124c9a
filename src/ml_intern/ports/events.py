"""Telling others what happens."""

from typing import Any, Protocol

from ml_intern.records.runs import EventName


class EventSink(Protocol):
    """Takes what happens in a run."""

    def __call__(self, event: EventName, **data: Any) -> None:
        """Store and show one event."""
        ...
