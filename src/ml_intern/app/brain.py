"""Which brain a run works with, and what becomes of the run when that brain fails."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.models import Model

from ml_intern.app.home import Home
from ml_intern.app.servers import check_servers
from ml_intern.app.shell import Shell
from ml_intern.brains.boundary import redacted
from ml_intern.brains.guard import BrainStopped, Guarded, hint
from ml_intern.brains.meter import Meter
from ml_intern.brains.names import parse
from ml_intern.brains.playbook.model import Playbook
from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem
from ml_intern.records.runs import EventName
from ml_intern.store import runs
from ml_intern.store.ledger import LedgerTable
from ml_intern.workflow.run import Run


@dataclass(frozen=True)
class BrainWish:
    """What the user says about the brain when a run is taken up again; None and False change nothing."""

    name: str | None = None
    share_rows: bool = False
    unpriced: bool = False
    online: bool = False
    mcp: tuple[str, ...] | None = None


AS_BEFORE: Final = BrainWish()


@dataclass(frozen=True)
class Brain:
    """A model with what it needs to be told, and whether rows of the data may be shown to it.

    `streams`: it can say its words one by one. `helper` opens the same model for a conversation beside the
    run's own.
    """

    model: Model
    guidance: str = ""
    sees_rows: bool = True
    streams: bool = False
    helper: Callable[[], Model] | None = None


def check_brain(name: str) -> None:
    """See that there is a brain of this name, with its client and its key.

    Raises:
        UsageProblem: there is not.
    """
    names = parse(name)
    if names:
        from ml_intern.brains.llm import open_brain

        open_brain(names)


def check_wish(home: Home, wish: BrainWish) -> None:
    """See that what is wished for can be had, before anything is changed.

    Raises:
        UsageProblem: there is no such brain, or no such MCP server.
    """
    if wish.name is not None:
        check_brain(wish.name)
    if wish.mcp is not None:
        check_servers(home.path, wish.mcp)


def set_brain(home: Home, run: Run, wish: BrainWish) -> None:
    """Record another brain for the rest of the run, where one is wished for; `check_wish` comes before."""
    request = run.record.request
    changes: dict[str, object] = {}
    if wish.name is not None and wish.name != request.brain:
        changes["brain"] = wish.name
    if wish.share_rows and not request.share_rows:
        changes["share_rows"] = True
    if wish.unpriced and not request.unpriced_brain:
        changes["unpriced_brain"] = True
    if wish.online and not request.online:
        changes["online"] = True
    if wish.mcp is not None and wish.mcp != request.mcp:
        changes["mcp"] = wish.mcp
    if not changes:
        return
    request = request.model_copy(update=changes)
    with home.engine.begin() as connection:
        runs.set_request(connection, run.record.id, request)
    run.record = run.record.model_copy(update={"request": request})
    if "brain" in changes:
        run.emit(EventName.MESSAGE, text=f"From here on the brain is {escape(request.brain)}.")


def check_listens(run: Run, wish: BrainWish, shell: Shell) -> None:
    """See that the brain with which the run goes on can be told something in words.

    Raises:
        UsageProblem: it cannot.
    """
    if shell.brain is None and not parse(wish.name or run.record.request.brain):
        raise UsageProblem(
            "The built-in procedure takes no words while it works.",
            "When its plan waits, say what to change with: ml-intern deny --reason WORDS\n"
            f"Or let a model go on: ml-intern resume {run.record.id} --brain NAME --say WORDS",
        )


def open_brain_for(home: Home, run: Run, shell: Shell) -> Brain:
    """The brain that the run's request names, paid from the run's budget.

    Raises:
        UsageProblem: it cannot be had: no client, no key, no such model.
    """
    request = run.record.request
    if shell.brain is not None:
        return Brain(shell.brain(run))
    names = parse(request.brain)
    if not names:
        return Brain(Playbook(run), sees_rows=False)  # it asks for none, so none are in what it leaves behind
    from ml_intern.brains.llm import open_brain, runs_here

    model = open_brain(names)
    here = runs_here(model)
    meter = Meter(model, here, request.unpriced_brain, run.emit, LedgerTable(home.engine, run.record.id))
    guidance = files("ml_intern.brains").joinpath("prompts", "llm.md").read_text(encoding="utf-8")
    sees_rows = here or request.share_rows
    own_server = all(name.url is not None for name in names)
    guarded = Guarded(model, run, meter, sees_rows, insist=own_server)
    return Brain(guarded, guidance, sees_rows, streams=True, helper=guarded.helper)


def brain_failed(error: UnexpectedModelBehavior, run: Run) -> BrainStopped:
    """A model that cannot be worked with, in words for people."""
    said = escape(redacted(error.message))[:300]
    if "output retries" in said:  # the agent library's words for answers without a call
        said = "it only talks and calls no tool."
    elif wrong := re.match(r"Tool '(\w+)' exceeded max retries count of (\d+)", said):
        said = f"it called {wrong[1]} wrongly {int(wrong[2]) + 1} times."
    return BrainStopped(f"The brain {run.record.request.brain} cannot go on: {said}", hint(run.record.id))
