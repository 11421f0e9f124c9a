"""Which errors are the machine's own trouble, and which only sound like it."""

import errno

import pytest
from sqlalchemy.exc import OperationalError

from ml_intern.records.errors import InternError, JobFailed
from ml_intern.records.jobs import JobHandle, JobSpec, Limits
from ml_intern.records.runs import RunRequest
from ml_intern.store import runs
from ml_intern.store.database import open_database
from ml_intern.store.jobs import JobTable
from ml_intern.store.trouble import explain


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "is full"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_lies_behind_an_error_is_found(tmp_path, error, says):
    later = RuntimeError("could not go on")
    later.__cause__ = error
    for seen in (error, later):
        found = explain(seen, tmp_path)
        assert found is not None and says in found.message and found.hint


def test_a_closed_folder_counts_only_where_it_is_ours(tmp_path):
    ours = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "runs"))
    theirs = PermissionError(errno.EACCES, "Permission denied", "/elsewhere/data.csv")
    found = explain(ours, tmp_path)
    assert found is not None and "cannot be written" in found.message
    assert explain(theirs, tmp_path) is None


@pytest.mark.parametrize(
    "error",
    [
        JobFailed("Last line: OSError: [Errno 28] No space left on device"),  # of its own small /tmp, perhaps
        InternError("something else"),
        ValueError("database or disk is full"),
    ],
)
def test_words_alone_are_no_evidence(tmp_path, error):
    assert explain(error, tmp_path) is None


def test_a_job_that_one_backend_refused_is_known_under_the_next(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with engine.begin() as connection:
        runs.create(connection, "run", RunRequest(sentence="Label texts by topic", data="x.csv"))
    job = JobSpec(
        intent_id="i", run="run", purpose="smoke", argv=("python",), inputs={}, limits=Limits(seconds=1)
    )
    table = JobTable(engine)
    for backend in ("local", "unsandboxed"):
        table.intend(job, backend, account="")
    (entry,) = table.entries("run")
    assert (entry.purpose, entry.backend) == ("smoke", "unsandboxed")
    # A handle of before is none of the job that is started now.
    table.accepted("i", JobHandle(backend="unsandboxed", job_id="first"))
    assert table.entry("i").handle.job_id == "first"
    table.intend(job, "hf-jobs", account="acme on the Hub")
    assert (table.entry("i").handle, table.entry("i").account) == (None, "acme on the Hub")


def test_bytes_that_are_no_text_in_the_database_are_damage(tmp_path):
    engine = open_database(tmp_path / "state.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE spoilt (content TEXT)")
        connection.exec_driver_sql("INSERT INTO spoilt VALUES (CAST(x'7bff7d' AS TEXT))")
    with pytest.raises(OperationalError) as refused, engine.begin() as connection:
        connection.exec_driver_sql("SELECT content FROM spoilt").all()
    found = explain(refused.value, tmp_path)
    assert found is not None and "is damaged" in found.message and "doctor --repair" in found.hint
