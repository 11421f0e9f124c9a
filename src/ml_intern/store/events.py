"""Rows of the `events` table: all that happened in a run, in order."""

import json

from sqlalchemy import Connection, insert, select

from ml_intern.records.runs import Event
from ml_intern.store.schema import events


def append(connection: Connection, event: Event) -> None:
    """Record one event."""
    data = json.dumps(event.data, ensure_ascii=False)
    connection.execute(
        insert(events).values(
            run_id=event.run, event=event.event.value, stage=event.stage, time=event.time, data=data
        )
    )


def history(connection: Connection, run_id: str) -> list[Event]:
    """All events of a run, oldest first."""
    rows = connection.execute(select(events).where(events.c.run_id == run_id).order_by(events.c.id))
    return [
        Event.model_validate(
            {"event": r.event, "run": r.run_id, "stage": r.stage, "time": r.time, "data": json.loads(r.data)}
        )
        for r in rows
    ]
