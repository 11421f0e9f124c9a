"""What a damaged state database still says, carried into a new one."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, insert, select

from ml_intern.records.base import Record, canonical_json
from ml_intern.records.costs import EntryState
from ml_intern.records.errors import InternError
from ml_intern.records.runs import RunRequest, RunStatus
from ml_intern.records.spec import TaskSpec
from ml_intern.store.database import now, open_database
from ml_intern.store.ledger import LIMIT
from ml_intern.store.lock import run_lock
from ml_intern.store.schema import artifacts, ledger, messages, metadata, runs, settings, tool_calls

BESIDE: Final = ("", "-wal", "-shm")
"""SQLite's files of one database."""
JSON: Final = frozenset({"request", "content", "inputs", "data", "spec"})
"""Columns that hold JSON: a page of garbage is told from it."""
SMALLEST_ROW: Final = 16
"""Bytes; bounds the number of rows where it cannot be asked for."""
IN_VAIN: Final = 5000
"""After so many rows in a row that cannot be read, nothing more is looked for."""
MONEY: Final = frozenset({"ledger", "runs", "settings"})
"""Where one of these lost something, what was spent is not known."""

TALK: Final = frozenset({"artifacts", "messages", "tool_calls"})
"""Where one of these lost something, what the brain remembers is not what is there."""


class Salvaged(Record):
    """`kept` rows by table; `damaged` are the tables that lost something; `old` is the file put aside."""

    old: str
    kept: dict[str, int]
    damaged: tuple[str, ...]
    runs: int

    @property
    def spent_in_full(self) -> bool:
        """Whether the budget of each run counts as used up, as what was spent is not known."""
        return bool(MONEY & set(self.damaged))


def is_damaged(path: Path) -> bool:
    """Whether SQLite's own check finds fault with the database; False where there is none.

    Raises:
        InternError: it cannot be looked at, as it is locked or closed to us.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=30)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "disk I/O error" in str(error):  # a sector that cannot be read
            return True
        raise InternError(
            f"The state database {path} cannot be looked at: {error}.",
            "End other ml-intern commands, see that you may write there, and try again.",
        ) from error
    except sqlite3.DatabaseError:
        return True
    return bool(found) and found[0] != "ok"


def salvage(path: Path) -> Salvaged:
    """Make a new database of all rows of the one at `path` that can be read, and put that one aside.

    The old one stays in its place until the new one is whole. Where money may have been spent that can no
    longer be read, the budget of each run counts as spent.

    Raises:
        RunLocked: a living process drives one of its runs.
        InternError: the folder cannot be written.
    """
    with ExitStack() as held:
        for folder in sorted((path.parent / "runs").glob("*/")):
            held.enter_context(run_lock(folder, folder.name))
        new = path.with_name(f"{path.name}.new")
        for ending in BESIDE:  # of an attempt that was interrupted
            new.with_name(new.name + ending).unlink(missing_ok=True)
        engine = open_database(new)
        try:
            found = _carried(path, engine)
        finally:
            engine.dispose()
        with closing(sqlite3.connect(new)) as made:  # all in one file, which can be put in its place at once
            made.execute("PRAGMA journal_mode=DELETE")
        return found.model_copy(update={"old": str(_put_aside(path, new))})


def _put_aside(path: Path, new: Path) -> Path:
    """Put `new` in the place of the database at `path`; where that one is now."""
    number = 1
    while (old := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    places = [path.with_name(path.name + ending) for ending in BESIDE]
    for place, ending in zip(places, BESIDE, strict=True):
        if place.exists():
            shutil.copy2(place, old.with_name(old.name + ending))
    for place in places[1:]:  # they belong to the old one
        place.unlink(missing_ok=True)
    new.replace(path)
    return old


def _carried(old: Path, engine: Engine) -> Salvaged:
    kept, damaged = dict[str, int](), list[str]()
    size = old.stat().st_size
    with closing(sqlite3.connect(old)) as source, engine.begin() as connection:
        source.row_factory = sqlite3.Row
        for table in (runs, *(each for each in metadata.sorted_tables if each is not runs)):
            known = set(connection.execute(select(runs.c.id)).scalars())
            # A line of the ledger outlives its run, so not every `run_id` must be one that is there.
            bound = "run_id" in table.c and bool(table.c.run_id.foreign_keys)
            whole, count = True, 0
            for row in _rows(source, table.name, size):
                values = _sound(table, row)
                if values is None or (bound and values["run_id"] not in known):
                    whole = False
                    continue
                count += connection.execute(insert(table).prefix_with("OR IGNORE").values(values)).rowcount
            if table is runs:
                count += _stand_ins(source, connection, size)
            kept[table.name] = count
            damaged += [] if whole else [table.name]
        if MONEY & set(damaged):
            _count_as_spent(connection)
        if (
            settings.name in damaged
        ):  # what all runs may spend together is not known: nothing, until it is said
            connection.execute(insert(settings).prefix_with("OR REPLACE").values(name=LIMIT, value="0"))
        if TALK & set(damaged):  # the loop goes on from what is stored, not from a talk with gaps
            for table in (messages, tool_calls):
                connection.execute(delete(table))
                kept[table.name] = 0
    return Salvaged(old=str(old), kept=kept, damaged=tuple(damaged), runs=kept.get("runs", 0))


def _stand_ins(source: sqlite3.Connection, connection: Connection, size: int) -> int:
    """Runs whose own row is lost, as far as their task tells what was asked for; how many there are."""
    made = 0
    for row in _rows(source, artifacts.name, size):
        values = _sound(artifacts, row)
        if values is None or values["kind"] != "task_spec":
            continue
        try:
            spec = TaskSpec.model_validate_json(values["content"])
        except ValueError:  # of another version of ours
            continue
        request = RunRequest(
            sentence=spec.sentence,
            data=spec.data.name if spec.data else None,
            text_column=spec.text_column,
            label_column=spec.label_column,
            budget_micro_usd=spec.budget_micro_usd,
            time_limit_seconds=spec.time_limit_seconds,
            seed=spec.seed,
            licence=spec.data.licence if spec.data else "unknown",
        )
        done = connection.execute(
            insert(runs).prefix_with("OR IGNORE").values(
                id=values["run_id"], status=RunStatus.INTERRUPTED.value, request=canonical_json(request),
                created=values["time"], updated=values["time"], error="Its record was damaged.", hint="",
            )
        )  # fmt: skip
        made += done.rowcount
    return made


def _rows(source: sqlite3.Connection, table: str, size: int) -> Iterator[sqlite3.Row | None]:
    """The rows in their order; None stands for some that cannot be read."""
    query = f'SELECT rowid AS "rowid ", * FROM "{table}" WHERE rowid BETWEEN ? AND ? ORDER BY rowid'
    try:
        last = source.execute(f'SELECT max(rowid) FROM "{table}"').fetchone()[0] or 0
    except sqlite3.DatabaseError:
        last = size // SMALLEST_ROW
    ranges, in_vain = [(1, last)], 0
    while ranges and in_vain < IN_VAIN:
        low, high = ranges.pop()
        try:
            found = source.execute(query, (low, high)).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            if low == high:
                in_vain += 1
                yield None
            else:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]
            continue
        in_vain = 0 if found else in_vain
        yield from found


def _sound(table: Table, row: sqlite3.Row | None) -> dict[str, Any] | None:
    """The row's values; None where they cannot be what was stored."""
    if row is None:
        return None
    values = {column.name: row[column.name] for column in table.columns if column.name in row.keys()}
    try:
        for name in JSON & values.keys():
            json.loads(values[name])
        if table is artifacts and hashlib.sha256(values["content"].encode()).hexdigest() != values["sha256"]:
            return None
    except (ValueError, TypeError, AttributeError):
        return None
    return values


def _count_as_spent(connection: Connection) -> None:
    """What was spent cannot be known in full, so nothing more may be: each budget counts as used up."""
    for run, request in connection.execute(select(runs.c.id, runs.c.request)).all():
        budget = json.loads(request).get("budget_micro_usd") or 0  # also of a version that knows more
        specs = connection.execute(
            select(artifacts.c.content).where(artifacts.c.run_id == run, artifacts.c.kind == "task_spec")
        ).scalars()
        budget = max([budget, *(json.loads(spec).get("budget_micro_usd", 0) for spec in specs)])
        if budget:
            connection.execute(
                insert(ledger).prefix_with("OR IGNORE").values(
                    key=f"lost-{run}", run_id=run, what="what a damaged ledger no longer says", place="",
                    state=EntryState.SETTLED.value, reserved_micro_usd=budget, micro_usd=budget,
                    price_micro_usd=0, unit="", basis="the whole budget, as the damage hides the truth",
                    time=now(),
                )
            )  # fmt: skip
