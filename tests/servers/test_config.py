"""What mcp.json may say, and what a person sees of it before a run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ml_intern.records.errors import UsageProblem
from ml_intern.tools.servers.config import STAGES, read_servers
from tests.conftest import ROOT
from tests.runs import TASK, in_process
from tests.servers.bench import configure, program

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")
KEY = "hf_" + "aB3dE5gH" * 4


def test_the_usual_format_is_read(tmp_path: Path) -> None:
    assert read_servers(tmp_path / "mcp.json") == {}
    configure(
        tmp_path,
        notes={
            "command": "npx",
            "args": ["-y", "notes"],
            "env": {"NOTES_TOKEN": "${NOTES}"},
            "type": "stdio",
        },
        web={"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer ${WEB}"}},
        here={"url": "http://localhost:8000/mcp", "allow": ["search"], "stages": ["plan"]},
        hub={"url": "https://huggingface.co/mcp", "headers": {"Authorization": "Bearer ${HF_TOKEN}"}},
    )
    found = read_servers(tmp_path / "mcp.json")
    assert list(found) == ["notes", "web", "here", "hub"]
    assert found["notes"].stages == STAGES and found["here"].stages == ("plan",)
    assert found["notes"].filled({"NOTES": "abc"}) == ({"NOTES_TOKEN": "abc"}, frozenset({"abc"}))
    with pytest.raises(UsageProblem, match="needs the environment variable WEB"):
        found["web"].filled({})


@pytest.mark.parametrize(
    ("name", "entry", "why"),
    [
        ("a", {"command": "x", "env": {"A": KEY}}, "holds a credential"),
        ("a", {"command": "x", "args": [f"--key={KEY}"]}, "holds a credential"),
        (
            "a",
            {"url": "https://x.com", "headers": {"Authorization": "Bearer abc"}},
            "Authorization must name",
        ),
        ("a", {"command": "x", "env": {"NOTES_API_KEY": "abc"}}, "NOTES_API_KEY must name"),
        ("a", {"command": "x", "env": {"A": "${B:-c}"}}, "another form"),
        ("a", {"command": "x", "env": {"A_KEY": "${ML_INTERN_BRAIN_KEY}"}}, "is the brain's"),
        (
            "a",
            {"url": "https://x.com", "headers": {"A": "${HF_TOKEN}"}},
            "goes to huggingface.co and hf.co alone",
        ),
        ("a", {"url": "https://nothuggingface.co", "headers": {"A": "${HF_TOKEN}"}}, "alone"),
        ("a", {"url": "http://x.com/mcp"}, "must be https"),
        ("a", {"url": "file:///etc/passwd"}, "must be https"),
        ("a", {"url": "https://me:pw@x.com/mcp"}, "credential"),
        ("a", {"url": "https://x.com/mcp?api_key=abc"}, "must hold no credential"),
        ("a", {"url": "https://x.com", "command": "x"}, "either a command or a url"),
        ("a", {}, "either a command or a url"),
        ("a", {"url": "https://x.com", "type": "sse"}, "type"),
        ("a", {"command": "x", "autoApprove": ["all"]}, "autoApprove"),
        ("a", {"command": "x", "stages": ["whenever"]}, "there is no stage 'whenever'"),
        ("a", {"command": "x", "timeout": 0}, "timeout"),
        ("a", ["x"], "cannot be used"),
        ("a__b", {"command": "x"}, "no name for an MCP server"),
        ("A b", {"command": "x"}, "no name for an MCP server"),
    ],
)
def test_what_is_unsafe_or_not_understood_is_refused(tmp_path: Path, name: str, entry: Any, why: str) -> None:
    configure(tmp_path, **{name: entry})
    with pytest.raises(UsageProblem) as refused:
        read_servers(tmp_path / "mcp.json")
    assert why in refused.value.message
    assert KEY not in refused.value.message + refused.value.hint


def test_the_example_in_the_docs_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to.md").read_text()
    example = page.partition("<!-- test: mcp.json -->\n```json\n")[2].partition("```")[0]
    (tmp_path / "mcp.json").write_text(example)
    assert list(read_servers(tmp_path / "mcp.json")) == ["wiki", "issues"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"servers": {}}', '{"mcpServers": []}', "\x00"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "mcp.json").write_text(text)
    with pytest.raises(UsageProblem):
        read_servers(tmp_path / "mcp.json")


def test_a_person_can_look_before(tmp_path: Path) -> None:
    configure(
        tmp_path,
        wiki=program(allow=["search"]),
        gone={"command": "no-such-program"},
        poor={"command": "x", "env": {"A": "${SURELY_NOT_SET}"}},
    )
    ended = in_process(tmp_path, "mcp-servers", "--json")
    assert ended.code == 0, ended.err
    wiki, gone, poor = json.loads(ended.out)
    asks = {each["name"]: each["asks"] for each in wiki["tools"]}
    assert asks["wiki__search"] is False and asks["wiki__hang"] is True
    assert "No such file" in gone["error"] and "SURELY_NOT_SET" in poor["error"]
    shown = in_process(tmp_path, "mcp-servers").out
    assert "wiki__search  (without asking)" in shown and "wiki__hang  (asks first)" in shown
    assert "\x1b" not in shown


def test_a_run_names_its_servers_and_a_folder_none(tmp_path: Path, tickets: Path) -> None:
    project = tmp_path / "project"
    configure(project, wiki=program())
    before = Path.cwd()
    os.chdir(project)
    try:
        ended = in_process(tmp_path / "home", "run", TASK, "--data", tickets, "--mcp", "wiki")
    finally:
        os.chdir(before)
    assert ended.code == 2
    assert "There is no MCP server 'wiki'" in ended.told
    assert not list((tmp_path / "home" / "runs").iterdir())


def test_with_the_playbook_nothing_changes(tmp_path: Path, tickets: Path) -> None:
    notes = tmp_path / "started"
    entry = {"command": "sh", "args": ["-c", f"touch {notes}"], "stages": ["define", "research"]}
    configure(tmp_path / "home", wiki=entry)
    ended = in_process(
        tmp_path / "home", "run", TASK, "--data", tickets, "--mcp", "wiki", "--until", "inspect"
    )
    assert ended.code == 0, ended.err
    assert not notes.exists()
