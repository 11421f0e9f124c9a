"""What `inspect` reads on over and reports, and a run refuses."""

from pathlib import Path

import polars as pl
import pytest

from ml_intern.data.load import load
from ml_intern.data.spill import InMemory, OnDisk
from ml_intern.records.data import Finding, Severity
from ml_intern.records.errors import DataUnfit, UsageProblem

from .conftest import audited, clean_rows
from .test_load import put

ROWS = [f"{text},{label}" for text, label in clean_rows(40)]


def csv_of(*lines: str, header: str = "text,label") -> str:
    return "\n".join([header, *lines]) + "\n"


def with_line(line: str) -> str:
    """Good rows 0 to 4, the line, good rows."""
    return csv_of(*ROWS[:5], line, *ROWS[5:])


def findings(path: Path, text: str = "text", label: str = "label") -> dict[str, Finding]:
    """Findings of the audit alone, after seeing that a run would refuse the file."""
    with pytest.raises(UsageProblem):
        load(path)
    tables = load(path, strict=False)
    return {finding.id: finding for finding in audited(tables, text, label).findings}


@pytest.mark.parametrize(
    ("name", "content", "id", "rows", "says"),
    [
        ("t.csv", with_line("a,b,c\nlonely"), "ragged_rows", (5, 6), "line 7: 3 fields where"),
        ("t.csv", with_line('"never closed,a'), "unreadable_rows", (5,), "line 7: quotation marks"),
        ("t.csv", with_line('"closed" late,a'), "unreadable_rows", (5,), "line 7: quotation marks"),
        ("t.csv", with_line('a,b"\n"open,c'), "unreadable_rows", (6,), "line 8: quotation marks"),
        ("t.csv", with_line("café ü,a").encode("cp1252"), "wrong_encoding", (5,), "line 7: byte 0xe9"),
        ("t.csv", csv_of(*ROWS).encode("utf-16"), "wrong_encoding", tuple(range(40)), "UTF-16"),
        ("t.csv", csv_of(*ROWS).encode("utf-16-le"), "wrong_encoding", tuple(range(40)), "UTF-16"),
        ("t.tsv", csv_of(*ROWS).replace(",", "\t") + "a\tb\tc\n", "ragged_rows", (40,), "line 42: 3 fields"),
    ],
)  # fmt: skip
def test_rows_that_a_run_refuses_are_findings(
    tmp_path: Path, name: str, content: bytes | str, id: str, rows: tuple[int, ...], says: str
) -> None:
    finding = findings(put(tmp_path, name, content))[id]
    assert (finding.rows, finding.count) == (rows, len(rows))
    assert says in finding.message
    assert "A run refuses this file" in finding.action
    assert finding.severity == (Severity.CRITICAL if 0.05 <= finding.share < 1 else Severity.HIGH)


def test_rows_after_one_that_was_left_out_keep_their_numbers(tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", with_line("a,b,c") + f"{ROWS[0]}\n")
    found = findings(path)
    assert found["exact_duplicates"].rows == (41,)
    assert found["ragged_rows"].share == pytest.approx(1 / 42)
    table = load(path, strict=False).items[0]
    assert (table.frame.height, table.records) == (41, 42)


def test_a_record_over_several_lines_is_one_row(tmp_path: Path) -> None:
    frame = load(put(tmp_path, "t.csv", with_line('"one\ntwo",a\n"three\n""x"" four",b'))).items[0].frame
    assert frame["text"].to_list()[5:7] == ["one\ntwo", 'three\n"x" four']
    assert frame.height == 42


def test_stray_bytes_are_read_as_cp1252(tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", with_line("“café”,a").encode("cp1252") + "é,b\n".encode())
    assert load(path, strict=False).items[0].frame["text"].to_list()[5::36] == ["“café”", "é"]


def test_json_lines_and_arrays(tmp_path: Path) -> None:
    good = [f'{{"text": "{text}", "label": "{label}"}}' for text, label in clean_rows(40)]
    lines = [*good[:5], '{"text":', "[1]", '{"text": "\\ud800"}', *good[5:]]
    finding = findings(put(tmp_path, "t.jsonl", "\n".join(lines)))["unreadable_rows"]
    assert (finding.rows, finding.severity) == ((5, 6, 7), Severity.CRITICAL)
    assert "line 6: not valid JSON" in finding.message
    array = "[\n" + ",\n".join([*good[:5], "3", *good[5:20], '{"a": oops}', *good[20:]]) + "]"
    finding = findings(put(tmp_path, "t.json", array))["unreadable_rows"]
    assert finding.rows == (5, 21)
    assert "line 7: 3 is not a JSON object" in finding.message


@pytest.mark.parametrize(
    "content", ['[{"a": 1} {"a": 2}]', '[{"a": 1}', '[{"a": 1}] x', "[{'a': 1}]", "[1,]"]
)
def test_broken_arrays_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UsageProblem, match="line 1"):
        load(put(tmp_path, "t.json", content))


def test_wrong_delimiter(tmp_path: Path) -> None:
    content = csv_of(*ROWS, header="text, as written;label").replace(",a\n", ";a\n").replace(",b\n", ";b\n")
    finding = findings(put(tmp_path, "t.csv", content.replace(",c\n", ";c\n")), "text, as written")
    assert "semicolons separate its fields, not commas" in finding["wrong_delimiter"].message


def test_commas_in_semicolon_files_are_no_trouble(tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "text;label\n" + "one, two, three;a\nfour; b\n" * 20)
    tables = load(path, strict=False)
    assert (tables.columns, tables.items[0].troubles) == (("text", "label"), ())


def test_missing_header(tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "\n".join([*ROWS, "a,b,c", ROWS[0]]))
    found = findings(path, "column_1", "column_2")
    assert found["missing_header"].rows == (0,)
    assert found["ragged_rows"].rows == (40,)
    assert found["exact_duplicates"].rows == (41,)
    assert load(path, strict=False).rows == 41


def test_formulas(tmp_path: Path) -> None:
    harmless = ["- a list", "@someone hello (there)", "+49 30 123", "=D nice", "=> so", "-1.5"]
    formulas = ["=cmd|' /C calc'!A0", "=SUM(A1:A3)", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C x'!A0"]
    path = put(tmp_path, "t.csv", csv_of(*ROWS, *(f"{text},a" for text in harmless + formulas)))
    table = load(path)
    (finding,) = (finding for finding in audited(table).findings if finding.id == "formulas")
    assert (finding.rows, finding.severity) == ((46, 47, 48, 49), Severity.LOW)
    assert finding.examples[0] == formulas[0]


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 50, b'"text,label\n' + b"a,b\n" * 9, b"text,label\na\n"]
)
def test_what_cannot_be_audited_at_all(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataUnfit) as caught:
        load(put(tmp_path, "t.csv", content), strict=False)
    assert caught.value.hint


def test_rows_on_disk_are_the_same_rows() -> None:
    pieces = [
        pl.DataFrame({"a": ["x" * 40, None, "é"], "b": [1, None, 3]}),
        pl.DataFrame({"a": ["y"], "b": [4]}),
    ]
    stores = InMemory(), OnDisk()
    for store in stores:
        for piece in pieces:
            store.add(piece)
    memory, disk = (store.frame() for store in stores)
    assert memory.equals(disk)
    assert memory.schema == disk.schema


def test_json_types_are_those_of_all_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml_intern.data.json_rows.CHUNK_ROWS", 1)
    lines = '{"i": 1, "f": 1, "m": 1, "n": 1.0}\n{"i": null, "f": 0.5, "m": "a", "b": true}\n'
    frame = load(put(tmp_path, "t.jsonl", lines + '{"f": 2, "n": 12345678901234567890}')).items[0].frame
    assert frame.dtypes == [pl.Int64, pl.Float64, pl.String, pl.String, pl.Boolean]
    assert frame.rows() == [
        (1, 1.0, "1", "1.0", None),
        (None, 0.5, "a", None, True),
        (None, 2.0, None, "12345678901234567890", None),
    ]
