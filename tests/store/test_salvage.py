"""A damaged page of the state database is noticed, costs what stood on it, and the run goes on."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ml_intern.records.costs import Ask
from ml_intern.records.errors import InternError, OverBudget
from ml_intern.records.training import TrainingRun
from ml_intern.store.database import open_database
from ml_intern.store.ledger import LedgerTable, entries, limit, set_limit
from ml_intern.store.salvage import Salvaged, is_damaged, salvage
from tests.runs import ml_intern, opened_run

PAGE = 4096
GARBAGE = b"\xde\xad" * (PAGE // 2)


def settled(home: Path, place: Path) -> Path:
    """A copy of the home's database in one file."""
    with closing(sqlite3.connect(home / "state.db")) as source, closing(sqlite3.connect(place)) as target:
        source.backup(target)
    return place


def spoil(path: Path, *pages: int) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(GARBAGE)


EVERY = 3
"""One page in so many is spoilt; all are by the test of all pages, which is long."""


@pytest.fixture(scope="module", params=[EVERY, pytest.param(1, marks=pytest.mark.long)])
def found(request, finished, tmp_path_factory) -> dict[int, Salvaged]:
    """What is saved of the finished run's database, by the page that was spoilt."""
    folder = tmp_path_factory.mktemp("pages")
    sound = settled(finished.home, folder / "sound.db")
    saved = {}
    for page in range(0, sound.stat().st_size // PAGE, request.param):
        place = folder / str(page) / "state.db"
        place.parent.mkdir()
        shutil.copyfile(sound, place)
        spoil(place, page)
        assert is_damaged(place), f"page {page}"
        saved[page] = salvage(place)
        assert not is_damaged(place)
        shutil.rmtree(place.parent)
    return saved


def test_a_sound_database_is_not_touched(finished, tmp_path):
    before = (finished.home / "state.db").read_bytes()
    ended = ml_intern(finished.home, "doctor", "--repair")
    assert ended.code == 0 and "nothing to repair" in ended.out
    assert (finished.home / "state.db").read_bytes() == before
    assert not is_damaged(tmp_path / "state.db")


def test_every_page_is_noticed_and_little_is_lost_with_it(found, finished):
    with opened_run(finished.home) as run:
        whole = len(run.history)
    every = sorted(found)[1]
    assert len(found) * every > 50
    assert all(saved.runs == 1 for page, saved in found.items() if page > 0), "page 0 is the file's head"
    kept = [saved.kept["artifacts"] for saved in found.values()]
    assert sum(count == whole for count in kept) * every > 10
    assert sum(count >= whole - 4 for count in kept) >= len(kept) - 2, "all but the head and the table's root"
    assert {name for saved in found.values() for name in saved.damaged} >= {"runs", "artifacts", "messages"}


@pytest.mark.parametrize("table", ["artifacts", "messages", "runs"])
def test_the_run_goes_on_after_a_repair(found, finished, tmp_path, table):
    home = Path(shutil.copytree(finished.home, tmp_path / "home", symlinks=True))
    settled(finished.home, tmp_path / "sound.db").replace(home / "state.db")
    for beside in home.glob("state.db-*"):
        beside.unlink()
    pages = [page for page, saved in found.items() if saved.damaged == (table,)]
    spoil(home / "state.db", pages[-1])
    for command in (["runs"], ["show"], ["resume"], ["report"]):
        refused = ml_intern(home, *command)
        # What is not read is not missed; what is read and damaged is never passed on.
        assert refused.code == 0 or ("is damaged" in refused.told and "doctor --repair" in refused.told)
    checked = ml_intern(home, "doctor")
    assert checked.code == 1 and "is damaged" in " ".join(checked.out.split())
    repaired = ml_intern(home, "doctor", "--repair", "--json")
    assert repaired.code == 0 and repaired.events[-1]["damaged"] == [table]
    assert Path(repaired.events[-1]["old"]).exists()
    again = ml_intern(home, "resume", "--json")
    while again.code == 3:
        again = ml_intern(home, "approve", "--json")
    assert again.code == 0, again.out + again.err
    with opened_run(home) as run, opened_run(finished.home) as undisturbed:
        assert run.need(TrainingRun).model == undisturbed.need(TrainingRun).model
    assert ml_intern(home, "doctor").code == 0


def with_money(finished, home: Path, table: str) -> Path:
    """A home whose run has a budget, spent some of it, and whose root page of the table is spoilt."""
    (home / "runs").mkdir(parents=True)
    place = settled(finished.home, home / "state.db")
    engine = open_database(place)
    set_limit(engine, 5_000_000)
    for run, key in (("gone", "old"), (str(finished.ended.result["run"]), "new")):
        ask = Ask(key=key, what="a job", where="hf-jobs", micro_usd=400_000, basis="worst case")
        LedgerTable(engine, run).reserve(ask, 2_500_000)
    engine.dispose()
    with closing(sqlite3.connect(place)) as database:
        database.execute("UPDATE runs SET request = json_set(request, '$.budget_micro_usd', 2500000)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (root,) = database.execute(query, (table,)).fetchone()
    spoil(place, root - 1)
    return place


def spent(place: Path) -> tuple[dict[str, int], int | None]:
    engine = open_database(place)
    try:
        return {line.key: line.micro_usd for line in entries(engine)}, limit(engine)
    finally:
        engine.dispose()


def test_other_damage_changes_nothing_of_the_ledger(finished, tmp_path):
    place = with_money(finished, tmp_path / "home", "messages")
    saved = salvage(place)
    assert saved.damaged == ("messages",) and not saved.spent_in_full
    assert (saved.kept["ledger"], saved.kept["messages"]) == (2, 0)
    assert spent(place) == ({"old": 400_000, "new": 400_000}, 5_000_000)


@pytest.mark.parametrize(("table", "common"), [("ledger", 5_000_000), ("settings", 0)])
def test_where_money_may_be_forgotten_nothing_more_is_spent(finished, tmp_path, table, common):
    place = with_money(finished, tmp_path / "home", table)
    saved = salvage(place)
    assert saved.damaged == (table,) and saved.spent_in_full
    lines, all_together = spent(place)
    run = finished.ended.result["run"]
    assert lines[f"lost-{run}"] == 2_500_000 and all_together == common
    engine = open_database(place)
    with pytest.raises(OverBudget):
        ask = Ask(key="next", what="a job", where="hf-jobs", micro_usd=1, basis="worst case")
        LedgerTable(engine, run).reserve(ask, 2_500_000)
    engine.dispose()


def test_a_repair_that_fails_leaves_the_old_database(finished, tmp_path, monkeypatch):
    place = with_money(finished, tmp_path / "home", "ledger")
    before = place.read_bytes()

    def full(connection: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ml_intern.store.salvage._count_as_spent", full)
    with pytest.raises(OSError, match="No space"):
        salvage(place)
    assert place.read_bytes() == before and is_damaged(place)
    monkeypatch.undo()
    assert salvage(place).runs == 1 and not is_damaged(place)


def test_what_cannot_be_looked_at_is_not_called_sound(tmp_path):
    ended = ml_intern(tmp_path / "nowhere", "doctor", "--repair")
    assert ended.code == 2 and "There is no state database" in ended.told
    (tmp_path / "state.db").mkdir()
    with pytest.raises(InternError, match="cannot be looked at"):
        is_damaged(tmp_path / "state.db")
