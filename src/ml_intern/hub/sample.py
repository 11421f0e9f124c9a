"""Some rows of a large dataset, read from the Hub by range without downloading the files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from ml_intern.hub.access import HubAccess
from ml_intern.hub.datasets import HubDataset
from ml_intern.hub.errors import in_words
from ml_intern.hub.layout import Config, DataFile
from ml_intern.records.errors import UsageProblem

WHOLE: Final = 24 << 20
"""Bytes up to which all rows are read."""
PIECE: Final = 4 << 20
ROWS: Final = 10_000
_GROUPS: Final = 4
_LARGEST_GROUP: Final = 64 << 20


@contextmanager
def some_rows(access: HubAccess, found: HubDataset, config: Config) -> Iterator[Path]:
    """A file with rows of the config's first split; gone afterwards.

    Of a Parquet file come rows from the start of up to four row groups spread over the file, of others the
    first four MiB.

    Raises:
        UsageProblem: the rows cannot be read by range.
        HubRefused: the file may not be read.
        HubDown: the Hub does not answer.
    """
    from huggingface_hub import HfFileSystem

    first = next(iter(config.splits.values()))[0]
    files = HfFileSystem(endpoint=access.endpoint, token=access.token or False, skip_instance_cache=True)
    with tempfile.TemporaryDirectory(prefix="ml-intern-sample-") as name:
        target = Path(name) / f"sample{Path(first.path).suffix.lower()}"
        with (
            in_words(f"give rows of {found.repo}"),
            files.open(f"datasets/{found.repo}@{found.commit}/{first.path}", "rb") as source,
        ):
            if target.suffix == ".parquet":
                _some_groups(source, target, first)
            else:
                _first_lines(source, target, first)
        yield target


def _some_groups(source: Any, target: Path, file: DataFile) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from huggingface_hub.errors import HfHubHTTPError

    try:
        table = pq.ParquetFile(source)
        count = table.metadata.num_row_groups
        picked = sorted({i * count // _GROUPS for i in range(_GROUPS)}) if count else []
        sizes = [table.metadata.row_group(i).total_byte_size for i in picked]
        picked = [i for i, size in zip(picked, sizes, strict=True) if size <= _LARGEST_GROUP]
        parts = []
        for group in picked:
            rows = ROWS // len(picked)
            batches = table.iter_batches(batch_size=rows, row_groups=[group])
            parts.append(next(batches))
        if not parts:
            raise UsageProblem(f"{file.path} cannot be sampled: its row groups are too large.", "")
        pq.write_table(pa.Table.from_batches(parts), target)
    except HfHubHTTPError:  # also an OSError
        raise
    except (pa.ArrowException, ValueError, StopIteration, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise UsageProblem(f"{file.path} is not the Parquet file that it claims to be.", "") from error


def _first_lines(source: IO[bytes], target: Path, file: DataFile) -> None:
    """Whole lines; a record that runs over several lines may be cut at the end, which costs one row."""
    piece = source.read(min(PIECE, file.bytes))
    end = piece.rfind(b"\n") + 1
    if not end:
        raise UsageProblem(f"{file.path} has a first line of more than {PIECE >> 20} MiB.", "")
    target.write_bytes(piece[:end])
