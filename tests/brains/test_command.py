"""The shell of a brain: in the sandbox, beside copies, without network, secrets or test rows."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic_ai.models import override_allow_model_requests

from tests.brains.procedure import proceed, stage_of
from tests.brains.server import Asked, serving
from tests.runs import TASK, ml_intern

SECRET = "i0VpEBOWfbZAVaBSo63bbH6xnAbnBEoonC"
COMMANDS = (
    "ls data *.py",
    "echo spoiled > train.py; cat train.py; env; ls -a ~ /home; true",
    "python -c \"import socket; socket.create_connection(('127.0.0.1', 9), 2)\"",
    "exit 3",
    "",
)


def test_a_brain_tries_things_and_spoils_nothing(
    tmp_path: Path, tickets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", f"hf_{SECRET}")
    left, returned = list(COMMANDS), []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) != "smoke":
            return proceed(asked)
        if len(left) < len(COMMANDS):
            returned.append(str(asked.body["messages"][-1]["content"]))
        return ("run_command", {"command": left.pop(0)}) if left else proceed(asked)

    with serving(answer) as server, override_allow_model_requests(True):
        ended = ml_intern(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--until", "smoke", "--json"
        )
        sent = "\n".join(json.dumps(asked.body) for asked in server.asked)
    assert ended.code == 0, ended.out[-1500:]
    listed, spoiled, refused, failed, empty = returned[:5]
    assert "train.parquet" in listed and "validation.parquet" in listed and "predict.py" in listed
    assert "test" not in listed and "sealed" not in listed
    assert "succeeded" in spoiled and "spoiled" in spoiled and str(tmp_path) not in spoiled
    assert SECRET not in sent and "HF_TOKEN" not in spoiled
    assert "failed" in refused and "Traceback" in refused
    assert "failed" in failed
    assert "1 to 4000 characters" in empty
    scripts = list((tmp_path / "runs").glob("*/script/train.py"))
    assert len(scripts) == 1 and "spoiled" not in scripts[0].read_text()


def test_without_the_users_word_the_shell_of_somebody_elses_model_has_no_rows(
    tmp_path: Path, tickets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same server, taken for one of a third party: rows were not agreed to be shown."""
    monkeypatch.setattr("ml_intern.brains.llm.runs_here", lambda model: False)
    left, returned = ["ls; ls data; cat data/*", "find / -name '*.parquet' 2>/dev/null; true"], []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) != "smoke":
            return proceed(asked)
        if len(left) < 2:
            returned.append(str(asked.body["messages"][-1]["content"]))
        return ("run_command", {"command": left.pop(0)}) if left else proceed(asked)

    with serving(answer) as server, override_allow_model_requests(True):
        brain = ["--brain", server.brain, "--budget", "1", "--unpriced-brain"]
        ended = ml_intern(tmp_path, "run", TASK, "--data", tickets, *brain, "--until", "smoke", "--json")
        sent = "\n".join(json.dumps(asked.body, ensure_ascii=False) for asked in server.asked)
    assert ended.code == 0, ended.out[-1500:]
    listed, found = returned[:2]
    assert "train.py" in listed and "train.parquet" not in listed
    assert "succeeded" in found and "train.parquet" not in found
    texts = [text for text in pl.read_csv(tickets)["ticket"].drop_nulls() if len(text) > 20]
    assert len(texts) > 300 and not [
        text for text in texts if json.dumps(text, ensure_ascii=False)[1:-1] in sent
    ]
