"""Documents run: each marked console snippet is executed, in order, in a folder with tickets.csv."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ml_intern.demo.tickets import write_tickets
from tests.conftest import ROOT
from tests.runs import in_process

SNIPPET = re.compile(r"<!-- test: run -->\n```console\n(.*?)```", re.S)
PAGES = ["README.md", "docs/tutorial.md", "docs/how-to.md"]
ENDS_WAITING = re.compile(
    r"publish --to|deny|run .* --json|macro F1 and a confusion matrix|lightweight transformer"
)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_in_order(page, tmp_path, monkeypatch):
    write_tickets(tmp_path / "tickets.csv", rows=400)
    lines = [line for block in SNIPPET.findall((ROOT / page).read_text()) for line in block.splitlines()]
    commands = [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]
    assert commands
    monkeypatch.chdir(tmp_path)
    for command in commands:
        assert command[0] == "ml-intern"
        done = in_process(tmp_path / "home", *command[1:])
        waits = ENDS_WAITING.search(" ".join(command[1:])) and "plan --" not in " ".join(command)
        assert done.code == (3 if waits else 0), (command, done.out[-500:], done.err[-2000:])


@pytest.mark.slow
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
