import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml_intern.compute import transfer
from ml_intern.compute.local import LocalBackend
from ml_intern.records.errors import SandboxMissing
from tests.compute.host import OTHER_USER, Host, python_for_others


@pytest.fixture(scope="session")
def sandbox_works(tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        LocalBackend(tmp_path_factory.mktemp("probe") / "jobs").check()
    except SandboxMissing as missing:
        if os.environ.get("CI"):
            raise  # there it is installed, and what it promises must be seen
        pytest.skip(f"{missing} {missing.hint}")


@pytest.fixture
def backend(tmp_path: Path, sandbox_works: None) -> LocalBackend:
    return LocalBackend(tmp_path / "home" / "jobs")


@pytest.fixture(params=["root", "user"])
def host(request: pytest.FixtureRequest, sandbox_works: None) -> Iterator[Host]:
    """Both ways to build a sandbox, as far as this machine has them."""
    root = os.geteuid() == 0
    if request.param == "root" and not root:
        pytest.skip("only root can start jobs the way root does")
    user, python = None, sys.executable
    if request.param == "user" and root:
        other = python_for_others()
        if other is None:
            pytest.skip("no Python of this version can be started by another user")
        user, python = OTHER_USER, other
    # Not `tmp_path`: its parents are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="ml-intern-test-"))
    folder.chmod(0o755)
    if user is not None:
        os.chown(folder, user, user)
    yield Host(folder, user, python)
    transfer.remove(folder)
