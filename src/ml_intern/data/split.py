"""Making train, validation and the sealed test split.

The harness makes the splits, not the training code, so that near-copies never straddle them and test
labels never reach a place where a script could read them.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.data import leave_out
from ml_intern.data.divide import divide
from ml_intern.data.files import write
from ml_intern.data.fitness import check_parts, check_training_rows
from ml_intern.data.load import Tables
from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable
from ml_intern.records.base import FileRef
from ml_intern.records.data import Split
from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem

ROW_ID: Final = "row_id"
CASE: Final = "test_case_id"
MOST_COLUMNS: Final = 50
MOST_VALUES: Final = 20
"""A column with more values groups no rows."""


def make_split(table: AuditTable, seed: int, folder: Path) -> Split:
    """Divide the rows and write the parts into the run's `folder`.

    Official splits are kept. A missing validation split is taken from train, and a missing test split,
    too; but where only train and validation files exist, validation becomes the test split: it is the
    held-out data that the dataset's owner chose. Rows without text or label, and training rows that
    contradict each other, are left out, counted and named (see `leave_out`). Near-copies and the texts of one
    template go to one part (see `groups`). Equal data, columns and seed give equal bytes.

    Writes `data/train.parquet` and `data/validation.parquet` (`row_id`, text, label as strings under
    the columns' own names), `data/test-inputs.parquet` (without the label), `sealed/test.parquet`
    (without the text; for the owner's eyes only), `sealed/columns.parquet` (what else groups test rows),
    `split-manifest.jsonl` and, where rows were left out, `left-out.jsonl`. A row id is the split the
    file was named for, else the file's stem, a colon and the
    row's number in the file. Test inputs go by another id, `test_case_id` in the sealed file, and stand in
    its order: in a file sorted by label, row numbers would give the labels away.

    Raises:
        UsageProblem: a chosen column is called `row_id`.
        DataUnfit: there are too few rows or classes, or the label column holds no labels.
    """
    if taken := {ROW_ID, CASE} & {table.text, table.label}:
        raise UsageProblem(
            f"A column called '{taken.pop()}' cannot be the text or the label.",
            "Rename it: the name is used for the row numbers of the splits.",
        )
    check_training_rows(table)
    rows, strategy = divide(table, seed)
    rows = _with_ids(rows, table.tables)
    check_parts(rows, table.label)
    contradicted = leave_out.contradicted(rows)
    incomplete = _with_ids(leave_out.incomplete(table), table.tables)
    left_out = pl.concat([incomplete, contradicted.select(incomplete.columns)])
    return _write(rows, left_out, table, strategy, seed, folder)


def _with_ids(rows: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """The rows with their `file` and `row_id`."""
    named = rows.join(_sources(tables), on="part", how="left", maintain_order="left")
    return named.with_columns(pl.format("{}:{}", "source", "row").alias(ROW_ID))


def _sources(tables: Tables) -> pl.DataFrame:
    """What a row's id begins with and which file it stands in, for each part."""
    return pl.DataFrame(
        {
            "part": [table.part for table in tables.items],
            "source": [
                table.part if table.split else escape(Path(table.file.name).stem) for table in tables.items
            ],
            "file": [table.file.name for table in tables.items],
        }
    )


def _write(
    rows: pl.DataFrame, left_out: pl.DataFrame, table: AuditTable, strategy: str, seed: int, folder: Path
) -> Split:
    repeated, near = _seen(rows, table)
    used = rows.filter(~pl.col(ROW_ID).is_in(left_out[ROW_ID].implode()))
    parts = {name: used.filter(pl.col("split") == name) for name in (TRAIN, VALIDATION, TEST)}
    text, label = pl.col("text").alias(table.text), pl.col("label").alias(table.label)

    def parquet(path: str, part: str, *columns: pl.Expr) -> FileRef:
        return write(folder, path, _bytes(parts[part].select(ROW_ID, *columns)))

    sealed = folder / "sealed"
    sealed.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed.chmod(0o700)
    manifest = write(folder, "split-manifest.jsonl", _manifest(parts))
    cases = parts[TEST].with_columns(pl.Series(CASE, _cases(parts[TEST]), dtype=pl.String))
    excluded = leave_out.counts(left_out)
    return Split(
        strategy=strategy,
        seed=seed,
        rows={name: part.height for name, part in parts.items()},
        excluded=excluded,
        policy=leave_out.told(excluded),
        left_out=write(folder, leave_out.FILE, leave_out.listing(left_out)) if excluded else None,
        labels=tuple(sorted(parts[TRAIN]["label"].unique())),
        manifest=manifest,
        fingerprint=manifest.sha256,
        train=parquet("data/train.parquet", TRAIN, text, label),
        validation=parquet("data/validation.parquet", VALIDATION, text, label),
        test_inputs=write(
            folder,
            "data/test-inputs.parquet",
            _bytes(cases.sort(CASE).select(pl.col(CASE).alias(ROW_ID), text)),
        ),
        sealed_test=write(
            folder, "sealed/test.parquet", _bytes(cases.select(ROW_ID, CASE, label)), mode=0o600
        ),
        test_columns=_columns(parts[TEST], table, folder),
        repeated_test_rows=repeated,
        nearly_repeated_test_rows=near,
    )


def _columns(test: pl.DataFrame, table: AuditTable, folder: Path) -> FileRef | None:
    """The columns besides text and label by which test rows can be told into a few groups, sealed."""
    names = [name for name in table.other_columns[:MOST_COLUMNS] if name != ROW_ID]
    known = [name for name in names if 2 <= table.profile(name).distinct <= MOST_VALUES]
    if not known:
        return None
    # Under new names, because a column may be called as one of ours.
    values = table.rows.select("part", "row").with_columns(
        table.column(name).alias(f"column {i}") for i, name in enumerate(known)
    )
    found = test.select("part", "row", ROW_ID).join(values, on=["part", "row"], maintain_order="left")
    found = found.drop("part", "row")
    found.columns = [ROW_ID, *known]
    return write(folder, "sealed/columns.parquet", _bytes(found), mode=0o600)


def _seen(rows: pl.DataFrame, table: AuditTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the test rows that repeat a row of train or validation, and of those that nearly do."""
    test, known = rows.filter(pl.col("split") == TEST), rows.filter(pl.col("split") != TEST)["normal"]
    repeated = test.filter(pl.col("normal").is_in(known.unique().implode()))
    near = test.filter(pl.col("normal").is_in(table.kin.beside(known).implode()))
    return tuple(repeated[ROW_ID]), tuple(near[ROW_ID])


def _bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _manifest(parts: dict[str, pl.DataFrame]) -> bytes:
    """One JSON line for each row, in the order train, validation, test.

    The hash of a test row covers all test labels as well as its own: a plain hash of text and label
    would give the label away to anyone who tries each class in turn.
    """
    secret = _secret(parts[TEST])
    lines = []
    for name, part in parts.items():
        key = [secret] if name == TEST else []
        for file, row, text, label in part.select("file", "row", "text", "label").rows():
            digest = _sha256(json.dumps([*key, text, label], ensure_ascii=False))
            line = {"split": name, "file": file, "row": row, "sha256": digest}
            lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def _secret(test: pl.DataFrame) -> str:
    """Known only to whoever knows all test labels."""
    return _sha256("\n".join(f"{id}\t{label}" for id, label in test.select(ROW_ID, "label").rows()))


def _cases(test: pl.DataFrame) -> list[str]:
    secret = _secret(test)
    return [_sha256(f"{secret}{row_id}")[:16] for row_id in test[ROW_ID]]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
