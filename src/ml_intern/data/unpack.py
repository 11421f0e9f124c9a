"""The process that unpacks one Parquet file: `python -m ml_intern.data.unpack FILE TARGET BYTES MEMORY`.

Writes the rows as Arrow IPC to TARGET, at most BYTES, taking at most MEMORY, and prints one JSON object:
`sha256` of the file, or `bomb` where the file asks for more. Where the reader itself is ended by its
limits, nothing is printed and the exit code tells. The limits hold on Linux; elsewhere only what the file
says about itself is checked.
"""

import hashlib
import io
import json
import sys
from pathlib import Path

from ml_intern.data.source import open_regular


class Bomb(Exception):
    """The file says that it holds more than may be unpacked."""


def _limit(resource_name: str, value: int) -> None:
    try:
        import resource
    except ImportError:  # there are no limits on Windows
        return
    limit = getattr(resource, resource_name)
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _check(file: io.FileIO, most: int) -> None:
    """Hold what the footer says against what may be."""
    import pyarrow.parquet as pq

    told = pq.ParquetFile(file).metadata
    unpacked = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    # A row takes 16 bytes in each column of text, even where it is written as "the same a million times".
    if max(unpacked, 16 * told.num_rows * told.num_columns) > most:
        raise Bomb


def unpack(source: Path, target: Path, most: int) -> str:
    """Write the rows of `source` to `target`; returns the SHA-256 of `source`."""
    import polars as pl

    with open_regular(source) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        _check(file, most)
    # In the oldest form each row has its own copy of its text: what is small only because a million rows
    # share one long text shows its true size, which the checks would meet later.
    pl.scan_parquet(source, glob=False).sink_ipc(target, compat_level=pl.CompatLevel.oldest())
    return sha256


def main(arguments: list[str]) -> int:
    """Unpack within limits; returns the exit code."""
    source, target, most, memory = (
        Path(arguments[0]),
        Path(arguments[1]),
        int(arguments[2]),
        int(arguments[3]),
    )
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_FSIZE", most)
    _limit("RLIMIT_DATA", memory)
    try:
        sha256 = unpack(source, target, most)
    except (Bomb, MemoryError):
        print(json.dumps({"bomb": True}))
        return 1
    except Exception as error:  # broken in any way: what exactly would not help anybody
        print(json.dumps({"error": type(error).__name__}))
        return 1
    print(json.dumps({"sha256": sha256}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
