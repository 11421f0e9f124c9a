"""The runner: one intent, one launch, whatever happens in between."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml_intern.compute.local import LocalBackend
from ml_intern.compute.runner import JobRunner
from ml_intern.compute.transfer import remove
from ml_intern.records.errors import ComputeRefused, JobFailed
from ml_intern.records.jobs import JobEntry, JobHandle, JobResult, JobSpec, JobState, JobStatus, Limits

LIMITS = Limits(seconds=30, memory_bytes=1_000_000_000)
CODE = """
import os
os.mkdir("outputs")
open("outputs/copy", "w").write(open("in.txt").read())
for n in range(250):
    print("line", n)
"""


class Registry:
    """A `JobRegistry` in memory."""

    def __init__(self) -> None:
        self.intents: list[str] = []
        self.handles: dict[str, JobHandle] = {}
        self.ends: dict[str, JobStatus] = {}

    def intend(self, job: JobSpec, backend: str, account: str) -> None:
        self.intents.append(job.intent_id)

    def entry(self, intent_id: str) -> JobEntry | None:
        return None

    def accepted(self, intent_id: str, handle: JobHandle) -> None:
        assert intent_id in self.intents
        self.handles[intent_id] = handle

    def ended(self, intent_id: str, status: JobStatus) -> None:
        self.ends[intent_id] = status

    def status(self, intent_id: str) -> JobStatus | None:
        return self.ends.get(intent_id)


class Setting:
    """A run with one input file."""

    def __init__(self, backend: LocalBackend, folder: Path) -> None:
        self.backend, self.folder = backend, folder
        self.registry = Registry()
        self.lines: list[tuple[str, str]] = []
        self.input = folder / "in.txt"
        self.input.write_text("content")

    def run(self, code: str = CODE, purpose: str = "smoke") -> JobResult:
        say = lambda purpose, line: self.lines.append((purpose, line))  # noqa: E731
        runner = JobRunner(self.backend, self.registry, "run-1", self.folder, say)
        return runner(purpose, ["python", "-c", code], {"in.txt": self.input}, LIMITS)

    def launches(self) -> int:
        return sum(len(path.read_text().splitlines()) for path in self.backend._jobs.glob("*/launches"))


@pytest.fixture
def setting(backend: LocalBackend, tmp_path: Path) -> Iterator[Setting]:
    folder = tmp_path / "run-1"
    folder.mkdir()
    yield Setting(backend, folder)


def test_a_job_runs_once_and_is_remembered(setting: Setting) -> None:
    result = setting.run()
    assert result.status.state is JobState.SUCCEEDED
    assert Path(result.outputs).parent == setting.folder / "jobs"
    assert (Path(result.outputs) / "copy").read_text() == "content"
    assert result.log_tail == tuple(f"line {n}" for n in range(50, 250))
    assert setting.lines == [("smoke", f"line {n}") for n in range(250)]
    assert setting.run() == result
    remove(Path(result.outputs))
    assert setting.run() == result
    assert (Path(result.outputs) / "copy").exists()
    assert setting.launches() == 1


def test_another_input_is_another_job(setting: Setting) -> None:
    first = setting.run()
    setting.input.write_text("changed")
    second = setting.run()
    assert first.outputs != second.outputs
    assert (Path(second.outputs) / "copy").read_text() == "changed"


def test_a_crash_before_the_end_was_recorded_repeats_nothing(setting: Setting) -> None:
    result = setting.run()
    setting.registry.ends.clear()
    assert setting.run() == result
    assert setting.launches() == 1


def test_a_failed_job_is_returned_with_its_outputs_and_not_repeated(setting: Setting) -> None:
    code = "import os; os.mkdir('outputs'); open('outputs/part', 'w'); raise SystemExit('cause')"
    result = setting.run(code)
    assert result.status.state is JobState.FAILED
    assert result.log_tail == ("cause",)
    assert (Path(result.outputs) / "part").exists()
    assert setting.run(code) == result
    assert setting.launches() == 1


def test_interrupting_stops_the_job_and_the_next_call_goes_on(setting: Setting) -> None:
    code = """
import os, time
again = os.path.exists("checkpoint")
open("checkpoint", "w")
print("second" if again else "first")
time.sleep(0 if again else 60)
"""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        with pytest.raises(KeyboardInterrupt):
            setting.run(code)
    finally:
        signal.signal(signal.SIGALRM, previous)
    (handle,) = setting.registry.handles.values()
    assert setting.backend.status(handle).state is JobState.CANCELLED
    assert setting.registry.ends == {}
    result = setting.run(code)
    assert (result.status.state, result.status.launches) == (JobState.SUCCEEDED, 2)
    assert setting.lines[-1] == ("smoke", "second")


def test_outputs_that_are_nowhere_are_not_invented(setting: Setting) -> None:
    result = setting.run()
    setting.backend.forget(JobHandle(backend="local", job_id=next(iter(setting.registry.ends))))
    assert setting.run().log_tail == ()
    remove(Path(result.outputs))
    with pytest.raises(JobFailed, match="were deleted"):
        setting.run()


def test_a_missing_input_is_refused_before_anything_starts(setting: Setting) -> None:
    setting.input.unlink()
    with pytest.raises(ComputeRefused, match="does not exist"):
        setting.run()
    assert setting.registry.intents == []
