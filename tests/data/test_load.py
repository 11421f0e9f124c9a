import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_intern.data.load import fingerprint, load, resolve
from ml_intern.records.data import SplitName
from ml_intern.records.errors import DataUnfit, InternError, UsageProblem


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_values_are_kept_as_written(tmp_path: Path) -> None:
    content = '\ufefftext,label,n\r\n"a, ""b""\nc",x,007\r\n , X ,1e3\r\n,x,NA\r\n\r\n'
    tables = load(put(tmp_path, "t.CSV", content))
    assert tables.items[0].frame.rows() == [('a, "b"\nc', "x", "007"), (" ", " X ", "1e3"), (None, "x", "NA")]
    assert tables.items[0].file.sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert (tables.items[0].split, tables.items[0].part, tables.rows) == (None, "all", 3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.tsv", "text\tlabel\na b\tx\n"),
        ("t.csv", "text;label\na b;x\n"),
        ("t.jsonl", '{"text": "a b", "label": "x"}\n\n'),
        ("t.ndjson", '{"text": "a b", "label": "x"}'),
        ("t.json", '[{"text": "a b", "label": "x"}]'),
    ],
)
def test_formats(tmp_path: Path, name: str, content: str) -> None:
    assert load(put(tmp_path, name, content)).items[0].frame.to_dicts() == [{"text": "a b", "label": "x"}]


def test_json_lines_keep_types_and_mixed_values_become_text(tmp_path: Path) -> None:
    lines = '{"i": 1, "f": 1, "b": true, "m": 1, "l": [1]}\n'
    lines += '{"i": null, "f": 0.5, "m": "é\u2028", "big": 99999999999999999999}'
    frame = load(put(tmp_path, "t.jsonl", lines)).items[0].frame
    assert frame.dtypes == [pl.Int64, pl.Float64, pl.Boolean, pl.String, pl.String, pl.String]
    assert frame.row(0) == (1, 1.0, True, "1", "[1]", None)
    assert frame.row(1) == (None, 0.5, None, "é\u2028", None, "99999999999999999999")


def test_json_nan_is_missing_and_long_numbers_stay_exact(tmp_path: Path) -> None:
    lines = '{"t": NaN, "f": NaN, "id": 9007199254740993}\n{"t": "a", "f": 1.5, "id": 0.5}'
    rows = load(put(tmp_path, "t.jsonl", lines)).items[0].frame.rows()
    assert rows == [(None, None, "9007199254740993"), ("a", 1.5, "0.5")]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    pl.DataFrame({"text": ["a"], "label": [3]}).write_parquet(tmp_path / "t.parquet")
    assert load(tmp_path / "t.parquet").items[0].frame.rows() == [("a", 3)]


def test_folder_with_splits(tmp_path: Path) -> None:
    put(tmp_path, "Train.csv", "text,label\na,x\nb,y\n")
    put(tmp_path, "DEV.jsonl", '{"label": "x", "text": "c"}')
    put(tmp_path, "test.tsv", "text\tlabel\nd\ty\n")
    put(tmp_path, "categories.json", "[]")
    tables = load(tmp_path)
    assert [table.split for table in tables.items] == list(SplitName)
    assert [table.frame.height for table in tables.items] == [2, 1, 1]
    assert tables.fingerprint == fingerprint(tmp_path)


def test_hub_layout(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for split in ("train", "test"):
        pl.DataFrame({"text": [split]}).write_parquet(tmp_path / "data" / f"{split}-00000-of-00001.parquet")
    assert [table.part for table in load(tmp_path).items] == ["train", "test"]


def test_fingerprint_follows_content_and_name(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "text,label\na,x\n")
    first = fingerprint(path)
    assert first == fingerprint(path) == load(path).fingerprint
    put(tmp_path, "a.csv", "text,label\na,y\n")
    assert fingerprint(path) != first
    assert fingerprint(put(tmp_path, "b.csv", "text,label\na,x\n")) != first


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"),
    [
        ("t.csv", "", DataUnfit, "t.csv is empty"),
        ("t.jsonl", " \n\n", DataUnfit, "t.jsonl is empty"),
        ("t.csv", "text,label\n", DataUnfit, "has a header but no rows"),
        ("t.jsonl", "{}\n", DataUnfit, "has no columns"),
        ("t.csv", b"\x89PNG\x00\x01\x02", UsageProblem, "holds binary data"),
        ("t.csv", "text,label\na,x\n".encode("utf-16"), UsageProblem, "is UTF-16 text"),
        ("t.csv", b"text,label\na,x\ncaf\xe9,y\n", UsageProblem, "line 3: byte 0xe9 is not UTF-8"),
        ("t.csv", 'text,label\n"a\nb",x\nc\nd,e,f\n', UsageProblem, "line 4: 1 field where the header has 2"),
        ("t.csv", "text,label\na,b,x\n", UsageProblem, "line 2: 3 fields where the header has 2"),
        ("t.csv", 'text,label\na,x\n"b,x\nc,x\n', UsageProblem, "line 3: quotation marks do not match"),
        ("t.csv", "text,text\na,x\n", UsageProblem, "names 'text' more than once"),
        ("t.jsonl", '{"a": 1}\n{"a": \n', UsageProblem, "line 2: not valid JSON"),
        ("t.jsonl", '{"a": 1}\n[1]\n', UsageProblem, "line 2: [1] is not a JSON object"),
        ("t.jsonl", '{"a": "\\ud800"}\n', UsageProblem, "line 1: not valid JSON"),
        ("t.json", "[" * 100_000, UsageProblem, "line 1: not valid JSON"),
        ("t.parquet", "version https://git-lfs.github.com", UsageProblem, "not a readable Parquet file"),
        ("t.parquet", b"PAR1" + bytes(40) + b"PAR1", UsageProblem, "not a readable Parquet file"),
        ("t.xlsx", "x", UsageProblem, "the ending '.xlsx', which is not supported"),
        ("tickets", "x", UsageProblem, "no ending, which is not supported"),
        ("a\x1b[31m.xlsx", "x", UsageProblem, r"'a\x1b[31m.xlsx'"),
    ],
)
def test_unreadable_files(
    tmp_path: Path, name: str, content: bytes | str, kind: type[InternError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        load(put(tmp_path, name, content))
    assert message in caught.value.message
    assert caught.value.hint
    assert "\x1b" not in caught.value.message


def test_resolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "t.csv", "a\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve("t.csv") == resolve("~/t.csv") == path.resolve()
    for name in ("", "u.csv", "x" * 5000, "a\0b", "~nobody-of-that-name/t.csv", "a\x1b[0m"):
        with pytest.raises(UsageProblem) as caught:
            resolve(name)
        assert caught.value.message.startswith("There is no file or folder")
        assert "\x1b" not in caught.value.message


def test_missing_and_unsuitable_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="There is no file or folder"):
        load(tmp_path / "nothing.csv")
    with pytest.raises(UsageProblem, match=r"no train, validation or test file\. It is empty"):
        load(tmp_path)
    put(tmp_path, "tickets.csv", "text,label\na,x\n")
    with pytest.raises(UsageProblem, match=r"It holds 'tickets.csv'") as caught:
        fingerprint(tmp_path)
    assert "tickets.csv" in caught.value.hint
    put(tmp_path, "test.csv", "text,label\na,x\n")
    with pytest.raises(UsageProblem, match="has no train file"):
        load(tmp_path)
    put(tmp_path, "train.xml", "<a/>")
    with pytest.raises(UsageProblem, match=r"ending '\.xml'"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("owner", "name", "read"), [(Path, "iterdir", load), (os, "open", load), (os, "open", fingerprint)]
)
def test_no_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, read: Callable[[Path], object]
) -> None:
    put(tmp_path, "train.csv", "text,label\na,x\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(owner, name, refuse)
    with pytest.raises(UsageProblem, match="cannot be opened: Permission denied"):
        read(tmp_path)


def test_two_files_for_a_split_and_shards(tmp_path: Path) -> None:
    put(tmp_path / "a", "train.csv", "text\na\n")
    put(tmp_path / "a", "val.csv", "text\na\n")
    put(tmp_path / "a", "dev.csv", "text\na\n")
    with pytest.raises(UsageProblem, match=r"2 files for the validation split: 'dev.csv', 'val.csv'"):
        load(tmp_path / "a")
    put(tmp_path / "b", "train-00000-of-00002.parquet", "x")
    with pytest.raises(UsageProblem, match="one of 2 shards"):
        load(tmp_path / "b")


def test_different_columns_are_named(tmp_path: Path) -> None:
    put(tmp_path, "train.csv", "text,label\na,x\n")
    put(tmp_path, "test.csv", "text,\x1bkind\na,x\n")
    with pytest.raises(DataUnfit) as caught:
        load(tmp_path)
    assert r"only train.csv has 'label'; only test.csv has '\x1bkind'" in caught.value.message


@given(content=st.binary(max_size=60), name=st.sampled_from(["t.csv", "t.tsv", "t.jsonl", "t.parquet"]))
def test_any_bytes_are_rows_or_a_plain_error(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    try:
        assert load(path).rows > 0
    except InternError as error:
        assert error.hint


def test_one_object_over_several_lines_is_said_to_be_that(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps({"train": [["where is my parcel", "delivery"]], "test": []}, indent=2))
    with pytest.raises(UsageProblem) as refused:
        load(path)
    assert (
        "one object over several lines" in refused.value.hint
        and "a file for each split" in refused.value.hint
    )
