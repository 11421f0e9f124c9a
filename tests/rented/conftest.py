"""Runs that stand before the plan of a rented training, and Hubs that rent machines out."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compute.rented import Rented, rented
from tests.runs import TASK, ml_intern

BOTH = ["--compute", "hf-jobs:t4-small,local", "--budget", "0.03", "--time-limit", "30"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Rented]:
    """A Hub of its own: the homes are copies, so their runs and jobs have the same names."""
    with rented(tmp_path / "rented") as found:
        yield found


@pytest.fixture(scope="session")
def smoked(tickets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose run is tested and not yet planned."""
    home = tmp_path_factory.mktemp("smoked") / "home"
    ended = ml_intern(home, "run", TASK, "--data", tickets, *BOTH, "--until", "smoke", "--json")
    assert ended.code == 0, ended.out[-2000:] + ended.err
    return home


@pytest.fixture
def home(smoked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(smoked, tmp_path / "home", symlinks=True))
