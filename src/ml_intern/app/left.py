"""Rented jobs that may still run though nobody waits for them: what they can cost, and how to go on."""

from typing import Any

from ml_intern.app.home import Home
from ml_intern.records.costs import Entry, EntryState
from ml_intern.records.words import dollars
from ml_intern.store.jobs import JobTable
from ml_intern.store.ledger import entries
from ml_intern.store.lock import driver


def left_jobs(home: Home) -> list[dict[str, Any]]:
    """Each as {"run", "what", "where", "reserved_usd", "message", "hint"}, from what is stored here alone.

    A job counts as running until its end is known. It ends by itself: none is started without a time limit.
    """
    return [
        _told(entry)
        for entry in entries(home.engine)
        if entry.state is EntryState.RESERVED and _is_job(home, entry) and _is_left(home, entry)
    ]


def _is_job(home: Home, entry: Entry) -> bool:
    return entry.key in {job.intent_id for job in JobTable(home.engine).entries(entry.run)}


def _is_left(home: Home, entry: Entry) -> bool:
    folder = home.folder(entry.run)
    return folder.exists() and driver(folder) is None


def _told(entry: Entry) -> dict[str, Any]:
    most = f"{dollars(entry.reserved_micro_usd)} at most ({entry.basis.removeprefix('at worst ')})"
    where = f"The job “{entry.what}” of run {entry.run} may still run on {entry.where}"
    return {
        "run": entry.run,
        "what": entry.what,
        "where": entry.where,
        "reserved_usd": entry.reserved_micro_usd / 1_000_000,
        "message": f"{where}, and nobody waits for it: {most}.",
        "hint": f"Go on with it: ml-intern resume {entry.run}, or end it: ml-intern cancel {entry.run}",
    }
