"""The ledger: money is set aside in the same transaction that sees whether it is there."""

import math

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ml_intern.records.costs import Ask, Entry, EntryState
from ml_intern.records.errors import OverBudget
from ml_intern.records.jobs import cost
from ml_intern.records.words import dollars
from ml_intern.store.database import now
from ml_intern.store.schema import ROWID, ledger, settings

LIMIT = "limit_micro_usd"
"""The setting that bounds what all runs of this home spend together."""


class LedgerTable:
    """A `ports.ledger.Ledger` for one run on the state database."""

    def __init__(self, engine: Engine, run: str) -> None:
        self._engine, self._run = engine, run

    def reserve(self, ask: Ask, budget_micro_usd: int) -> None:
        """Set it aside, in one step with seeing that it fits; does nothing where its key is reserved.

        What was released before is set aside anew; what was settled stays so, beside the new amount.

        Raises:
            OverBudget: with it the run would go over `budget_micro_usd`, or all runs over their common limit.
        """
        key, what, micro_usd = ask.key, ask.what, ask.micro_usd
        if micro_usd < 0:
            raise ValueError(f"{micro_usd} micro-dollars cannot be set aside")
        with self._engine.begin() as connection:  # holds the write lock from its first statement on
            before = connection.execute(select(ledger.c.state).where(ledger.c.key == key)).scalar()
            if before == EntryState.RESERVED:
                return
            if before == EntryState.SETTLED:  # started, paid for, and now started once more
                _keep_aside(connection, key)
            mine = _sum(connection, self._run)
            if mine + micro_usd > budget_micro_usd:
                raise OverBudget(
                    f"{what} may cost {dollars(micro_usd)}; of the budget of {dollars(budget_micro_usd)}, "
                    f"{dollars(mine)} are spent or set aside.",
                    "Start a run with a larger --budget, or with --compute local, which costs nothing.",
                )
            _check_limit(connection, what, micro_usd)
            values = {
                "run_id": self._run, "what": what, "place": ask.where, "state": EntryState.RESERVED.value,
                "reserved_micro_usd": micro_usd, "micro_usd": micro_usd, "basis": ask.basis, "time": now(),
                "price_micro_usd": ask.price_micro_usd, "unit": ask.unit,
            }  # fmt: skip
            made = upsert(ledger).values(key=key, **values)
            connection.execute(made.on_conflict_do_update(index_elements=["key"], set_=values))

    def is_open(self, key: str) -> bool:
        """Whether something is set aside under `key`: it may have been started."""
        with self._engine.begin() as connection:
            state = connection.execute(select(ledger.c.state).where(ledger.c.key == key)).scalar()
        return state == EntryState.RESERVED

    def settle(self, key: str, micro_usd: int, basis: str) -> None:
        """Put what it really came to in the place of what was reserved; does nothing where `key` is not."""
        self._close(key, EntryState.SETTLED, micro_usd, basis)

    def settle_at_worst(self, key: str, why: str) -> None:
        """Let all that was set aside count as spent; does nothing where `key` is not."""
        query = select(ledger.c.reserved_micro_usd).where(ledger.c.key == key)
        with self._engine.begin() as connection:
            worst = connection.execute(query).scalar()
        if worst is not None:
            self.settle(key, worst, why)

    def settle_by_time(self, key: str, seconds: float) -> None:
        """The same by the price of when it was set aside; nothing where it is not paid by time."""
        query = select(ledger.c.price_micro_usd, ledger.c.unit).where(ledger.c.key == key)
        with self._engine.begin() as connection:
            found = connection.execute(query).first()
        if found and found.unit:
            self.settle(key, cost(found.price_micro_usd, found.unit, seconds), f"{math.ceil(seconds)} s")

    def open_keys(self) -> list[str]:
        """The keys under which something is set aside for this run."""
        mine = (ledger.c.run_id == self._run) & (ledger.c.state == EntryState.RESERVED.value)
        with self._engine.begin() as connection:
            return list(connection.execute(select(ledger.c.key).where(mine)).scalars())

    def release(self, key: str, why: str) -> None:
        """Give back what was reserved: nothing was started."""
        self._close(key, EntryState.RELEASED, 0, why)

    def spoken_for(self) -> int:
        """What the run has spent, and has set aside, in micro-dollars."""
        with self._engine.begin() as connection:
            return _sum(connection, self._run)

    def _close(self, key: str, state: EntryState, micro_usd: int, basis: str) -> None:
        open_now = (ledger.c.key == key) & (ledger.c.state == EntryState.RESERVED.value)
        values = {"state": state.value, "micro_usd": micro_usd, "basis": basis}
        with self._engine.begin() as connection:
            connection.execute(update(ledger).where(open_now).values(**values))


def entries(engine: Engine, run: str | None = None) -> list[Entry]:
    """The lines of the ledger, oldest first, of one run or of all."""
    query = select(ledger).order_by(ROWID)
    with engine.begin() as connection:
        rows = list(connection.execute(query if run is None else query.where(ledger.c.run_id == run)))
    return [
        Entry(
            key=row.key, run=row.run_id, what=row.what, where=row.place, state=EntryState(row.state),
            reserved_micro_usd=row.reserved_micro_usd, micro_usd=row.micro_usd, basis=row.basis,
            time=row.time,
        )
        for row in rows
    ]  # fmt: skip


def limit(engine: Engine) -> int | None:
    """What all runs of this home may spend together, in micro-dollars; None where nobody set it."""
    with engine.begin() as connection:
        return _limit(connection)


def set_limit(engine: Engine, micro_usd: int | None) -> None:
    """Set what all runs of this home may spend together; None takes the limit away."""
    with engine.begin() as connection:
        connection.execute(delete(settings).where(settings.c.name == LIMIT))
        if micro_usd is not None:
            connection.execute(insert(settings).values(name=LIMIT, value=str(micro_usd)))


def _limit(connection: Connection) -> int | None:
    found = connection.execute(select(settings.c.value).where(settings.c.name == LIMIT)).scalar()
    return None if found is None else int(found)


def _check_limit(connection: Connection, what: str, micro_usd: int) -> None:
    most, all_runs = _limit(connection), _sum(connection, None)
    if most is not None and all_runs + micro_usd > most:
        raise OverBudget(
            f"{what} may cost {dollars(micro_usd)}; of the {dollars(most)} that all runs may spend together, "
            f"{dollars(all_runs)} are spent or set aside.",
            "See: ml-intern costs --all. Raise it with: ml-intern costs --limit USD",
        )


def _keep_aside(connection: Connection, key: str) -> None:
    """Let a settled line stay under another key, so that this one can be used again."""
    earlier = ledger.c.key.startswith(f"{key}#", autoescape=True)
    number = connection.execute(select(func.count()).where(earlier)).scalar_one() + 1
    connection.execute(update(ledger).where(ledger.c.key == key).values(key=f"{key}#{number}"))


def _sum(connection: Connection, run: str | None) -> int:
    query = select(func.coalesce(func.sum(ledger.c.micro_usd), 0))
    return int(connection.execute(query if run is None else query.where(ledger.c.run_id == run)).scalar_one())
