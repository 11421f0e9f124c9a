"""A workbench on a run of its own, with nothing that trains."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ml_intern.app.home import open_home
from ml_intern.hub.access import HubAccess, open_hub
from ml_intern.records.runs import RunRequest
from ml_intern.store import events
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Tool, Workbench


@contextmanager
def opened(folder: Path, **changes: Any) -> Iterator[Workbench]:
    home = open_home(folder)
    record = home.create_run(RunRequest(sentence="Label tickets by topic", data="x.csv"))
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    run.folder.mkdir(parents=True, exist_ok=True)
    nothing: Any = None
    settings: dict[str, Any] = {
        "run": run, "journal": Journal(home.engine, run), "jobs": nothing, "compute": nothing,
        "ask": lambda question, options: None, "models": folder, "datasets": folder,
        "hub": lambda: open_hub(folder), "online": True,
    }  # fmt: skip
    yield Workbench(**settings | changes)
    home.engine.dispose()


def call(bench: Workbench, tool: Tool[Any], **arguments: Any) -> str:
    """What the tool returns; its effects are stored as in a run."""
    done = tool.function(bench, **arguments)
    bench.run.commit(uuid.uuid4().hex, tool.name, done.summary, done.made, done.news)
    return str(done.summary)


def told(bench: Workbench) -> list[str]:
    """The words of all events so far."""
    with bench.run._engine.begin() as connection:
        return [str(each.data.get("text", "")) for each in events.history(connection, bench.run.record.id)]


def at(url: str) -> Any:
    """A Hub at this address, as `Workbench.hub` opens it."""

    @contextmanager
    def hub() -> Iterator[HubAccess]:
        yield HubAccess(url, None, embedded=False)

    return hub
