"""The skill for coding agents: valid by the rules of such files, and true of the command."""

import re
from pathlib import Path

import yaml
from typer.main import get_command

from ml_intern.cli.main import app
from tests.runs import ml_intern


def test_it_is_printed_or_written_where_one_wants_it(tmp_path: Path) -> None:
    printed = ml_intern(tmp_path, "skill")
    assert printed.code == 0
    written = ml_intern(tmp_path, "skill", "--out", tmp_path / "skills")
    assert written.code == 0
    assert (tmp_path / "skills" / "ml-intern" / "SKILL.md").read_text() == printed.out
    (tmp_path / "file").write_text("")
    assert ml_intern(tmp_path, "skill", "--out", tmp_path / "file").code == 1


def test_its_head_is_as_agents_read_it(tmp_path: Path) -> None:
    head = yaml.safe_load(ml_intern(tmp_path, "skill").out.split("---\n")[1])
    assert head["name"] == "ml-intern" and 50 < len(head["description"]) <= 1024


def test_every_command_and_option_that_it_names_exists(tmp_path: Path) -> None:
    text = ml_intern(tmp_path, "skill").out
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = re.findall(r"`ml-intern ([a-z]+)([^`]*)`", text)
    assert len(named) > 12
    for name, rest in named:
        known = {option for each in commands[name].params for option in (*each.opts, *each.secondary_opts)}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known | {"--help"}, name
