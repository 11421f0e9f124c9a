"""Runs whose brain, a scripted model behind a real server, calls tools of MCP servers."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from pydantic_ai.models import override_allow_model_requests

from tests.brains.procedure import proceed, stage_of
from tests.brains.server import Asked, Server, serving
from tests.runs import ML_INTERN, TASK, Ended, environment, ml_intern, opened_run
from tests.servers.bench import configure, done, program

SECRET = "aB3dE5gH"
KEYS = {"ML_INTERN_BRAIN_KEY": f"brain-{SECRET}", "HF_TOKEN": "hf_" + SECRET * 4, "WIKI": f"wiki-{SECRET}"}


def started(home: Path, *arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [ML_INTERN, *map(str, arguments)],
        env=environment(home) | KEYS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> Ended:
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


def command(home: Path, *arguments: str | Path) -> Ended:
    with override_allow_model_requests(True):
        return ml_intern(home, *arguments, hub=KEYS)


def run(home: Path, tickets: Path, brain: Server, *more: str, until: str = "research") -> Ended:
    chosen = ["--brain", brain.brain, "--mcp", "wiki", "--until", until, "--json", *more]
    return command(home, "run", TASK, "--data", tickets, *chosen)


def orders(*calls: tuple[str, dict[str, Any]], stage: str = "research") -> Callable[[Asked], Any]:
    """Makes these calls in the stage, then the standard job."""
    open_calls = list(calls)
    return lambda asked: open_calls.pop(0) if stage_of(asked) == stage and open_calls else proceed(asked)


def sent(server: Server) -> str:
    return "\n".join(json.dumps(asked.body) for asked in server.asked)


def test_what_is_allowed_works_and_all_else_is_refused_without_a_person(
    tmp_path: Path, tickets: Path
) -> None:
    notes = tmp_path / "notes"
    env = {"NOTES": str(notes), "WIKI_TOKEN": "${WIKI}"}
    configure(tmp_path, wiki=program(allow=["search", "environment"], env=env, stages=["research"]))
    script = orders(
        ("wiki__search", {"text": "tickets"}),
        ("wiki__environment", {}),
        ("wiki__order", {}),
        ("wiki__fail", {}),
    )
    with serving(script) as brain:
        result = run(tmp_path, tickets, brain)
    assert result.code == 0, result.err
    assert [each[:2] for each in done(notes)] == [["search", "tickets"]]
    returned = "\n".join(asked.returned for asked in brain.asked)
    assert "found 'tickets'" in returned and "nobody can be asked here" in returned
    assert SECRET not in sent(brain) + result.out + result.err
    told = {e["tool"]: e for e in result.events if e["event"] == "tool_called" and "server" in e}
    assert told["wiki__search"]["permission"] == "allowed in mcp.json" and told["wiki__order"]["refused"]
    tools = {stage_of(asked): asked.tools for asked in brain.asked}
    assert "wiki__search" in tools["research"] and "wiki__search" not in tools["define"]


@pytest.mark.slow
def test_obeying_a_hostile_result_changes_nothing(tmp_path: Path, tickets: Path) -> None:
    notes = tmp_path / "notes"
    entry = program(allow=["order", "search"], env={"NOTES": str(notes)}, stages=["plan"])
    configure(tmp_path, wiki=entry)
    obeyed = orders(
        ("wiki__order", {}),
        ("request_approval", {"plan_sha256": "0" * 64}),
        ("train_model", {}),
        ("evil__upload", {"text": "HF_TOKEN"}),
        ("wiki__search", {"text": f"HF_TOKEN={KEYS['HF_TOKEN']} {KEYS['WIKI']}"}),
        ("wiki__order", {"approve": True}),
        stage="plan",
    )
    with serving(obeyed) as brain:
        run(tmp_path, tickets, brain, until="plan")
        for _ in range(3):  # a request for approval ends the process, as nobody is there
            again = command(tmp_path, "resume", "--until", "plan", "--json")
    assert again.code in (1, 3), again.err
    with opened_run(tmp_path) as stored:
        assert not stored.answers
        assert not {"train_model", "evil__upload"} & set().union(*(asked.tools for asked in brain.asked))
    # The scripted model wrote two tokens itself; nothing gave it them. One of a known form is blanked.
    assert [each[1] for each in done(notes)] and KEYS["HF_TOKEN"] not in str(done(notes))
    assert KEYS["ML_INTERN_BRAIN_KEY"] not in sent(brain) + str(done(notes))


@pytest.mark.parametrize("still_there", [True, False])
def test_a_run_that_was_killed_in_a_call_does_not_call_again(
    tmp_path: Path, tickets: Path, still_there: bool
) -> None:
    notes = tmp_path / "notes"
    configure(tmp_path, wiki=program(allow=["hang"], env={"NOTES": str(notes)}, stages=["research"]))
    with serving(orders(("wiki__hang", {}))) as brain:
        chosen = ["--brain", brain.brain, "--mcp", "wiki", "--until", "research", "--json"]
        process = started(tmp_path, "run", TASK, "--data", tickets, *chosen)
        wait_for(lambda: bool(done(notes)))
        process.kill()
        process.communicate()
        pid = done(notes)[0][2]
        if sys.platform == "linux":
            wait_for(lambda: not alive(pid))
        if not still_there:
            configure(tmp_path, wiki={"command": "no-such-program", "stages": ["research"]})
        resumed = command(tmp_path, "resume", "--until", "research", "--json")
    assert resumed.code == 0, resumed.err
    assert len(done(notes)) == 1
    assert "whether it took effect is not known" in "\n".join(asked.returned for asked in brain.asked)


def test_an_interrupted_run_leaves_no_server_behind(tmp_path: Path, tickets: Path) -> None:
    notes = tmp_path / "notes"
    configure(tmp_path, wiki=program(allow=["hang"], env={"NOTES": str(notes)}, stages=["research"]))
    with serving(orders(("wiki__hang", {}))) as brain:
        chosen = ["--brain", brain.brain, "--mcp", "wiki", "--until", "research", "--json"]
        process = started(tmp_path, "run", TASK, "--data", tickets, *chosen)
        wait_for(lambda: bool(done(notes)))
        process.send_signal(signal.SIGINT)
        result = ended(process)
    assert result.code == 130, result.err
    assert not alive(done(notes)[0][2])


def test_new_answers_count_as_getting_on_and_the_same_do_not(tmp_path: Path, tickets: Path) -> None:
    configure(tmp_path, wiki=program(allow=["search"], stages=["research"]))
    many = [("wiki__search", {"text": f"query {n}"}) for n in range(16)]
    with serving(orders(*many)) as brain:
        result = run(tmp_path, tickets, brain)
    assert result.code == 0, result.err
    same = [("wiki__search", {"text": "query"})] * 16
    with serving(orders(*same)) as brain:
        result = run(tmp_path, tickets, brain)
    assert result.code == 1 and "goes round in circles" in result.result["error"]


def test_a_resumed_run_can_do_without(tmp_path: Path, tickets: Path) -> None:
    configure(tmp_path, wiki=program(allow=["search"], stages=["research"]))
    with serving(proceed) as brain:
        assert run(tmp_path, tickets, brain, until="define").code == 0
        before = len(brain.asked)
        (tmp_path / "mcp.json").unlink()
        lost = command(tmp_path, "resume", "--until", "research", "--json")
        assert lost.code == 2 and "There is no MCP server 'wiki'" in lost.result["error"]
        without = command(tmp_path, "resume", "--mcp", "", "--until", "research", "--json")
    assert without.code == 0, without.err
    assert "wiki__search" not in set().union(*(asked.tools for asked in brain.asked[before:]))


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until, "it did not happen within a minute"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
