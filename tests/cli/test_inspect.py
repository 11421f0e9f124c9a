import csv
import json
from pathlib import Path

import pytest

from tests.data.conftest import clean_rows
from tests.runs import ml_intern


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


def test_people_read_findings_and_the_next_step(tmp_path: Path, doubled: Path) -> None:
    ended = ml_intern(tmp_path / "home", "inspect", doubled)
    assert ended.code == 0 and ended.out == ""
    assert "1,200 of 2,400 (50.0 %)" in ended.err and "rows 1,200, 1,201" in ended.err
    last = ended.err.split("Next: ")[1].replace("\n", " ")
    assert last.startswith("ml-intern run 'YOUR TASK' --data") and "--label=label" in last


def test_a_hostile_column_name_is_escaped(tmp_path: Path) -> None:
    rows = [list(row) for row in clean_rows(60)]
    data = written(tmp_path / "odd.csv", ["text", "label\x1b[31m"], rows)
    ended = ml_intern(tmp_path / "home", "inspect", data)
    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.err and "\\x1b[31m" in ended.err


def test_two_possible_labels_are_a_question_that_nobody_answers(tmp_path: Path) -> None:
    rows = [[text, label, "xy"[number % 2]] for number, (text, label) in enumerate(clean_rows(60))]
    data = written(tmp_path / "two.csv", ["text", "intent", "kind"], rows)
    ended = ml_intern(tmp_path / "home", "inspect", data, "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["hint"].startswith("Name one with: --label")
