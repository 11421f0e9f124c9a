"""Metrics in trackio's own database, written by the real trackio."""

import sqlite3
from contextlib import closing

import pytest

from tests.runs import TASK, ml_intern_process

pytest.importorskip("trackio")


def test_the_training_is_logged_step_by_step_and_stdout_stays_json(tickets, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    home = tmp_path / "home"
    command = ("run", TASK, "--data", tickets, "--approve", "plan", "--until", "train", "--json")
    ended = ml_intern_process(home, *command, "--track", "desk")
    assert ended.code == 0, ended.err
    told = [event["step"] for event in ended.events if event["event"] == "metric"]
    with closing(sqlite3.connect(tmp_path / "trackio" / "desk.db")) as database:
        rows = database.execute("SELECT run_name, step, metrics FROM metrics ORDER BY step").fetchall()
    assert {row[0] for row in rows} == {ended.result["run"]}
    assert [row[1] for row in rows] == told
    assert all("macro_f1" in str(row[2]) for row in rows)
