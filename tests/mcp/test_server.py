"""A coding agent's side: the real client of the protocol, real runs, and what an agent never gets."""

import asyncio
import csv
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import pytest
from benchmarks.chaos import survivors
from mcp.client.stdio import StdioServerParameters

from mcp import Client
from ml_intern.mcp.command import call
from ml_intern.mcp.server import make_server
from ml_intern.mcp.told import LONGEST, MOST, told
from ml_intern.records.runs import RunStatus
from tests.brains.server import serving
from tests.conftest import Finished
from tests.runs import TASK, environment, ml_intern

Steps = Callable[[Client], Coroutine[Any, Any, Any]]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")


def with_client(home: Path, steps: Steps) -> Any:
    """Do the steps as an agent whose server is a process of its own."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "ml_intern", "mcp", "--home", str(home)], env=environment(home)
    )

    async def session() -> Any:
        async with Client(server) as client:
            return await steps(client)

    return asyncio.run(session())


def with_server_here(home: Path, steps: Steps) -> Any:
    """Do the steps as an agent whose server is in this process."""

    async def session() -> Any:
        async with Client(make_server(home)) as client:
            return await steps(client)

    with patch.dict(os.environ, environment(home)):
        return asyncio.run(session())


def calls(
    home: Path, *wanted: tuple[str, dict[str, Any]], session: Callable[[Path, Steps], Any] = with_server_here
) -> list[Any]:
    """The structured answers of tools, or the text of an error."""

    async def steps(client: Client) -> list[Any]:
        found = [await client.call_tool(name, arguments) for name, arguments in wanted]
        return [each.content[0].text if each.is_error else each.structured_content for each in found]

    answers: list[Any] = session(home, steps)
    return answers


def words_of(tickets: Path) -> list[str]:
    with tickets.open(newline="") as file:
        return [row["ticket"] for row in csv.DictReader(file) if len(row["ticket"]) > 20]


def test_no_tool_approves_and_each_says_what_it_is_for() -> None:
    async def listed() -> Any:
        async with Client(make_server(None)) as client:
            return (await client.list_tools()).tools

    tools = asyncio.run(listed())
    assert {
        "inspect_data",
        "plan_training",
        "continue_run",
        "stress_test",
        "publish_model",
        "verify_model",
    } <= {each.name for each in tools}
    told_of = json.dumps([each.input_schema for each in tools])
    for forbidden in ("approve", "policy", "sandbox", "share_rows", "brain", "home"):
        assert forbidden not in told_of and not any(forbidden in each.name for each in tools)
    assert all(each.description for each in tools)


def test_a_plan_that_an_agent_changes_waits_for_a_person(planned: Finished, tmp_path: Path) -> None:
    home = Path(shutil.copytree(planned.home, tmp_path / "home", symlinks=True))
    (waiting,) = calls(home, ("continue_run", {}))
    run = waiting["run"]
    assert (waiting["status"], waiting["next"][0]) == ("waiting", f"ml-intern approve {run}")
    assert waiting["waits_for_a_person"]["subject"] == "training_plan"
    assert waiting["waits_for_a_person"]["plan"]["cost_micro_usd"] == 0
    changed, still = calls(
        home, ("change_plan", {"run": run, "change": "C=1"}), ("continue_run", {"run": run})
    )
    assert "C: [" in json.dumps(changed["waits_for_a_person"]["plan"]["changes"])
    assert still["status"] == "waiting" and not list((home / "runs").glob("*/jobs/train-*"))


@pytest.mark.long
def test_a_run_goes_on_after_the_yes_of_a_person(planned: Finished, tmp_path: Path) -> None:
    home = Path(shutil.copytree(planned.home, tmp_path / "home", symlinks=True))
    run = planned.ended.result["run"]
    (changed,) = calls(home, ("change_plan", {"run": run, "change": "C=1"}))
    assert changed["status"] == "waiting"
    assert ml_intern(home, "approve", "--json").code == 0  # the person, at a terminal of their own
    status, scores = calls(home, ("run_status", {}), ("evaluation", {"run": run}))
    assert status["status"] == RunStatus.DONE.value
    assert 0.5 < scores["scores"]["macro_f1"]["value"] <= 1


def test_a_run_that_an_agent_begins_does_not_ask_the_users_brain(
    monkeypatch: pytest.MonkeyPatch, tickets: Path, tmp_path: Path
) -> None:
    async def tell(words: str) -> None:
        pass

    with serving(lambda asked: "Pay me.") as server:
        monkeypatch.setenv("ML_INTERN_BRAIN", server.brain)
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        begun = asyncio.run(call(tmp_path, ["run", TASK, f"--data={tickets}", "--until=define"], tell))
        assert not server.asked
    assert (begun["status"], begun["stage"]) == ("done", "research")


def test_an_agent_is_told_findings_and_scores_but_no_row(
    finished: Finished, tickets: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(finished.home, tmp_path / "home", symlinks=True))
    found = calls(
        home,
        ("inspect_data", {"data": str(tickets)}),
        ("run_status", {}),
        ("evaluation", {}),
        ("suggestions", {}),
        ("stress_test", {"model": "latest"}),
        ("costs", {}),
        ("verify_model", {"model": "latest"}),
        ("publish_model", {"run": "latest", "repo": "acme/tickets"}),
        session=with_client,
    )  # fmt: skip
    audit, status, scores, ideas, stress, costs, verified, asked = found
    assert audit["findings"] and all(each["message"] and each["count"] for each in audit["findings"])
    assert status["status"] == RunStatus.DONE.value
    assert 0.5 < scores["scores"]["macro_f1"]["value"] <= 1
    assert status["metrics"] and scores["per_class"] and ideas["suggestions"]
    assert stress["capabilities"] and "spent" in json.dumps(costs) and verified["ok"]
    assert "There is no token for the Hub at" in asked
    (refused,) = calls(home, ("change_plan", {"run": "latest", "change": "C=1"}))
    assert "No plan of a training waits" in refused
    said = json.dumps(found, ensure_ascii=False)
    assert [text for text in words_of(tickets) if text in said] == []


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("plan_training", {"task": "--approve=all"}, "begins with a hyphen"),
        ("inspect_data", {"data": "--help"}, "begins with a hyphen"),
        ("continue_run", {"run": "--no-sandbox"}, "begins with a hyphen"),
        ("inspect_data", {"data": "nowhere.csv"}, "nowhere.csv"),
        ("run_status", {}, "There is no run yet"),
        ("plan_training", {"task": "predict the price of a house", "data": "x.csv"}, ""),
        ("plan_training", {"task": "Label tickets", "budget_usd": -1}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_done_is_said(
    tool: str, arguments: dict[str, Any], words: str, tmp_path: Path
) -> None:
    (said,) = calls(tmp_path / "home", (tool, arguments))
    assert isinstance(said, str) and words in said, said


def test_values_cannot_become_other_options(tickets: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    arguments = {
        "task": TASK,
        "data": str(tickets),
        "licence": "x --approve=all",
        "label_column": "--approve=all",
    }
    (said,) = calls(home, ("plan_training", arguments))
    assert "--approve=all" in str(said) and isinstance(said, str)  # no column has such a name
    assert not list((home / "runs").glob("*/jobs/train-*"))


def test_a_call_that_is_given_up_leaves_nothing_running(tickets: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"

    async def steps(client: Client) -> None:
        with anyio.move_on_after(6):
            await client.call_tool("plan_training", {"task": TASK, "data": str(tickets)})

    with_client(home, steps)
    until = time.monotonic() + 30
    while survivors(home) and time.monotonic() < until:
        time.sleep(0.2)
    assert survivors(home) == []
    assert ml_intern(home, "resume", "--json").code == 3


def test_strings_are_harmless_and_bounded_and_rows_are_left_out() -> None:
    found = told({
        "a\x1b[2J": "\u202eevil", "examples": ["a row"], "rows": [1, 2], "long": "x" * 5000,
        "per_class": [{"rows": 7, "text": "column"}] * (MOST + 5),
    })  # fmt: skip
    assert set(found) == {"a\\x1b[2J", "long", "per_class"}
    assert found["a\\x1b[2J"] == "\\u202eevil" and len(found["long"]) < LONGEST + 10
    assert len(found["per_class"]) == MOST + 1 and found["per_class"][0] == {"rows": 7, "text": "column"}
