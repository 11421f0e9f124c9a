"""Files made to harm whoever opens them: each gets a plain answer, soon, in bounded memory."""

import json
import os
import re
import resource
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.runs import ML_INTERN, environment

MIB = 1 << 20
GOOD = [f"my parcel number {i} is late,{'delivery' if i % 2 else 'refund'}\n" for i in range(40)]
HEADER = "ticket,issue_type\n"


def start(path: Path, data_limit: int, temporary: Path | None = None, **more: str) -> subprocess.Popen[str]:
    """`ml-intern inspect` with a bound on its own memory (what is mapped from files does not count).

    The bound counts what is set aside and never touched, too: several times what is used.
    """
    limit = (data_limit, data_limit)
    return subprocess.Popen(
        [ML_INTERN, "inspect", str(path), "--json"],
        env=environment(path.parent / "home") | ({"TMPDIR": str(temporary)} if temporary else {}) | more,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, limit),
    )  # fmt: skip


def inspect(path: Path, data_limit: int = 3072 * MIB, **more: Any) -> tuple[int, dict[str, Any], str]:
    """The exit code, the one object on stdout, and stderr."""
    process = start(path, data_limit, **more)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert out.count("\n") == 1, err
    return process.returncode, json.loads(out), err


def put(path: Path, parts: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(parts)
    return path


def finding(report: dict[str, Any], id: str) -> dict[str, Any]:
    return next(finding for finding in report["findings"] if finding["id"] == id)


@pytest.mark.parametrize(("name", "begin"), [("t.csv", ""), ("t.jsonl", '{"text": "')])
def test_one_line_larger_than_the_memory(tmp_path, name, begin):
    path = put(tmp_path / name, [begin, *["a" * MIB] * 500])
    code, told, _ = inspect(path, 450 * MIB)
    path.unlink()
    assert (code, told["event"], told["exit_code"]) == (6, "error", 6)
    assert "line 1" in told["message"] and "longer than 16,777,216 characters" in told["message"]


def test_a_long_line_among_good_rows_is_left_out(tmp_path):
    path = put(tmp_path / "t.csv", [HEADER, *GOOD, *["a" * MIB] * 60, "\n", *GOOD])
    code, told, _ = inspect(path, 600 * MIB)
    assert (code, told["rows"]) == (0, 80)
    assert finding(told, "unreadable_rows")["rows"] == [40]
    assert finding(told, "exact_duplicates")["rows"] == list(range(41, 81))


@pytest.mark.long
def test_a_quotation_mark_that_is_never_closed(tmp_path):
    late = (f"my order number {i} is very late,{'delivery' if i % 2 else 'refund'}\n" for i in range(500_000))
    code, told, _ = inspect(put(tmp_path / "t.csv", [HEADER, *GOOD, '"open,refund\n', *late]))
    assert (code, told["rows"]) == (0, 500_040), told
    assert finding(told, "unreadable_rows")["rows"] == [40]


def test_quotation_marks_that_never_fit_are_given_up(tmp_path):
    path = put(tmp_path / "t.csv", [HEADER, *GOOD, *['x","\n' * 1000] * 1000])
    code, told, _ = inspect(path)
    assert (code, told["exit_code"]) == (6, 6)
    assert "quotation marks do not match in so many places" in told["message"]


def footer_of(raw: bytes) -> bytes:
    return raw[-8 - struct.unpack("<I", raw[-8:-4])[0] : -8]


@pytest.mark.parametrize("flaw", ["footer length", "row count", "true row count", "bomb", "one text for all"])
def test_parquet_files_that_lie_or_blow_up(tmp_path, flaw):
    path = tmp_path / "t.parquet"
    text = [f"my parcel number {i} is late" for i in range(60)]
    labels = ["a", "b"] * 30
    if flaw == "bomb":
        text, labels = ["a" * 30 * MIB] * 36, ["a", "b"] * 18
    if flaw == "one text for all":
        text, labels = ["word " * 10_000] * 24_000, ["a", "b"] * 12_000
    pl.DataFrame({"text": text, "label": labels}).write_parquet(path, statistics=False, row_group_size=20_000)
    raw = path.read_bytes()
    footer = footer_of(raw)
    rows = b"\x16\x78"  # a field of 64 bits with the value 60, as Thrift's compact protocol writes it
    assert flaw in ("bomb", "one text for all") or rows in footer
    lies = {"row count": b"\x16" + b"\x80" * 5 + b"\x40", "true row count": b"\x16\x80\x80\x80\x10"}
    if flaw == "footer length":
        path.write_bytes(raw[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")
    elif flaw in lies:
        lie = footer.replace(rows, lies[flaw])
        path.write_bytes(raw[: -8 - len(footer)] + lie + struct.pack("<I", len(lie)) + b"PAR1")
    assert path.stat().st_size < MIB
    code, told, _ = inspect(path, 1500 * MIB, temporary=tmp_path)
    assert (code, told["exit_code"]) == (6, 6)
    assert (
        "not a readable Parquet file" in told["message"]
        or "cannot be unpacked into 1.0 GiB" in told["message"]
    )
    assert [left.name for left in tmp_path.iterdir() if left.name.startswith("ml-intern-")] == []


def test_formulas_and_escape_codes_are_shown_as_text(tmp_path):
    evil = "\x1b]0;owned\x07\x1b[2J"
    lines = [f"{row.split(',')[0]}{evil},{row.split(',')[1].strip()}{evil}\n" for row in GOOD]
    formula = f"=cmd|' /C touch {tmp_path / 'owned'}'!A0,refund\n"
    path = put(tmp_path / f"t{evil}.csv", [f"ticket{evil},issue{evil}\n", *lines, formula, "a,b,c\n"])
    code, told, err = inspect(path)
    assert (code, finding(told, "formulas")["rows"]) == (0, [40])
    shown = subprocess.run(
        [ML_INTERN, "inspect", str(path)], env=environment(tmp_path / "home"), capture_output=True, text=True
    )
    assert shown.returncode == 0
    assert "\x1b" not in err + shown.stdout + shown.stderr
    assert "\x07" not in shown.stderr
    assert not (tmp_path / "owned").exists()


@pytest.mark.long
def test_ten_thousand_columns(tmp_path):
    names = ",".join(f"c{i}" for i in range(9998))
    lines = (
        f"{row.strip()},{','.join(str(n * i % 97) for n in range(9998))}\n" for i, row in enumerate(GOOD)
    )
    code, told, _ = inspect(put(tmp_path / "t.csv", [f"{HEADER.strip()},{names}\n", *lines]))
    assert (code, told["text"], told["label"], len(told["columns"])) == (0, "ticket", "issue_type", 10_000)


def test_keys_of_their_own_in_each_object(tmp_path):
    lines = (f'{{"text": "my parcel is late", "label": "a", "k{i}": 1}}\n' for i in range(100_000))
    code, told, _ = inspect(put(tmp_path / "t.jsonl", lines))
    assert (code, "different keys" in told["message"]) == (6, True)


def test_deep_json(tmp_path):
    good = "".join(f'{{"text": "my parcel {i} is late", "label": "{"ab"[i % 2]}"}}\n' for i in range(40))
    code, told, _ = inspect(
        put(tmp_path / "t.jsonl", [good, '{"text": ', "[" * 100_000, "]" * 100_000, "}\n"])
    )
    assert (code, finding(told, "unreadable_rows")["rows"]) == (0, [40])
    assert inspect(put(tmp_path / "t.json", ["[" * 100_000]))[0] == 6


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "train.csv")
    for path in (tmp_path / "pipe.csv", tmp_path / "zero.csv", Path("/dev/zero"), folder):
        code, told, _ = inspect(path)
        assert (code, "is a device or a pipe" in told["message"]) == (2, True), told
    assert inspect(tmp_path / "loop.csv")[0] == 2


def long_texts(path: Path, mebibytes: int) -> Path:
    """Texts of about 10,000 characters, no two alike."""
    filler = "the parcel that was promised for last week has still not come " * 160
    rows = mebibytes * MIB // (len(filler) + 30)
    return put(
        path, [HEADER, *(f"order {i} {filler},{'delivery' if i % 2 else 'refund'}\n" for i in range(rows))]
    )


@pytest.mark.long
def test_a_large_file_takes_bounded_memory_and_leaves_nothing_on_disk(tmp_path):
    """What a process holds itself (RssAnon) cannot be given back; pages of mapped files can.

    A file of 256 MiB, which waits on disk: this does not show that a file larger than the memory can be
    audited.
    """
    path = long_texts(tmp_path / "t.csv", 256)
    process = start(path, resource.RLIM_INFINITY, temporary=tmp_path, ML_INTERN_MEMORY_MIB="2048")
    peak, out = 0, ThreadPoolExecutor(1).submit(process.communicate)
    while not out.done():
        status = Path(f"/proc/{process.pid}/status")
        status = status.read_text() if status.exists() else ""
        peak = max([peak, *(int(kib) * 1024 for kib in re.findall(r"RssAnon:\s+(\d+)", status))])
        time.sleep(0.02)
    told = json.loads(out.result()[0])
    assert (process.returncode, told["rows"] > 25_000) == (0, True)
    assert [left.name for left in tmp_path.iterdir()] == ["t.csv"]
    assert peak < 600 * MIB, f"{peak / MIB:.0f} MiB"  # 395 when this was written
    path.unlink()


def test_a_memory_that_is_no_number_is_refused(tmp_path):
    path = put(tmp_path / "t.csv", [HEADER, *GOOD])
    code, told, _ = inspect(path, ML_INTERN_MEMORY_MIB="lots")
    assert (code, "no number of MiB" in told["message"]) == (2, True)


def nameless(pid: int) -> list[str]:
    """The files that a process holds open and that have no name."""
    links = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            links.append(str(link.readlink()))
    return [target for target in links if target.endswith("(deleted)")]


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_ctrl_c_leaves_nothing_on_disk(tmp_path):
    path = long_texts(tmp_path / "t.csv", 200)
    process = start(path, resource.RLIM_INFINITY, temporary=tmp_path, ML_INTERN_MEMORY_MIB="500")
    until(lambda: any(target.startswith(str(tmp_path)) for target in nameless(process.pid)))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert [left.name for left in tmp_path.iterdir()] == ["t.csv"]
