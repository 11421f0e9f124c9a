"""Rented machines through the official client: every answer that the Jobs API can give, and none."""

import io
import tarfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import Volume

from ml_intern.compute.hf_jobs import refusals
from ml_intern.compute.hf_jobs.backend import HfJobsBackend
from ml_intern.compute.hf_jobs.parcel import command, dependencies, repo_of
from ml_intern.compute.hf_jobs.results import _unpack
from ml_intern.hub.access import HubAccess
from ml_intern.records.errors import ComputeRefused, JobUnclear
from ml_intern.records.jobs import JobHandle, JobSpec, JobState, JobStatus, Limits
from tests.compute.rented import OWNER, Fault, Rented, rented

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")
SUBMIT, INSPECT = ("POST", f"/api/jobs/{OWNER}"), ("GET", f"/api/jobs/{OWNER}/")
WORK = """
import pathlib, sys
data = pathlib.Path("data/train.txt").read_text()
pathlib.Path("outputs/made.txt").write_text(data.upper())
pathlib.Path("outputs/deep").mkdir()
pathlib.Path("outputs/deep/more.txt").write_text(pathlib.Path("/models/base/weights").read_text())
for number in range(3):
    print(f"line {number}", flush=True)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rented]:
    with rented(tmp_path_factory.mktemp("rented")) as found:
        yield found


@pytest.fixture
def place(shared: Rented, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rented]:
    monkeypatch.setattr("ml_intern.compute.hf_jobs.backend.LOOKS", (0.1, 0.1))
    yield shared
    shared.wire.faults.clear()


def job(folder: Path, code: str = WORK, seconds: int = 60) -> JobSpec:
    (folder / "model").mkdir(exist_ok=True)
    (folder / "model" / "weights").write_text("weights")
    (folder / "train.txt").write_text("words")
    (folder / "work.py").write_text(code)
    return JobSpec(
        intent_id=uuid.uuid4().hex[:20],
        run="r1",
        purpose="train",
        argv=("python", "work.py"),
        inputs={"work.py": str(folder / "work.py"), "data/train.txt": str(folder / "train.txt")},
        mounts={"/models/base": str(folder / "model")},
        limits=Limits(seconds=seconds),
    )


def wait(backend: HfJobsBackend, handle: JobHandle, seconds: float = 60) -> JobStatus:
    end = time.monotonic() + seconds
    while not (status := backend.status(handle)).state.ended:
        assert time.monotonic() < end, "the job does not end"
        time.sleep(0.05)
    return status


def test_a_job_gets_its_inputs_and_its_outputs_and_lines_come_back(place: Rented, tmp_path: Path) -> None:
    backend, spec = place.backend(), job(tmp_path)
    before = place.hub.jobs.credits(OWNER)
    handle = backend.submit(spec)
    status = wait(backend, handle)
    assert status.state is JobState.SUCCEEDED, list(backend.logs(handle, 0))
    assert list(backend.logs(handle, 0)) == ["line 0", "line 1", "line 2"]
    assert list(backend.logs(handle, 2)) == ["line 2"]
    backend.fetch(handle, tmp_path / "out")
    found = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == {"made.txt", "deep/more.txt"}
    assert (tmp_path / "out" / "made.txt").read_text() == "WORDS"
    assert (tmp_path / "out" / "deep" / "more.txt").read_text() == "weights"
    # A new process finds it by its label, and reads its log from the start.
    other = place.backend()
    assert other.find(spec.intent_id) == handle
    assert len(list(other.logs(handle, 0))) == 3
    # What the Hub charges is what the client computes from its seconds.
    offer = next(each for each in backend.offers() if each.flavour == "cpu-basic")
    assert before - place.hub.jobs.credits(OWNER) == offer.cost(status.seconds) > 0
    # What went up is private, and the token is nowhere in it.
    repo = repo_of(OWNER, "r1")
    assert place.access().api.dataset_info(repo).private
    (row,) = [each for each in place.jobs() if each.id == handle.job_id]
    assert row.spec.secrets == {} and row.spec.environment == {} and row.spec.timeoutSeconds == 60
    assert "hf_" not in row.spec.model_dump_json()
    backend.forget(handle)
    backend.clear("r1")
    backend.clear("r1")  # once more is no error
    assert not place.access().api.repo_exists(repo, repo_type="dataset")


@pytest.mark.parametrize(
    ("code", "state", "said"),
    [
        ("import sys; print('cause', flush=True); sys.exit(3)", JobState.FAILED, "3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", JobState.FAILED, ""),
        ("x = bytearray(40 << 30); print(len(x))", JobState.FAILED, ""),
        ("import time; time.sleep(60)", JobState.TIMED_OUT, "time"),
    ],
    ids=["exit", "signal", "memory", "time-out"],
)
def test_failed_means_failed(place: Rented, tmp_path: Path, code: str, state: JobState, said: str) -> None:
    backend = place.backend()
    handle = backend.submit(job(tmp_path, code, seconds=3 if state is JobState.TIMED_OUT else 60))
    status = wait(backend, handle)
    assert status.state is state and said in status.reason, status
    backend.fetch(handle, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_cancel_ends_it_and_only_what_it_used_is_charged(place: Rented, tmp_path: Path) -> None:
    backend = place.backend()
    before = place.hub.jobs.credits(OWNER)
    handle = backend.submit(job(tmp_path, "import time; time.sleep(300)", seconds=600))
    backend.cancel(handle)
    status = backend.status(handle)
    assert status.state is JobState.CANCELLED
    assert place.runner.status(JobHandle(backend="local", job_id=handle.job_id)).state.ended
    assert before - place.hub.jobs.credits(OWNER) <= 167
    backend.cancel(handle)  # does nothing


def test_more_jobs_than_places_wait_in_order(tmp_path: Path) -> None:
    with rented(tmp_path / "hub", slots=1) as place:
        backend = place.backend()
        first = backend.submit(job(tmp_path, "import time; time.sleep(2)"))
        second = backend.submit(job(tmp_path, "print('second')"))
        third = backend.submit(job(tmp_path, "print('third')"))
        assert backend.status(second).state is JobState.QUEUED
        backend.cancel(third)
        assert backend.status(third).state is JobState.CANCELLED and backend.status(third).seconds == 0
        assert wait(backend, first).state is wait(backend, second).state is JobState.SUCCEEDED


def test_no_credit_is_a_refusal_and_nothing_runs(tmp_path: Path) -> None:
    with rented(tmp_path / "hub", credits=1_000) as place:
        with pytest.raises(ComputeRefused, match="too little credit") as caught:
            place.backend("t4-small").submit(job(tmp_path, seconds=3600))
        assert "Buy credit" in caught.value.hint and place.jobs() == []
        # Promised money cannot be promised twice: the first job holds what a second one would need.
        cheap = place.backend("cpu-basic")
        handle = cheap.submit(job(tmp_path, "import time; time.sleep(30)", seconds=300))
        with pytest.raises(ComputeRefused, match="too little credit"):
            cheap.submit(job(tmp_path, seconds=300))
        cheap.cancel(handle)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "does not accept the token"),
        (403, "is not allowed"),
        (402, "too little credit"),
        (400, "would not take"),
    ],
)
def test_a_refusal_is_told_in_words(place: Rented, tmp_path: Path, status: int, said: str) -> None:
    spec = job(tmp_path)
    place.wire.faults.append(Fault(*SUBMIT, status=status))
    with pytest.raises(ComputeRefused, match=said):
        place.backend().submit(spec)
    assert place.backend().find(spec.intent_id) is None
    # What went up for it is taken back.
    assert not place.access().api.repo_exists(repo_of(OWNER, spec.run), repo_type="dataset")


def test_a_job_that_the_hub_no_longer_knows_is_lost_and_left_nothing(place: Rented, tmp_path: Path) -> None:
    handle = JobHandle(backend="hf-jobs", job_id="0" * 24)
    assert place.backend().status(handle).state is JobState.LOST
    place.backend().fetch(handle, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_outputs_that_this_token_may_not_have_are_no_traceback(place: Rented, tmp_path: Path) -> None:
    backend = place.backend()
    handle = backend.submit(job(tmp_path))
    wait(backend, handle)
    place.wire.faults.append(Fault("GET", f"/api/jobs/{OWNER}/{handle.job_id}", status=403))
    with pytest.raises(ComputeRefused, match="is not allowed"):
        backend.fetch(handle, tmp_path / "out")


def test_a_job_whose_files_no_disk_takes_ends_and_the_others_go_on(place: Rented, tmp_path: Path) -> None:
    bucket = Volume(type="bucket", source=f"{OWNER}/b", mount_path="/results", path="x" * 300)
    api = place.access().api
    made = api.run_job(
        image="python:3.12",
        command=["python", "-c", "1"],
        flavor="cpu-basic",
        timeout=60,
        volumes=[bucket],
        labels={"ml-intern-intent": "unusual"},
    )
    assert api.inspect_job(job_id=made.id).status.stage == "ERROR"
    handle = place.backend().submit(job(tmp_path))
    assert wait(place.backend(), handle).state is JobState.SUCCEEDED


def test_a_token_that_may_not_write_or_is_nobodys(place: Rented, tmp_path: Path) -> None:
    with pytest.raises(ComputeRefused, match="is not allowed"):
        place.backend(access=place.access("read")).submit(job(tmp_path))
    with pytest.raises(ComputeRefused, match="is not allowed"):
        place.backend(access=place.access(user="somebody")).submit(job(tmp_path))
    with pytest.raises(ComputeRefused, match="does not accept the token"):
        place.backend(access=HubAccess(place.url, "hf_wrong", embedded=True)).submit(job(tmp_path))


def test_too_many_requests_waits_a_little_and_refuses_a_long_wait(place: Rented, tmp_path: Path) -> None:
    backend = place.backend()
    place.wire.faults.append(Fault(*SUBMIT, status=429, headers={"Retry-After": "1"}))
    began, posts = time.monotonic(), place.wire.posts
    handle = backend.submit(job(tmp_path))
    assert time.monotonic() - began >= 1 and place.wire.posts == posts + 2
    backend.cancel(handle)
    place.wire.faults.append(Fault(*SUBMIT, status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(ComputeRefused, match="no more requests") as caught:
        backend.submit(job(tmp_path))
    assert "3600 seconds" in caught.value.hint


def test_trouble_before_the_start_starts_nothing(place: Rented, tmp_path: Path) -> None:
    spec = job(tmp_path)
    place.wire.faults.append(Fault(*SUBMIT, status=503))
    with pytest.raises(ComputeRefused, match=r"in trouble \(503\); no job was started"):
        place.backend().submit(spec)
    assert place.backend().find(spec.intent_id) is None


def test_a_start_whose_answer_was_lost_is_found_by_its_label(place: Rented, tmp_path: Path) -> None:
    spec, posts = job(tmp_path), place.wire.posts
    place.wire.faults.append(Fault(*SUBMIT, status=502, after=True))
    handle = place.backend().submit(spec)
    assert place.wire.posts == posts + 1
    assert [row.id for row in place.jobs() if row.spec.labels["ml-intern-intent"] == spec.intent_id] == [
        handle.job_id
    ]


def test_where_the_list_cannot_be_read_nothing_is_started(
    place: Rented, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, posts = job(tmp_path), place.wire.posts
    real = refusals.patiently
    monkeypatch.setattr(
        "ml_intern.compute.hf_jobs.backend.patiently",
        lambda ask, unclear, patience=0: real(ask, unclear, 0.3),
    )
    place.wire.faults += [
        Fault(*SUBMIT, status=502, after=True),
        Fault("GET", SUBMIT[1], status=501, times=99),
    ]
    with pytest.raises(JobUnclear, match="is not known") as caught:
        place.backend().submit(spec)
    assert caught.value.exit_code == 5 and not isinstance(caught.value, ComputeRefused)
    with pytest.raises(JobUnclear, match="is not known"):
        place.backend().find(spec.intent_id)
    assert place.wire.posts == posts + 1
    place.wire.faults.clear()
    assert place.backend().find(spec.intent_id) is not None  # it had started


def test_a_log_that_breaks_off_goes_on_without_doubles(place: Rented, tmp_path: Path) -> None:
    code = "import time\nfor number in range(30):\n    print(number, flush=True)\n    time.sleep(0.1)\n"
    backend = place.backend()
    place.wire.faults.append(Fault("GET", "/logs", cut=1))
    handle = backend.submit(job(tmp_path, code))
    seen: list[str] = []
    while not backend.status(handle).state.ended:
        seen += backend.logs(handle, len(seen))
        time.sleep(0.1)
    seen += backend.logs(handle, len(seen))
    assert seen == [str(number) for number in range(30)]
    assert place.wire.faults[-1].times == 0  # it was cut, once


def test_a_hub_that_is_away_for_a_while_is_waited_for(place: Rented, tmp_path: Path) -> None:
    backend = place.backend()
    handle = backend.submit(job(tmp_path, "print('done')"))
    place.wire.faults.append(Fault(*INSPECT, status=503, times=2))
    assert wait(backend, handle).state is JobState.SUCCEEDED


def test_a_flavour_that_there_is_not(place: Rented) -> None:
    with pytest.raises(ComputeRefused, match="does not exist; there are: cpu-basic"):
        place.backend("h900").check()


def test_hostile_requests_are_refused_by_the_server(place: Rented, tmp_path: Path) -> None:
    from huggingface_hub import Volume
    from huggingface_hub.errors import HfHubHTTPError

    api = place.access().api

    def mine(path: str) -> Volume:
        return Volume(type="bucket", source=f"{OWNER}/b", mount_path=path)

    settings = {"image": "python:3.12", "timeout": 5, "namespace": OWNER, "flavor": "cpu-basic"}
    cases = [
        {"command": ["bash", "-c", "id"]},
        {"command": ["python", "-V"], "env": {"LD_PRELOAD": "/x.so"}},
        {"command": ["python", "-V"], "secrets": {"TOKEN": "hf_x"}},
        {"command": ["python", "-V"], "attempts": 5},
        {"command": ["python", "-V"], "volumes": [mine("/etc")]},
        {"command": ["python", "-V"], "volumes": [mine("/proc/self")]},
    ]
    for case in cases:
        try:
            made = api.run_job(**settings, **case)
        except HfHubHTTPError as error:
            assert error.response.status_code == 400, case
        else:  # taken, and then refused by the sandbox
            assert api.inspect_job(job_id=made.id, namespace=OWNER).status.stage == "ERROR", case
    stolen = Volume(type="bucket", source="somebody/b", mount_path="/outputs")
    outside = Volume(type="bucket", source=f"{OWNER}/..", mount_path="/outputs", path="../../hub.db")
    foreign = Volume(type="dataset", source="somebody/secret", mount_path="/data")
    place.hub.catalogue.create("dataset", "somebody", "secret", True, None, "somebody")
    for volume in (stolen, outside, foreign):
        made = api.run_job(**settings, command=["python", "-V"], volumes=[volume])
        assert made.status.stage == "ERROR", volume


def test_the_command_pins_what_the_script_asks_for(tmp_path: Path) -> None:
    spec = job(tmp_path, '# /// script\n# dependencies = ["numpy", "no-such-thing>=1"]\n# ///\nprint(1)\n')
    from importlib.metadata import version

    assert dependencies(spec) == [f"numpy=={version('numpy')}", "no-such-thing>=1"]
    assert command(spec)[:3] == ["uv", "run", "--no-project"]
    assert command(spec)[-2:] == ["python", "work.py"]


def test_an_archive_of_outputs_cannot_write_elsewhere(tmp_path: Path) -> None:
    place = tmp_path / "outputs"
    place.mkdir()

    def packed(name: str, **more: Any) -> Path:
        path = tmp_path / "archive.tar"
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo(name)
            for key, value in {"size": 4, **more}.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(b"text") if member.isfile() else None)
        return path

    for name in ("../evil", "a/../../evil"):
        with pytest.raises(ComputeRefused, match="forbidden name"):
            _unpack(packed(name), place)
    _unpack(packed("link", type=tarfile.SYMTYPE, linkname="/etc/passwd", size=0), place)
    _unpack(packed("/deep/file"), place)
    assert [path.name for path in place.rglob("*") if not path.is_dir()] == ["file"]
    assert (place / "deep" / "file").read_text() == "text" and not (tmp_path / "evil").exists()
