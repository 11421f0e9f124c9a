"""The data audit on a terminal, in a pipe, as a page and as JSON."""

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from ml_intern.cli.audit import MOST_FULL, AuditView
from ml_intern.records.data import ColumnChoice, DataReport, Finding, Severity
from tests.data.conftest import clean_rows
from tests.runs import ml_intern, ml_intern_process

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def finding(severity: Severity, number: int = 0, **changes) -> Finding:
    values = {
        "id": f"{severity}_{number}", "severity": severity, "count": 9, "share": 0.1, "split": None,
        "rows": tuple(range(9)), "examples": ("one", "\x1b[31mred\u202e", "three"),
        "message": "Many words, " * 12 + "the end.", "action": "They are kept, " * 8 + "all.",
    }  # fmt: skip
    return Finding.model_validate(values | changes)


def report(*findings: Finding) -> DataReport:
    choice = ColumnChoice(name="text", reason="You named it.")
    return DataReport(
        rows=90, files=(), columns=(), text=choice, label=choice, splits={"all": 90},
        classes={"a": {"all": 90}}, median_words=1, p95_words=1, findings=findings, seconds=0.1,
    )  # fmt: skip


def shown(told: DataReport, everything=False, **console) -> str:
    screen = Console(file=io.StringIO(), highlight=False, **{"width": 80} | console)
    AuditView(screen, told, everything).show()
    return screen.file.getvalue()


def test_the_verdict_comes_first_then_the_worst_in_full_and_the_rest_in_a_line_each():
    out = shown(report(finding(Severity.HIGH), finding(Severity.LOW), finding(Severity.INFO)))
    assert out.startswith("3 findings (1 high, 1 low, 1 info) in 90 rows, 1 class, 0.1 s\n")
    assert out.index("before you have read the high finding") < out.index("◆ high     high_0")
    assert "“one”" in out and "“three”" not in out
    assert "rows 0, 1, 2, 3, 4 and 4 more" in out and "→ They are kept" in out
    low = next(line for line in out.splitlines() if line.startswith("○ low "))
    assert low.endswith("…") and cell_len(low) == 80
    assert out.count("the end.") == 1 and shown(report(finding(Severity.LOW)), True).count("the end.") == 1


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_hang_and_stay_within_eighty_columns(width):
    out = shown(report(finding(Severity.CRITICAL, message="漢字" * 90)), width=width)
    lines = out.splitlines()
    assert max(map(cell_len, lines)) <= min(width, 80)
    body = lines[next(i for i, line in enumerate(lines) if line.startswith("▲ critical")) + 1 : -2]
    assert body and all(line.startswith(" " * 11) for line in body)


def test_many_findings_stay_readable():
    many = [finding(Severity.HIGH, i) for i in range(2)] + [finding(Severity.MEDIUM, i) for i in range(43)]
    out = shown(report(*many))
    assert out.count("the end.") == MOST_FULL
    assert (
        sum(line.startswith("● medium") and line.endswith("…") for line in out.splitlines()) == 45 - MOST_FULL
    )
    assert shown(report(*many), everything=True).count("the end.") == 45


def test_colour_is_never_needed_and_texts_cannot_colour():
    hostile = {"message": "\x1b[2J\u202e", "action": "\x1b[31m"}
    told = report(*(finding(severity, **hostile) for severity in reversed(Severity)))
    plain, coloured = shown(told, True), shown(told, True, force_terminal=True, color_system="standard")
    assert "\x1b" not in plain and "\u202e" not in plain
    assert all(told in plain for told in (r"\x1b[31mred\u202e", r"\x1b[2J\u202e", r"→ \x1b[31m"))
    assert COLOURS.sub("", coloured) == plain != coloured
    for mark in ("▲ critical", "◆ high", "● medium", "○ low", "– info"):
        assert mark in plain


def test_no_finding_is_said_so():
    out = shown(report())
    assert out.startswith("No findings in 90 rows") and "Nothing was found that would change a result." in out


def test_in_a_pipe_the_audit_is_on_stdout_and_ends_in_the_next_command(tickets, tmp_path):
    ended = ml_intern(tmp_path, "inspect", tickets, "--label", "issue_type")
    assert ended.code == 0 and ended.err == ""
    lines = ended.out.splitlines()
    assert re.match(r"\d+ findings \(.*\d info\) in 400 rows, \d+ classes, [\d.]+ s$", lines[0])
    assert max(map(cell_len, lines[:-1])) <= 80 and "\x1b" not in ended.out
    assert lines[-1].startswith("Next: ml-intern run ")
    command = shlex.split(lines[-1].removeprefix("Next: "))
    assert command[3:] == ["--data", str(tickets), "--label", "issue_type"]
    ran = ml_intern(tmp_path, *command[1:], "--until", "define", "--json")
    assert ran.code == 0 and ran.result["stage"] != "define", ran.err


def test_an_old_encoding_loses_the_marks_and_no_word(tickets, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ended = ml_intern_process(tmp_path, "inspect", tickets)
    assert ended.code == 0, ended.err
    assert "? low " in ended.out and ended.out.splitlines()[-1].startswith("Next: ")


def test_the_page_appears_complete_and_alone(tickets, tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    page = folder / "audit.html"
    ended = ml_intern(tmp_path / "home", "inspect", tickets, "--html", page)
    assert ended.code == 0 and ended.out.splitlines()[-1] == f"Next: open {page}"
    assert page.read_text().rstrip().endswith("</html>")
    again = ml_intern(tmp_path / "home", "inspect", tickets, "--html", page, "--json")
    assert json.loads(again.out)["page"] == str(page) and again.err == ""
    assert list(folder.iterdir()) == [page] and not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["", "none/audit.html", "file/audit.html", f"{'x' * 300}.html"])
def test_a_page_that_cannot_be_written_is_said_before_the_data_is_read(name, tmp_path):
    (tmp_path / "file").touch()
    data = tmp_path / "data.csv"
    data.write_text("text\n")  # reading it would fail otherwise
    ended = ml_intern(tmp_path / "home", "inspect", data, "--html", tmp_path / name)
    assert ended.code == 1 and ended.out == ""
    assert "cannot be written" in ended.told and "--html FILE" in ended.told
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data.csv", "file"]


def test_a_page_never_overwrites_the_data(tickets, tmp_path):
    before = tickets.read_bytes()
    for data in (tickets, tickets.parent):
        ended = ml_intern(tmp_path, "inspect", data, "--html", tickets)
        assert ended.code == 2 and "would overwrite the data" in ended.told
    assert tickets.read_bytes() == before


def written(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def doubled(tmp_path: Path) -> Path:
    """1,200 different rows, twice."""
    return written(tmp_path / "doubled.csv", ["text", "label"], [list(row) for row in clean_rows(1200)] * 2)


def test_json_is_one_object_with_every_row_number(tmp_path: Path, doubled: Path) -> None:
    ended = ml_intern(tmp_path / "home", "inspect", doubled, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["rows"], told["text"], told["label"], told["splits"]) == (
        2400,
        "text",
        "label",
        {"all": 2400},
    )
    found = {finding["id"]: finding for finding in told["findings"]}
    assert found["exact_duplicates"]["rows"] == list(range(1200, 2400))
    assert "exact_duplicates" in told["seconds_by_check"]
    assert not (tmp_path / "home").exists()


def test_people_read_what_was_found_and_where(tmp_path: Path, doubled: Path) -> None:
    ended = ml_intern(tmp_path / "home", "inspect", doubled)
    assert ended.code == 0 and ended.err == ""
    words = " ".join(ended.out.split())
    assert "1,200 of 2,400 (50.0 %) rows repeat" in words and "rows 1200, 1201" in words


def test_a_hostile_column_name_is_escaped(tmp_path: Path) -> None:
    rows = [list(row) for row in clean_rows(60)]
    data = written(tmp_path / "odd.csv", ["text", "label\x1b[31m"], rows)
    ended = ml_intern(tmp_path / "home", "inspect", data)
    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.out and "\\x1b[31m" in ended.out


def test_two_possible_labels_are_a_question_that_nobody_answers(tmp_path: Path) -> None:
    rows = [[text, label, "xy"[number % 2]] for number, (text, label) in enumerate(clean_rows(60))]
    data = written(tmp_path / "two.csv", ["text", "intent", "kind"], rows)
    ended = ml_intern(tmp_path / "home", "inspect", data, "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["hint"].startswith("Name one with: --label")
