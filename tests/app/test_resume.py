"""A run is killed with SIGKILL, again and again, and ends like one that was left alone."""

import json
import random
import re
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from ml_intern.records.jobs import JobState
from ml_intern.workflow.stages import NAMES
from tests.runs import ML_INTERN, TASK, environment, ml_intern, opened_run

VOLATILE = {
    "seconds", "train_seconds", "startup_seconds", "peak_memory_bytes", "memory_bytes", "minutes", "log_tail",
    "intent_id", "card", "traces", "seconds_by_check",
}  # fmt: skip
KILLS, RUNS = 50, 6


def stable(value: Any) -> Any:
    """An artifact without times, memory and ids of runs, which differ between any two runs."""
    if isinstance(value, dict):
        return {key: stable(each) for key, each in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [stable(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"(jobs/[a-z-]+-)[0-9a-f]{8}", r"\1", value)
    return value


def end_state(home: Path) -> dict[str, Any]:
    with opened_run(home) as run:
        history = [(stored.kind, stored.version) for stored in run.history]
        found = {kind: stable(made.model_dump(mode="json")) for kind, made in run.artifacts().items()}
    # These name measured seconds: the card as text, evaluation and curves as files beside it.
    measured = {"README.md", "MANIFEST.sha256", "evaluation.json", "audit.json", "training_curves.csv"}
    for holder, name in (("bundle", "files"), ("training_run", "figures")):
        kept = [each for each in found[holder][name] if Path(each["path"]).name not in measured]
        found[holder][name] = kept
    return found | {"history": history}


def survivors(home: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(home) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(words)
    return found


def launches(home: Path) -> dict[str, int]:
    return {
        path.parent.name: len(path.read_text().splitlines()) for path in (home / "jobs").glob("*/launches")
    }


def begin(home: Path, options: list[str]) -> list[str]:
    """The command that goes on with the run in `home`, or starts it where there is none yet."""
    if (home / "state.db").exists():
        with closing(sqlite3.connect(home / "state.db", timeout=30)) as state:
            made = state.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone()
            if made and state.execute("SELECT 1 FROM runs").fetchone():
                return ["resume", "--json"]
    return ["run", TASK, *options]


def check(home: Path, undisturbed: dict[str, Any]) -> None:
    assert end_state(home) == undisturbed
    counts = launches(home)
    assert set(counts.values()) == {1}, counts
    assert len(counts) == 7  # baseline, smoke, train, two to evaluate, stress, example
    assert survivors(home) == []


@pytest.fixture(scope="module")
def undisturbed(finished) -> dict[str, Any]:
    return end_state(finished.home)


@pytest.mark.slow
def test_killed_at_every_stage_boundary_it_ends_the_same(tmp_path, options, undisturbed):
    for stage in NAMES[:-1]:
        process = subprocess.Popen(
            [ML_INTERN, *begin(tmp_path, options)],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "stage_finished" and event["stage"] == stage:
                break
            assert event["event"] != "result", event
        process.send_signal(signal.SIGKILL)
        process.communicate()
    ended = ml_intern(tmp_path, "resume", "--json")
    assert ended.code == 0, ended.out + ended.err
    check(tmp_path, undisturbed)


def disturb(home: Path, options: list[str], seed: int, kills: int) -> int:
    """Run to the end with up to `kills` kills at random instants; returns how many there were."""
    chance, killed = random.Random(seed), 0
    while True:
        process = subprocess.Popen(
            [ML_INTERN, *begin(home, options)],
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            code = process.wait(timeout=chance.uniform(0, 5) if killed < kills else 120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
            continue
        assert code == 0
        return killed


@pytest.mark.slow
def test_killed_at_random_instants_it_ends_the_same(tmp_path, options, undisturbed):
    homes = [tmp_path / str(i) for i in range(RUNS)]
    wanted = [KILLS // RUNS + (i < KILLS % RUNS) for i in range(RUNS)]
    with ThreadPoolExecutor(2) as pool:
        killed = list(pool.map(disturb, homes, [options] * RUNS, range(RUNS), wanted))
    assert sum(killed) >= 0.8 * KILLS, "runs ended before they could be killed often enough"
    for home in homes:
        check(home, undisturbed)


def test_of_two_resumes_one_works_and_the_other_names_the_owner(tmp_path, tickets):
    first = subprocess.Popen(
        [ML_INTERN, "run", TASK, "--data", str(tickets), "--approve", "plan", "--json"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert first.stdout is not None
    first.stdout.readline()
    second = ml_intern(tmp_path, "resume", "--json")
    assert second.code == 1
    assert f"pid {first.pid}" in second.events[-1]["message"]
    first.communicate()
    assert first.returncode == 0


def test_ctrl_c_stops_the_job_and_resume_goes_on(tmp_path, tickets):
    process = subprocess.Popen(
        [ML_INTERN, "run", TASK, "--data", str(tickets), "--approve", "plan", "--json"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("stage") == "baseline":
            break
    time.sleep(1.5)  # by now the baseline's job runs
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["status"] == "interrupted"
    assert survivors(tmp_path) == []
    assert ml_intern(tmp_path, "resume", "--json").code == 0


def test_a_cancelled_run_leaves_no_job_and_can_be_resumed(tmp_path, tickets):
    process = subprocess.Popen(
        [ML_INTERN, "run", TASK, "--data", str(tickets), "--approve", "plan", "--json"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("stage") == "smoke":
            break
    time.sleep(1.5)
    process.kill()
    process.communicate()
    cancelled = ml_intern(tmp_path, "cancel", "--json")
    assert (cancelled.code, cancelled.events[-1]["status"]) == (0, "cancelled")
    assert survivors(tmp_path) == []
    ended = ml_intern(tmp_path, "resume", "--json")
    assert ended.code == 0
    removed = ml_intern(tmp_path, "rm", ended.result["run"])
    assert removed.code == 0
    assert list((tmp_path / "runs").iterdir()) == list((tmp_path / "jobs").glob("[0-9a-f]*")) == []


def test_job_states_that_ended_are_told_from_those_that_go_on():
    assert [state for state in JobState if not state.ended] == [JobState.QUEUED, JobState.RUNNING]
