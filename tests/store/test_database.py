import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

import ml_intern.store
from ml_intern.records.errors import InternError, RunLocked, UsageProblem
from ml_intern.records.runs import RunRequest, RunStatus
from ml_intern.records.spec import AnswerRule
from ml_intern.store import journal, runs
from ml_intern.store.database import HEAD, open_database
from ml_intern.store.lock import run_lock
from ml_intern.store.schema import metadata
from tests import runs as commands
from tests.runs import opened_run

REQUEST = RunRequest(sentence="Label texts by topic", data="x.csv")


def test_the_migrations_lead_to_the_declared_schema(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(ml_intern.store.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_state_of_a_newer_version_is_refused_with_advice(tmp_path):
    open_database(tmp_path / "state.db").dispose()
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(InternError, match="newer version") as caught:
        open_database(tmp_path / "state.db")
    assert "pip install --upgrade" in caught.value.hint


def test_a_damaged_database_is_named_with_a_way_out(tmp_path):
    (tmp_path / "state.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(InternError, match="is damaged") as caught:
        open_database(tmp_path / "state.db")
    assert "doctor --repair" in caught.value.hint and "untouched" in caught.value.hint


def test_runs_are_found_by_unique_prefix_and_default_to_the_latest(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with engine.begin() as connection:
        with pytest.raises(UsageProblem, match="no run yet"):
            runs.resolve(connection, None)
        for run_id in ("aa11", "aa22", "bb33"):
            runs.create(connection, run_id, REQUEST)
        assert runs.resolve(connection, None).id == "bb33"
        assert runs.resolve(connection, "aa2").id == "aa22"
        with pytest.raises(UsageProblem, match="More than one"):
            runs.resolve(connection, "aa")
        with pytest.raises(UsageProblem, match="no run 'zz'"):
            runs.resolve(connection, "zz")


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with pytest.raises(RuntimeError), engine.begin() as connection:
        runs.create(connection, "aa11", REQUEST)
        raise RuntimeError
    with engine.begin() as connection:
        assert runs.every(connection) == []


def test_a_tool_call_takes_effect_once(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with engine.begin() as connection:
        runs.create(connection, "aa11", REQUEST)
        journal.record_result(connection, "aa11", "call-1", "some_tool", "done")
        assert journal.recorded_result(connection, "aa11", "call-1") == "done"
    with pytest.raises(IntegrityError), engine.begin() as connection:
        journal.record_result(connection, "aa11", "call-1", "some_tool", "done again")


def test_removing_a_run_removes_what_belongs_to_it(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with engine.begin() as connection:
        runs.create(connection, "aa11", REQUEST)
        journal.append_messages(connection, "aa11", ['{"kind": "request"}'], start=0)
        runs.set_status(connection, "aa11", RunStatus.DONE)
        runs.remove(connection, "aa11")
        assert journal.messages_of(connection, "aa11") == []


def test_the_lock_of_a_killed_owner_is_free_and_a_living_one_is_named(tmp_path):
    hold = (
        "import sys, time; from pathlib import Path; from ml_intern.store.lock import run_lock\n"
        "with run_lock(Path(sys.argv[1]), 'aa11'):\n print('held', flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None and owner.stdout.readline() == "held\n"
    with pytest.raises(RunLocked, match=f"pid {owner.pid}"), run_lock(tmp_path, "aa11"):
        pass
    owner.kill()
    owner.communicate()
    with run_lock(tmp_path, "aa11"):
        pass


def test_a_run_from_before_the_answer_rule_gets_the_one_of_its_task(finished, tmp_path):
    """Nothing is asked or trained anew, and its models can be gone back to no further than before."""
    home = Path(shutil.copytree(finished.home, tmp_path / "home", symlinks=True))
    with closing(sqlite3.connect(home / "state.db")) as state:
        state.execute("DELETE FROM artifacts WHERE kind = 'answer_rule'")
        made_from = "json_remove(inputs, '$.answer_rule')"
        state.execute(f"UPDATE artifacts SET inputs = {made_from} WHERE kind = 'evaluation'")
        state.execute("ALTER TABLE jobs DROP COLUMN account")  # which came later still
        state.execute("UPDATE alembic_version SET version_num = '0002'")
        state.commit()
    ended = commands.ml_intern(home, "resume", "--json")
    assert ended.code == 0, ended.out + ended.err
    assert [event["event"] for event in ended.events] == ["result"]
    with opened_run(home) as run, opened_run(finished.home) as before:
        assert run.sha256(AnswerRule) == before.sha256(AnswerRule)
        assert len(run.answers) == 1 and run.stage() is None
