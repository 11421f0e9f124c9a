"""Documents run: each marked console snippet is executed, in order, in a folder with tickets.csv."""

import json
import re
import shlex
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from ml_intern.cli.main import app
from ml_intern.demo.tickets import make_tickets, write_tickets
from tests.conftest import ROOT
from tests.runs import in_process

SNIPPET = re.compile(r"<!-- test: (run|run long) -->\n```console\n(.*?)```", re.S)
ENDS_WAITING = re.compile(
    r"publish --to|deny|run .* --json|macro F1 and a confusion matrix|lightweight transformer"
)


def do(folder: Path, page: str, mark: str = "run") -> Path:
    """Execute the snippets of a page in `folder`; the state folder that they made."""
    write_tickets(folder / "tickets.csv", rows=400)
    found = [block for marked, block in SNIPPET.findall((ROOT / page).read_text()) if marked == mark]
    lines = [line for block in found for line in block.splitlines()]
    commands = [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]
    assert commands
    for command in commands:
        assert command[0] == "ml-intern"
        with chdir(folder):
            done = in_process(folder / "home", *command[1:])
        waits = ENDS_WAITING.search(" ".join(command[1:])) and "plan --" not in " ".join(command)
        assert done.code == (3 if waits else 0), (command, done.out[-500:], done.err[-2000:])
    return folder / "home"


def parsed(words: list[str]) -> str:
    """The name of the command that these words give; it is not run.

    Raises:
        Exit, UsageError: as the command line would end on them.
    """
    command, context = get_command(app), None
    while isinstance(command, TyperGroup):
        context = command.make_context("ml-intern", words, parent=context)
        _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
    return str(command.make_context(command.name, words, parent=context).info_name)


def test_every_command_of_the_pages_can_be_given():
    """Whether marked to be run or not: its name and its options exist and take such values."""
    found = []
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.S):
            for line in block.splitlines():
                if line.startswith("$ ml-intern "):
                    words = shlex.split(line, comments=True)[2:]
                    found.append(parsed(words[: words.index("|")] if "|" in words else words))
    assert len(found) > 40 and {"run", "approve", "publish"} <= set(found)
    with pytest.raises(Exception, match="No such option"):
        parsed(["show", "--artefact", "split"])


@pytest.mark.long
def test_the_commands_of_the_readme_work_in_order(tmp_path):
    do(tmp_path, "README.md")


@pytest.mark.long
@pytest.mark.parametrize("mark", ["run", "run long"])
def test_the_commands_of_the_how_to_work_in_order(mark, tmp_path):
    do(tmp_path, "docs/how-to.md", mark)


@pytest.mark.slow
def test_the_tutorial_works_and_its_demo_reports_the_planted_leak_and_no_perfect_score(tmp_path):
    result = in_process(do(tmp_path, "docs/tutorial.md"), "show", "--json").events[0]
    first = result["findings"][0]
    planted = make_tickets().planted
    assert (first["id"], first["split"]) == ("test_rows_repeat_training", "test")
    assert tuple(first["rows"]) == planted.rows("near_copy", "test")
    assert 0.8 < result["metrics"]["macro_f1"]["value"] < 0.98
    bundle = Path(result["bundle"])
    card = (bundle / "README.md").read_text()
    assert "Of the test rows, 27 repeat a training or validation row" in card and "more nearly do" in card
    assert "Left out: " in card and "the same text has several labels" in card
    report = (bundle.parent / "report.html").read_text()
    assert "est rows: 27 repeat and " in report and "Left out: " in report
    left_out = (bundle.parent / "left-out.jsonl").read_text().splitlines()
    conflicts = [json.loads(line) for line in left_out if "several labels" in line]
    expected = {row for p in planted.plants if p.flaw == "conflicting_label" for row in (p.row, p.source)}
    assert conflicts and {line["file"] for line in conflicts} == {"train.csv"}
    assert {line["row"] for line in conflicts} <= expected


@pytest.mark.long
def test_the_transcript_of_a_refusal_is_what_happens():
    script = ROOT / "scripts" / "write_rented.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_reference_is_up_to_date():
    script = ROOT / "scripts" / "write_reference.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "run: make docs"


def test_the_measured_page_says_what_the_records_say():
    done = subprocess.run([sys.executable, "-m", "benchmarks.table", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run: python -m benchmarks.table"


def test_links_between_pages_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_no_file_is_longer_than_five_hundred_lines():
    long = [p for p in (ROOT / "src").rglob("*.py") if len(p.read_text().splitlines()) > 500]
    assert long == []


def test_the_readme_shows_its_two_commands_on_the_first_screen():
    top = Path(ROOT / "README.md").read_text().splitlines()[:25]
    assert any("make demo" in line for line in top) and any("make test" in line for line in top)


def test_the_captures_of_the_terminal_fit_it_and_are_of_these_steps():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from capture_terminal import PAGE, STEPS
    finally:
        sys.path.pop(0)
    blocks = re.findall(r"^## ([^\n]*)\n\n```text\n(.*?)```", PAGE.read_text(), re.M | re.S)
    assert [title for title, _ in blocks] == ["The first screen", *(title for title, _, _ in STEPS)]
    for (title, screen), words in zip(blocks[1:], [words for *_, words in STEPS], strict=True):
        lines = screen.splitlines()
        assert len(lines) <= 24 and all(len(line) <= 80 for line in lines), title
        assert words in screen, f"{title}: run python scripts/capture_terminal.py"
