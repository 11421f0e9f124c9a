"""A model takes over from another that could see rows: what it is sent, and what it is not."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import (
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import override_allow_model_requests

from ml_intern.app.home import open_home
from ml_intern.brains.boundary import outgoing
from ml_intern.brains.guard import BrainStopped, Guarded
from ml_intern.brains.llm import open_brain
from ml_intern.brains.meter import Meter
from ml_intern.brains.names import parse
from ml_intern.store.journal import append_messages
from ml_intern.store.ledger import LedgerTable
from ml_intern.tools.catalogue import TOOLS
from ml_intern.workflow.engine import drive, make_agent
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Workbench, make_toolset
from tests.brains.procedure import proceed, stage_of, with_key
from tests.brains.server import Asked, serving
from tests.lookups.bench import opened
from tests.runs import TASK, ml_intern

QUOTED = "my card was stolen in Rome"
"""What a script's last words quote, as if it were a row."""
THOUGHT = "the ticket of Mr Brown looks odd"
"""What the first model writes down, with the rows in its mind."""
REFUSAL: Any = (401, {})
"""A server's answer that ends a run at once."""


class Local:
    """The first model, on this machine: it looks at rows, breaks the script, and gives up."""

    def __init__(self) -> None:
        self.sampled = ""
        self._steps = [
            ("sample_rows", {"count": 3}),
            ("run_command", {"command": f"echo {THOUGHT}"}),
            (
                "replace_in_script",
                {
                    "name": "train.py",
                    "old": "import json\n",
                    "new": f"import json\nint({QUOTED!r})\n",
                    "explanation": THOUGHT,
                },
            ),
            ("run_smoke_test", {}),
            ("stop_run", {"reason": "it is enough"}),
        ]

    def answer(self, asked: Asked) -> Any:
        if stage_of(asked) != "smoke":
            return proceed(asked)
        if len(self._steps) == 4:
            self.sampled = asked.returned
        return self._steps.pop(0)

    @property
    def rows(self) -> list[str]:
        """The texts that it was shown."""
        lines = self.sampled.splitlines()[1:-1]
        return [line.split(": ", 1)[1] for line in lines]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, tickets: Path) -> Iterator[tuple[Path, Local]]:
    """A run that a model on this machine has left in its smoke test, and that model."""
    home, local = tmp_path_factory.mktemp("left"), Local()
    with serving(local.answer) as server:
        ended = with_key(home, "run", TASK, "--data", tickets, "--brain", server.brain, "--json")
    assert ended.result["error"] == "it is enough", ended.err
    assert len(local.rows) == 3
    yield home, local


@contextmanager
def workbench(folder: Path) -> Iterator[Workbench]:
    """The run as a brain elsewhere has it: no rows, and nothing that it could start."""
    home = open_home(folder)
    record = home.resolve(None)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    nothing: Any = None
    yield Workbench(
        run=run,
        journal=Journal(home.engine, run),
        jobs=nothing,
        compute=nothing,
        ask=lambda question, options: None,
        models=folder,
        datasets=folder,
        hub=nothing,
    )
    home.engine.dispose()


def sent_elsewhere(folder: Path, words: str | None = None) -> Asked:
    """The first request to a model that may see no rows, through its real client."""
    with serving(lambda asked: REFUSAL) as server, workbench(folder) as bench:
        model, run = open_brain(parse(server.brain)), bench.run
        ledger = LedgerTable(run._engine, run.record.id)
        meter = Meter(model, free=True, unpriced=False, tell=run.emit, ledger=ledger)
        agent = make_agent(Guarded(model, run, meter, rows_may_leave=False), make_toolset(TOOLS))
        with override_allow_model_requests(True), pytest.raises(BrainStopped, match="is lost"):
            asyncio.run(drive(agent, bench, bench.journal, lambda: None, words=words))
        return server.asked[0]


def test_what_was_written_where_rows_are_seen_does_not_go_elsewhere(left):
    folder, local = left
    asked = sent_elsewhere(folder, words="Mend the script, please.")
    sent = json.dumps(asked.body, ensure_ascii=False)
    assert not [row for row in local.rows if json.dumps(row, ensure_ascii=False)[1:-1] in sent]
    assert THOUGHT not in sent and QUOTED not in sent
    assert "(Withheld: it was written where rows" in sent
    assert "Mend the script, please." in sent and TASK in sent
    assert "The task is locked" in sent  # that was before any row was read


def test_each_call_that_is_withheld_keeps_its_return(left):
    folder, _ = left
    messages = sent_elsewhere(folder).body["messages"]
    calls = [each for message in messages for each in message.get("tool_calls", [])]
    returned = [message["tool_call_id"] for message in messages if message["role"] == "tool"]
    assert [each["id"] for each in calls] == returned
    given = {each["function"]["name"]: each["function"]["arguments"] for each in calls}
    assert json.loads(given["run_command"]) == {} and json.loads(given["accept_task"])["goal"]


def test_what_a_failed_check_quotes_is_material_in_the_instructions(left):
    folder, _ = left
    system = sent_elsewhere(folder).system
    opened, closed = system.index("Open:\n<material>"), system.rindex("</material>")
    assert "Smoke check train failed" in system[opened:closed]
    assert "invalid literal for int()" in system[opened:closed] and QUOTED not in system


def test_a_model_on_this_machine_goes_on_with_all_of_it(left):
    folder, local = left
    with serving(lambda asked: REFUSAL) as server:
        ended = with_key(folder, "resume", "--brain", server.brain, "--json")
        sent = json.dumps(server.asked[0].body, ensure_ascii=False)
    assert "is lost" in ended.result["error"]
    assert [row for row in local.rows if json.dumps(row, ensure_ascii=False)[1:-1] in sent] == local.rows
    assert THOUGHT in sent


def test_an_answer_that_an_older_version_stored_counts_as_one_that_may_hold_rows(tmp_path):
    messages = [ModelResponse([TextPart(THOUGHT)]), ModelRequest([UserPromptPart("go on")])]
    old, after = (ModelMessagesTypeAdapter.dump_json([each])[1:-1].decode() for each in messages)
    with opened(tmp_path) as bench:
        bench.journal.save([ModelRequest([UserPromptPart(TASK)])], may_hold_rows=False)
        with bench.run._engine.begin() as connection:
            append_messages(connection, bench.run.record.id, [old, after], start=1)
        history, _ = bench.journal.resume_point()
    assert THOUGHT in str(outgoing(history, rows_may_leave=True))
    assert THOUGHT not in str(outgoing(history, rows_may_leave=False))


def test_the_reason_for_a_denial_is_the_users_own_and_stays():
    call = ToolCallPart("request_approval", {"plan_sha256": THOUGHT}, tool_call_id="1")
    denied = ToolReturnPart("request_approval", "make it faster", tool_call_id="1", outcome="denied")
    history = [ModelResponse([call], metadata={"may_hold_rows": True}), ModelRequest([denied])]
    sent = str(outgoing(history, rows_may_leave=False))
    assert "make it faster" in sent and THOUGHT not in sent


def test_the_built_in_procedure_leaves_nothing_to_withhold(tmp_path, tickets):
    done = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--until", "baseline", "--json")
    assert done.code == 0, done.err
    assert "Withheld" not in json.dumps(sent_elsewhere(tmp_path).body)
