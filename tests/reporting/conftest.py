"""Pages to look at: of the run that all tests share, and of what could become of it."""

from collections.abc import Iterator

import pytest

from ml_intern.app.home import open_home
from ml_intern.app.report import gather
from ml_intern.records.runs import RunStatus
from ml_intern.reporting.audit import Audit
from ml_intern.reporting.dossier import Dossier
from ml_intern.reporting.page import render
from ml_intern.workflow.run import Run
from tests.reporting.audits import audit_of, hostile, huge, one_file, tickets_in_splits
from tests.reporting.browser import Browser, chromium
from tests.reporting.dossiers import leaking, stopped, with_classes, with_names


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def audits(tmp_path_factory) -> dict[str, Audit]:
    """Audits of small datasets of every kind by name."""
    folder = tmp_path_factory.mktemp("audits")
    return {
        "splits": audit_of(tickets_in_splits(folder / "splits")),
        "whole": audit_of(one_file(folder)),
        "hostile": audit_of(hostile(folder / "hostile")),
        "huge": huge(audit_of(one_file(folder))),
    }


@pytest.fixture(scope="session")
def dossier(finished) -> Dossier:
    home = open_home(finished.home)
    try:
        record = home.resolve(None)
        return gather(home, Run(home.engine, record, home.folder(record.id), lambda event: None))
    finally:
        home.engine.dispose()


@pytest.fixture(scope="session")
def sources(dossier) -> dict[str, str]:
    """A page of every kind by name."""
    dossiers = {
        "finished": dossier,
        "leaking": leaking(dossier),
        "hostile": with_names(dossier),
        "many": with_classes(dossier, 77),
        "some": with_classes(dossier, 25),
        "waiting": stopped(dossier, "plan", RunStatus.WAITING),
        "failed": stopped(dossier, "train", RunStatus.FAILED, "The disk is full.", "Make room."),
        "unsupported": stopped(dossier, "define", RunStatus.UNSUPPORTED, "It asks for images."),
    }
    return {name: render(each) for name, each in dossiers.items()}
