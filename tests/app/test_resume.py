"""A run is killed with SIGKILL, again and again, and ends like one that was left alone."""

import json
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from benchmarks.chaos import begin, disturb, end_state, judged, launches, survivors

from ml_intern.records.jobs import JobState
from ml_intern.workflow.stages import NAMES
from tests.runs import ML_INTERN, TASK, environment, ml_intern

KILLS, RUNS = 12, 2


@pytest.fixture(scope="module")
def undisturbed(finished) -> tuple[dict[str, Any], int]:
    """The end state, and how many jobs led to it."""
    return end_state(finished.home), len(launches(finished.home))


@pytest.mark.long
def test_killed_at_every_stage_boundary_it_ends_the_same(tmp_path, options, undisturbed):
    for stage in NAMES[: NAMES.index("package") + 1]:
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
    assert judged(tmp_path, *undisturbed) == []


@pytest.mark.long
def test_killed_at_random_instants_it_ends_the_same(tmp_path, options, undisturbed):
    homes = [tmp_path / str(i) for i in range(RUNS)]
    wanted = [KILLS // RUNS + (i < KILLS % RUNS) for i in range(RUNS)]
    with ThreadPoolExecutor(2) as pool:
        killed = list(pool.map(disturb, homes, [options] * RUNS, range(RUNS), wanted))
    assert sum(killed) >= 0.8 * KILLS, "runs ended before they could be killed often enough"
    for home in homes:
        assert judged(home, *undisturbed) == []


def test_of_two_resumes_one_works_and_the_other_names_the_owner(tmp_path, tickets):
    first = subprocess.Popen(
        [ML_INTERN, "run", TASK, "--data", str(tickets), "--until", "baseline", "--json"],
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
    resumed = ml_intern(tmp_path, "resume", "--until", "baseline", "--json")
    assert (resumed.code, resumed.result["stage"]) == (0, "draft")


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
    ended = ml_intern(tmp_path, "resume", "--until", "smoke", "--json")
    assert (ended.code, ended.result["stage"]) == (0, "plan")
    removed = ml_intern(tmp_path, "rm", ended.result["run"])
    assert removed.code == 0
    assert list((tmp_path / "runs").iterdir()) == list((tmp_path / "jobs").glob("[0-9a-f]*")) == []


def test_job_states_that_ended_are_told_from_those_that_go_on():
    assert [state for state in JobState if not state.ended] == [JobState.QUEUED, JobState.RUNNING]
