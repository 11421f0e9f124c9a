"""A machine that gets in the way: full disk, closed folder, wrong clock, impatient user, old state."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from ml_intern.records.errors import UsageProblem
from tests.compute.host import alive, eventually
from tests.runs import ML_INTERN, TASK, environment, ml_intern, ml_intern_process, opened_run

ROOT = os.geteuid() == 0


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a disk of the given size in MiB."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(mebibytes: int) -> Path:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", place], check=False
        )
        if made.returncode:
            pytest.skip("mounting a small disk needs root")
        return place

    yield mount
    subprocess.run(["umount", "-l", place], check=False, stderr=subprocess.DEVNULL)


def fill(disk: Path, leave: int) -> Path:
    """Fill the disk but for `leave` bytes; returns the file that does."""
    usage = os.statvfs(disk)
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, usage.f_bavail * usage.f_frsize - leave))
    return ballast


@pytest.mark.long
def test_a_full_disk_is_named_wherever_it_stops_a_run_and_nothing_is_lost(small_disk, tickets):
    """The disk has a little more room at each attempt, so that it is full in one stage after another."""
    disk = small_disk(60)
    home = disk / "home"
    room, stopped = 0, []
    command = ["run", TASK, "--data", str(tickets), "--approve", "plan"]
    while True:
        ballast = fill(disk, room)
        ended = ml_intern_process(home, *command, "--json")
        ballast.unlink()
        assert "Traceback" not in ended.err
        told = ended.events[-1]
        if ended.code == 0:
            break
        said = told.get("error") or told["message"]
        assert "is full" in said or "MiB are free" in said, told
        assert ended.code == (1 if "is full" in said else 5)
        assert "ml-intern resume" in told["hint"] or "larger disk" in told["hint"]
        stages = [event["stage"] for event in ended.events if event.get("stage")]
        stopped.append(stages[-1] if stages else "opening the store")
        with suppress(UsageProblem), opened_run(home):
            command = ["resume"]
        room = max(150_000, 2 * room)
        assert room < 1 << 25, stopped  # it takes about 18 MiB
    assert len(set(stopped)) >= 4, stopped
    assert {"opening the store"} < set(stopped)
    with opened_run(home) as run:
        assert run.stage() is None


def test_data_that_fits_nowhere_is_refused_before_it_is_read(small_disk, tmp_path):
    disk = small_disk(1024)
    huge = tmp_path / "huge.csv"
    huge.write_text("ticket,issue_type\nmy parcel is late,delivery\n")
    began = time.monotonic()
    assert ml_intern_process(disk / "home", "run", TASK, "--data", huge, "--until", "define").code == 0
    small = time.monotonic() - began
    os.truncate(huge, 10 << 30)  # its blocks are holes: nothing is written
    began = time.monotonic()
    ended = ml_intern_process(disk / "home", "run", TASK, "--data", huge, "--json")
    assert time.monotonic() - began < 2 * small + 1  # hashing it alone would take longer
    assert ended.code == 5
    assert "'huge.csv' has 10.0 GiB" in ended.result["error"]
    assert "1.0 GiB are free" in ended.result["error"]
    assert "sample" in ended.result["hint"]


def test_a_home_that_cannot_be_written_is_named(small_disk, tickets, tmp_path):
    if ROOT:
        home = small_disk(8)
        subprocess.run(["mount", "-o", "remount,ro", home], check=True)
    else:
        home = tmp_path / "closed"
        home.mkdir(mode=0o500)
    for command in (["run", TASK, "--data", str(tickets)], ["runs"], ["demo"]):
        ended = ml_intern_process(home, *command)
        assert ended.code == 1
        assert f"The state folder {home} cannot be written" in ended.told
        assert "--home" in ended.told
    file = tmp_path / "file"
    file.write_text("not a folder")
    assert "--home" in ml_intern_process(file, "runs").told


def test_a_run_that_becomes_read_only_is_not_broken(small_disk, tickets):
    if not ROOT:
        pytest.skip("remounting needs root")
    disk = small_disk(60)
    home = disk / "home"
    assert ml_intern_process(home, "run", TASK, "--data", tickets, "--until", "inspect").code == 0
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ended = ml_intern_process(home, "resume", "--json")
    assert (ended.code, "cannot be written" in ended.events[-1]["message"]) == (1, True)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert ml_intern_process(home, "resume", "--until", "baseline").code == 0


def test_a_clock_that_was_moved_back_does_not_hide_the_latest_run(tmp_path, tickets):
    home = tmp_path / "home"
    first = ml_intern(home, "run", TASK, "--data", tickets, "--until", "inspect", "--json").result["run"]
    later = "2999-01-01T00:00:00.000000+00:00"
    with sqlite3.connect(home / "state.db") as state:
        state.execute("UPDATE runs SET created = ?, updated = ?", (later, later))
        state.execute("UPDATE events SET time = ?", (later,))
        state.execute("UPDATE artifacts SET time = ?", (later,))
    state.close()
    second = ml_intern(home, "run", TASK, "--data", tickets, "--until", "inspect", "--json").result["run"]
    assert [run["id"] for run in ml_intern(home, "runs", "--json").events[0]] == [second, first]
    assert ml_intern(home, "show", "--json").events[0]["run"] == second
    assert ml_intern(home, "resume", first, "--until", "baseline").code == 0


def test_a_run_of_an_older_version_is_shown_and_what_it_lacks_is_done_again(tmp_path, tickets):
    """Before the probe came, `baselines` held one linear model instead of several."""
    home = tmp_path / "home"
    first = ml_intern(home, "run", TASK, "--data", tickets, "--until", "draft", "--json")
    with sqlite3.connect(home / "state.db") as state:
        (content,) = state.execute("SELECT content FROM artifacts WHERE kind = 'baselines'").fetchone()
        old = json.loads(content)
        (model,) = old.pop("models")
        old |= {"linear_model": model["model"], "linear_folder": model["folder"]}
        state.execute("UPDATE artifacts SET content = ? WHERE kind = 'baselines'", (json.dumps(old),))
    state.close()
    shown = ml_intern(home, "show", "--json").events[0]
    assert {stage["name"]: stage["state"] for stage in shown["stages"]}["baseline"] == "open"
    ended = ml_intern(home, "resume", "--until", "draft", "--json")
    assert ended.code == 0
    told = [event["text"] for event in ended.events if event["event"] == "message"]
    assert any("Another version of ML Intern made baselines" in text for text in told)
    assert ended.result["baselines"] == first.result["baselines"]


@pytest.mark.parametrize("presses", [1, pytest.param(2, marks=pytest.mark.long)])
def test_ctrl_c_ends_at_once_and_leaves_nothing_running(tmp_path, tickets, presses):
    home = tmp_path / "home"
    process = subprocess.Popen(
        [ML_INTERN, "run", TASK, "--data", str(tickets), "--approve", "plan"],
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert eventually(lambda: list((home / "jobs").glob("[!.]*/launches")), 60)
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    if presses == 1:
        assert "nothing is lost" in err
        assert "ml-intern resume" in err
    ended = ml_intern(home, "resume", "--until", "baseline", "--json")
    assert ended.code == 0, ended.result
    assert eventually(lambda: alive(str(home / "jobs")) == [])


def test_two_runs_at_once_in_one_home(tmp_path, tickets):
    with ThreadPoolExecutor() as pool:
        both = list(
            pool.map(
                lambda seed: ml_intern_process(
                    tmp_path,
                    "run",
                    TASK,
                    "--data",
                    tickets,
                    "--seed",
                    str(seed),
                    "--until",
                    "baseline",
                    "--json",
                ),
                (0, 1),
            )
        )
    assert [ended.code for ended in both] == [0, 0]
    assert len({ended.result["run"] for ended in both}) == 2
