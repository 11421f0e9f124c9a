"""One file out of the parts that a split is stored in, for formats whose parts are tables of their own."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of `parts`, in that order, into `target`; one part is moved there.

    Raises:
        UsageProblem: the parts have different columns.
    """
    if len(parts) == 1:
        parts[0].replace(target)
    elif target.suffix == ".parquet":
        _join_parquet(parts, target)
    else:
        _join_lines(parts, target, header=target.suffix != ".jsonl")


def _join_parquet(parts: Sequence[Path], target: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(parts[0]).remove_metadata()
        with pq.ParquetWriter(target, schema) as writer:
            for part in parts:
                with pq.ParquetFile(part) as file:
                    for batch in file.iter_batches(batch_size=50_000):
                        writer.write_table(pa.Table.from_batches([batch]).select(schema.names).cast(schema))
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk's trouble; a broken file has no number
            raise
        raise _unlike(parts) from error


def _join_lines(parts: Sequence[Path], target: Path, header: bool) -> None:
    """Bytes after bytes; of CSV and TSV files the header must be the same, and is kept once."""
    first = b""
    with target.open("wb") as out:
        for number, part in enumerate(parts):
            with part.open("rb") as source:
                if header:
                    line = source.readline(1 << 20).rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
                    if line.count(b'"') % 2 or (number and line != first):
                        raise _unlike(parts)
                    first = line
                    out.write(b"" if number else line + b"\n")
                shutil.copyfileobj(source, out, 1 << 20)
                if source.tell() and not _ends_a_line(source):
                    out.write(b"\n")


def _ends_a_line(source: BinaryIO) -> bool:
    source.seek(-1, 2)
    return source.read(1) == b"\n"


def _unlike(parts: Sequence[Path]) -> UsageProblem:
    return UsageProblem(
        f"The parts of a split ({escape(parts[0].name)}, …) differ in columns or cannot be read.",
        "Join them yourself and give the file with --data FILE.",
    )
