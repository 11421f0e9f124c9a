"""A run whose brain is a model behind a real server that speaks OpenAI's protocol."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.brains.procedure import KEY, proceed, stage_of, with_key
from tests.brains.server import CUT, Asked, serving
from tests.runs import TASK, ml_intern


def test_a_model_does_the_whole_job_and_sees_no_row(tmp_path: Path, tickets: Path) -> None:
    refused = []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) == "baseline" and not refused:
            refused.append(asked)
            return 429, {"Retry-After": "1"}
        return proceed(asked)

    with serving(answer) as server:
        ended = with_key(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--approve", "plan", "--json"
        )
    assert ended.code == 0, ended.err
    assert ended.result["status"] == "done"
    assert refused, "the refusal was not tried"
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}
    sent = "\n".join(json.dumps(asked.body, ensure_ascii=False) for asked in server.asked)
    texts = [text for text in pl.read_csv(tickets)["ticket"].drop_nulls() if len(text) > 20]
    assert len(texts) > 300
    assert not [text for text in texts if json.dumps(text, ensure_ascii=False)[1:-1] in sent]
    assert KEY not in sent
    assert "x1Y2x1Y2" not in sent + ended.out + ended.err
    costs = [event for event in ended.events if event["event"] == "cost"]
    assert len(costs) == len(server.asked) - len(refused)
    assert {(each["input_tokens"], each["micro_usd"]) for each in costs} == {(100, 0)}
    # "training" is offered only after the approval, and nothing that approves is offered at all
    assert not {"approve", "train_model"} & set().union(
        *(a.tools for a in server.asked if stage_of(a) == "plan")
    )


def test_a_stream_that_breaks_off_stops_the_run_and_loses_nothing(tmp_path: Path, tickets: Path) -> None:
    broken = []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) == "inspect" and not broken:
            broken.append(asked)
            return CUT
        return proceed(asked)

    with serving(answer) as server:
        ended = with_key(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--until", "inspect", "--json"
        )
        assert ended.code == 1 and "is lost" in ended.result["error"], ended.result["error"]
        assert (
            "resume" in ended.result["hint"]
            and not (tmp_path / "runs" / ended.result["run"] / "error.log").exists()
        )
        again = with_key(tmp_path, "resume", "--until", "inspect", "--json")
    assert again.code == 0, again.err
    assert len(broken) == 1


def test_a_model_mends_a_bug_that_no_catalogue_knows_by_editing(tmp_path: Path, tickets: Path) -> None:
    seen = []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) != "smoke":
            return proceed(asked)
        seen.append(asked.returned)
        steps = [
            ("read_script", {"name": "train.py", "lines": 200}),
            ("edit_script", {"config": {"C": [1.0]}, "explanation": "one strength is enough for a try"}),
            ("edit_script", {"files": {"extra.py": "FLUX = {'capacity': 1.21}\n"}}),
            ("replace_in_script", {"name": "extra.py", "old": "1.21", "new": "int('one point twenty-one')"}),
            ("replace_in_script", {"name": "train.py", "old": "import json\n", "new": "import json,extra\n"}),
            ("run_smoke_test", {}),
            ("look_at", {"kind": "smoke_report"}),
            (
                "replace_in_script",
                {
                    "name": "extra.py", "old": "int('one point twenty-one')", "new": "1.21", "bug": "flux",
                    "explanation": "a number in words is no number", "evidence": "invalid literal for int()",
                },
            ),
            ("run_smoke_test", {}),
        ]  # fmt: skip
        return steps[len(seen) - 1] if len(seen) <= len(steps) else proceed(asked)

    with serving(answer) as server:
        ended = with_key(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--until", "smoke", "--json"
        )
    assert ended.code == 0, ended.err
    assert "1 import" in seen[1] or "import json" in seen[1]
    assert "invalid literal for int()" in seen[7], seen[7]
    repairs = [event for event in ended.events if event["event"] == "repair"]
    assert [repair["bug"] for repair in repairs] == ["flux"]
    assert "+FLUX = {'capacity': 1.21}" in repairs[0]["diff"]


def test_what_the_locked_task_settles_cannot_be_changed(tmp_path: Path, tickets: Path) -> None:
    seen = []

    def answer(asked: Asked) -> Any:
        stage = stage_of(asked)
        if stage not in ("define", "research", "smoke"):
            return proceed(asked)
        seen.append((stage, asked.returned))
        tried = {
            "define": [("accept_task", proceed(asked)[1] | {"budget_usd": 5})],
            "research": [("compare_approaches", {"recipe": "encoder"})],
            "smoke": [
                ("edit_script", {"config": {"selection_metric": "accuracy"}}),
                ("edit_script", {"files": {"../../../escape.py": "x = 1"}}),
            ],
        }[stage]
        mine = len([each for each, _ in seen if each == stage]) - 1
        return tried[mine] if mine < len(tried) else proceed(asked)

    with serving(answer) as server:
        ended = with_key(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--until", "smoke", "--json"
        )
    assert ended.code == 0, ended.err
    said = "\n".join(returned for _, returned in seen)
    assert "budget_usd must be an amount that the user named, or 0" in said
    assert "the locked task asks for the method linear" in said
    assert "selection_metric follows from the locked task and cannot change here" in said
    assert "is no name for a script" in said
    assert not list(tmp_path.parent.rglob("escape.py"))


def test_a_stall_ends_honestly_and_the_playbook_takes_over(tmp_path: Path, tickets: Path) -> None:
    told = []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) != "inspect":
            return proceed(asked)
        told.append("You have repeated yourself" in json.dumps(asked.body["messages"][-1]))
        return "look_at", {"kind": "task_spec"}

    with serving(answer) as server:
        ended = with_key(tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--json")
    assert ended.code == 1
    assert "goes round in circles" in ended.result["error"]
    assert any(told), "it was never told"
    assert len(told) < 8
    assert "--brain playbook" in ended.result["hint"]
    taken = ml_intern(tmp_path, "resume", "--brain", "playbook", "--until", "inspect", "--json")
    assert taken.code == 0, taken.err
    started = [event["stage"] for event in taken.events if event["event"] == "stage_started"]
    assert started == ["baseline"]  # what the model had done is not done again
    back = ml_intern(tmp_path, "show", "--json")
    assert json.loads(back.out)["stage"] == "baseline"


@pytest.mark.parametrize(
    ("status", "words"), [(401, "does not accept the key"), (402, "no credit"), (404, "no such model")]
)
def test_a_refusing_server_is_said_plainly(tmp_path: Path, tickets: Path, status: int, words: str) -> None:
    with serving(lambda asked: (status, {})) as server:
        ended = with_key(tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--json")
    assert ended.code == 1
    assert words in ended.result["error"]
    assert KEY not in ended.out + ended.err


def test_data_and_key_do_not_follow_a_redirect(tmp_path: Path, tickets: Path) -> None:
    with serving(proceed) as elsewhere:
        where = {"Location": f"{elsewhere.url}/v1/chat/completions"}
        with serving(lambda asked: (307, where)) as server:
            ended = with_key(tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--json")
    assert ended.code == 1
    assert not elsewhere.asked


def test_no_server_at_all(tmp_path: Path, tickets: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ended = with_key(
        tmp_path, "run", TASK, "--data", tickets, "--brain", f"http://127.0.0.1:{port}/v1#x", "--json"
    )
    assert ended.code == 1
    assert "cannot be reached" in ended.result["error"]


def test_a_brain_that_costs_is_not_asked_without_a_budget(tmp_path: Path, tickets: Path) -> None:
    """Neither a priced model nor one of unknown price gets a single request; no network is reached."""
    dear = with_key(
        tmp_path, "run", TASK, "--data", tickets, "--brain", "openai:gpt-4o", "--json", OPENAI_API_KEY="k"
    )
    assert dear.code == 5
    assert "costs money" in dear.result["error"]
    unknown = with_key(
        tmp_path, "run", TASK, "--data", tickets, "--brain", "https://models.invalid/v1#mine", "--json"
    )
    assert unknown.code == 5
    assert "--unpriced-brain" in unknown.result["hint"]


def test_a_missing_key_and_a_key_on_the_command_line(tmp_path: Path, tickets: Path) -> None:
    missing = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--brain", "anthropic:claude-sonnet-4-5")
    if "ANTHROPIC_API_KEY" not in os.environ:
        assert missing.code == 2
        assert "ANTHROPIC_API_KEY" in missing.err
    inline = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--brain", "https://me:secret@host/v1#m")
    assert inline.code == 2
    assert "ML_INTERN_BRAIN_KEY" in inline.told


@pytest.mark.parametrize("until", ["define", "research"])
def test_words_are_heard_once_though_the_request_that_carried_them_failed(
    tmp_path: Path, tickets: Path, until: str
) -> None:
    """Also where they were said before the brain had said anything: its very first request fails, too."""
    words, failing = "Mind the refunds.", [True]

    def answer(asked: Asked) -> Any:
        return (402, {}) if failing[0] else proceed(asked)

    with serving(answer) as server:
        failing[0] = until == "define"
        begun = with_key(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--until", "define", "--json"
        )
        assert begun.code == (1 if until == "define" else 0), begun.out
        failing[0] = True
        lost = with_key(tmp_path, "resume", "--say", words, "--until", until, "--json")
        assert lost.code == 1 and "is lost" in lost.result["error"]
        failing[0] = False
        asked_before = len(server.asked)
        again = with_key(tmp_path, "resume", "--until", until, "--json")
        heard = [json.dumps(asked.body["messages"]) for asked in server.asked[asked_before:]]
    assert again.code == 0, again.out
    assert [each.count(words) for each in heard] == [1] * len(heard) and heard
    assert all(f"Current stage: {until}" in each for each in heard[:1])


def test_where_all_of_several_brains_are_lost_it_is_said_why(tmp_path: Path, tickets: Path) -> None:
    with serving(lambda asked: (401, {})) as first, serving(lambda asked: (402, {})) as second:
        brains = f"{first.brain},{second.brain}"
        ended = with_key(tmp_path, "run", TASK, "--data", tickets, "--brain", brains, "--json")
        assert first.asked and second.asked
    assert ended.code == 1 and "is lost: there is no credit left" in ended.result["error"], ended.err
