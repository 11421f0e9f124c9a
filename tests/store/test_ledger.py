"""Money is set aside before it is spent, never more than there is, whoever else asks at the same moment."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ml_intern.records.costs import Ask, EntryState
from ml_intern.records.errors import OverBudget
from ml_intern.records.jobs import Hardware
from ml_intern.store.database import open_database
from ml_intern.store.ledger import LedgerTable, entries, limit, set_limit

RACER = """
import random, sys, time
from ml_intern.records.costs import Ask
from ml_intern.records.errors import OverBudget
from ml_intern.store.database import open_database
from ml_intern.store.ledger import LedgerTable
from pathlib import Path
place, run = Path(sys.argv[1]), sys.argv[2]
seed, budget, start = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
chance = random.Random(seed)
table = LedgerTable(open_database(place), run)
time.sleep(max(0.0, start - time.time()))
for number in range(40):
    key, amount = f"{seed}-{number}", chance.randint(1, 900)
    try:
        table.reserve(Ask(key=key, what="train", where="t4", micro_usd=amount, basis="worst"), budget)
    except OverBudget:
        continue
    chosen = chance.random()
    if chosen < 0.4:
        table.settle(key, chance.randint(0, amount), "real")
    elif chosen < 0.6:
        table.release(key, "refused")
"""


def ask(key: str, micro_usd: int) -> Ask:
    return Ask(key=key, what="train", where="t4", micro_usd=micro_usd, basis="at worst")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path / "state.db")


def test_it_reserves_settles_and_gives_back(engine: Engine) -> None:
    table = LedgerTable(engine, "r1")
    table.reserve(ask("a", 600), 1000)
    table.reserve(ask("a", 600), 1000)  # once
    assert table.spoken_for() == 600 and table.is_open("a")
    with pytest.raises(OverBudget, match=r"\$0.0005; of the budget of \$0.001, \$0.0006 are spent"):
        table.reserve(ask("b", 500), 1000)
    table.settle("a", 250, "10 s")
    assert table.spoken_for() == 250 and not table.is_open("a")
    table.reserve(ask("b", 500), 1000)
    table.release("b", "no credit")
    assert table.spoken_for() == 250
    table.settle("b", 500, "too late")  # what was given back cannot be spent
    table.settle("nothing", 500, "unknown")
    assert table.spoken_for() == 250
    table.reserve(ask("a", 700), 1000)  # the first attempt stays paid
    assert table.spoken_for() == 950
    table.settle("a", 1, "short")
    assert sorted(each.micro_usd for each in entries(engine, "r1")) == [0, 1, 250]
    assert {each.state for each in entries(engine)} == {EntryState.SETTLED, EntryState.RELEASED}


def test_runs_do_not_share_a_budget_but_share_a_limit(engine: Engine) -> None:
    one, two = LedgerTable(engine, "r1"), LedgerTable(engine, "r2")
    one.reserve(ask("a", 900), 1000)
    two.reserve(ask("b", 900), 1000)
    set_limit(engine, 2000)
    with pytest.raises(OverBudget, match="all runs may spend together"):
        LedgerTable(engine, "r3").reserve(ask("c", 300), 1000)
    set_limit(engine, None)
    assert limit(engine) is None
    LedgerTable(engine, "r3").reserve(ask("c", 300), 1000)
    with pytest.raises(ValueError, match="cannot be set aside"):
        one.reserve(ask("d", -5), 1000)


@pytest.mark.parametrize("shared", [False, True], ids=["one run's budget", "a limit of all runs"])
def test_racing_processes_never_overspend(tmp_path: Path, shared: bool) -> None:
    """Four processes reserve, settle and release at random; no state of the database is over the budget."""
    place, budget = tmp_path / "state.db", 10_000
    engine = open_database(place)
    if shared:
        set_limit(engine, budget)
    import time

    start, each = time.time() + 3, 10**9 if shared else budget
    racers = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                RACER,
                place,
                f"r{seed}" if shared else "r",
                str(seed),
                str(each),
                str(start),
            ]
        )
        for seed in range(4)
    ]
    most, chance = 0, random.Random(0)
    while any(racer.poll() is None for racer in racers):
        most = max(most, sum(entry.micro_usd for entry in entries(engine)))
        time.sleep(chance.random() / 100)
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert 0 < most <= budget
    assert len(entries(engine)) > 20 and most > budget // 2  # they came near it


@settings(max_examples=300, deadline=None)
@given(
    price=st.integers(0, 10**9),
    unit=st.sampled_from(["minute", "hour"]),
    seconds=st.floats(0, 10**7),
    more=st.floats(0, 10**5),
)
def test_what_was_set_aside_covers_what_it_comes_to(
    price: int, unit: str, seconds: float, more: float
) -> None:
    machine = Hardware(flavour="x", micro_usd_per_unit=price, unit=unit, cpus=1, memory_bytes=1)
    assert machine.cost(seconds) <= machine.cost(seconds + more)
    exact = price * seconds / {"minute": 60, "hour": 3600}[unit]
    assert machine.cost(seconds) >= exact * (1 - 1e-12)
    assert isinstance(machine.cost(seconds), int)


@pytest.mark.parametrize(("price", "unit"), [(1, "second"), (1, "month"), (1, ""), (-1, "minute")])
def test_a_price_that_is_not_understood_is_no_price(price: int, unit: str) -> None:
    with pytest.raises(ValueError, match="is not understood"):
        Hardware(flavour="x", micro_usd_per_unit=price, unit=unit, cpus=1, memory_bytes=1).cost(1)
