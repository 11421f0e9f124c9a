"""What all tests share: the real datasets where they are at hand, and no network."""

import os
from dataclasses import dataclass
from pathlib import Path

import pydantic_ai.models
import pytest

from ml_intern.demo.tickets import write_tickets
from ml_intern.records.base import Artifact
from tests.runs import TASK, Ended, ml_intern

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder with the real datasets; see docs/contributing.md for what belongs there."""
    folder = Path(os.environ.get("ML_INTERN_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not (folder / "bitext-support").is_dir():
        pytest.skip(f"the real datasets are not at {folder}; set ML_INTERN_DATASETS")
    return folder


@pytest.fixture(scope="session")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of tickets, quick to train on."""
    path = tmp_path_factory.mktemp("data") / "tickets.csv"
    write_tickets(path, rows=400)
    return path


@dataclass(frozen=True)
class Finished:
    """A run that went undisturbed to its end."""

    home: Path
    ended: Ended

    @property
    def folder(self) -> Path:
        return Path(self.ended.result["folder"])

    def artifacts(self) -> dict[str, Artifact]:
        from ml_intern.app.home import open_home
        from ml_intern.workflow.run import Run

        home = open_home(self.home)
        record = home.resolve(None)
        found = Run(home.engine, record, home.folder(record.id), lambda event: None).artifacts()
        home.engine.dispose()
        return found


@pytest.fixture(scope="session")
def finished(tickets: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One real run on the small tickets, shared by all tests that only look at it."""
    home = tmp_path_factory.mktemp("home")
    ended = ml_intern(home, "run", TASK, "--data", tickets, "--approve", "plan", "--json")
    assert ended.code == 0, ended.out + ended.err
    return Finished(home, ended)
