"""What is refused, and how the refusal is worded."""

from pathlib import Path

import pytest

from ml_intern.compute import sandbox
from ml_intern.compute.local import LocalBackend
from ml_intern.records.errors import ComputeRefused, SandboxMissing
from tests.compute.host import job, wait


def test_what_a_job_cannot_have_is_refused(backend: LocalBackend, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to("/etc/hostname")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "linked").symlink_to("/etc/hostname")
    for inputs in ({"../x": __file__}, {"/x": __file__}, {"x": "/nowhere"}, {"x": str(tmp_path / "folder")}):
        with pytest.raises(ComputeRefused):
            backend.submit(job("pass", inputs=inputs))
    for mounts in ({"/usr/x": "/etc"}, {"/x": "/nowhere"}, {"/x": str(tmp_path)}, {"/a/../etc": "/etc"}):
        with pytest.raises(ComputeRefused):
            backend.submit(job("pass").model_copy(update={"mounts": mounts}))
    with pytest.raises(ComputeRefused):
        backend.submit(job("pass").model_copy(update={"argv": ("sh",)}))
    assert list(backend._jobs.iterdir()) == []


def test_a_mount_is_shown_read_only(backend: LocalBackend, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "weights").write_text("w")
    code = """
print(open("/models/base/weights").read())
try:
    open("/models/base/weights", "w")
except OSError as error:
    print(error.strerror)
"""
    handle = backend.submit(job(code).model_copy(update={"mounts": {"/models/base": str(model)}}))
    wait(backend, handle)
    lines = list(backend.logs(handle, 0))
    assert lines[0] == "w"
    assert lines[1] in ("Read-only file system", "Permission denied")


def test_missing_programs_are_named_with_the_way_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxMissing, match="bubblewrap") as missing:
        LocalBackend(Path("/nowhere/jobs")).check()
    assert "apt-get install bubblewrap" in missing.value.hint
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: "/usr/bin/bwrap" if name == "bwrap" else None)
    with pytest.raises(ComputeRefused, match="setpriv"):
        sandbox.find_tools(root=True)


def test_a_broken_interpreter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComputeRefused, match="cannot be run"):
        LocalBackend(tmp_path / "jobs", tmp_path / "python").submit(job("pass"))


def test_this_machine_is_offered_for_nothing(backend: LocalBackend) -> None:
    (offer,) = backend.offers()
    assert (offer.flavour, offer.micro_usd_per_unit, offer.unit) == ("cpu", 0, "hour")
    assert offer.cpus >= 1
    assert offer.memory_bytes > 1 << 28
