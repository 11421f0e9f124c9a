"""The shell of a brain: in the sandbox, beside copies, without network, secrets or test rows."""

import json
from pathlib import Path
from typing import Any

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
