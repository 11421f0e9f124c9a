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

from ml_intern.data.assign import assign
from ml_intern.data.files import write
from ml_intern.data.fitness import check_parts, check_training_rows
from ml_intern.data.load import WHOLE, Tables
from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable
from ml_intern.records.base import FileRef
from ml_intern.records.data import ColumnChoice, Split
from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem

ROW_ID: Final = "row_id"
CASE: Final = "test_case_id"
HELD_OUT: Final = 0.1
"""Share of rows for each held-out part that is made here."""


def make_split(tables: Tables, text: ColumnChoice, label: ColumnChoice, seed: int, folder: Path) -> Split:
    """Divide the rows and write the parts into the run's `folder`.

    Official splits are kept. A missing validation split is taken from train, and a missing test split,
    too; but where only train and validation files exist, validation becomes the test split: it is the
    held-out data that the dataset's owner chose. Rows without text or label are left out and counted.
    Equal data, columns and seed give equal bytes.

    Writes `data/train.parquet` and `data/validation.parquet` (`row_id`, text, label as strings under
    the columns' own names), `data/test-inputs.parquet` (without the label), `sealed/test.parquet`
    (without the text; for the owner's eyes only) and `split-manifest.jsonl`. A row id is the split the
    file was named for, else the file's stem, a colon and the row's number in the file. Test inputs go
    by another id, `test_case_id` in the sealed file, and stand in its order: in a file sorted by label, row
    numbers would give the labels away.

    Raises:
        UsageProblem: a chosen column is called `row_id`.
        DataUnfit: there are too few rows or classes, or the label column holds no labels.
    """
    if taken := {ROW_ID, CASE} & {text.name, label.name}:
        raise UsageProblem(
            f"A column called '{taken.pop()}' cannot be the text or the label.",
            "Rename it: the name is used for the row numbers of the splits.",
        )
    table = AuditTable.of(tables, text.name, label.name)
    check_training_rows(table)
    rows, strategy = _divide(table, seed)
    check_parts(rows, label.name)
    rows = rows.join(_sources(tables), on="part", how="left", maintain_order="left").with_columns(
        pl.format("{}:{}", "source", "row").alias(ROW_ID)
    )
    return _write(rows, table, strategy, seed, folder)


def _divide(table: AuditTable, seed: int) -> tuple[pl.DataFrame, str]:
    """The usable rows with their `split`, and how they came by it."""
    parts = set(table.parts)
    names = {WHOLE: TRAIN}
    missing: tuple[str, ...] = tuple(part for part in (TEST, VALIDATION) if part not in parts)
    told = "The official train, validation and test splits are kept."
    if parts == {TRAIN, TEST}:
        told = "The official train and test splits are kept; {share} of train became validation"
    elif parts == {TRAIN, VALIDATION}:
        names, missing = {VALIDATION: TEST}, (VALIDATION,)
        told = (
            "There is no test file: the official validation split serves as the sealed test split, and "
            "{share} of train became the new validation"
        )
    elif missing:
        told = "There is one file: {share} of its rows became validation and as many the sealed test split"
    rows = table.usable.with_columns(pl.col("part").replace(names).alias("split"))
    if not missing:
        return rows, told
    training = rows.filter(pl.col("split") == TRAIN)
    groups = assign(training.select("normal", "label").rows(), dict.fromkeys(missing, HELD_OUT), seed)
    moved = pl.col("normal").replace_strict(groups, default=TRAIN, return_dtype=pl.String)
    rows = rows.with_columns(pl.when(pl.col("split") == TRAIN).then(moved).otherwise("split").alias("split"))
    how = ", stratified by label, with texts that differ only in digits, case or punctuation kept together."
    return rows, told.format(share=f"{HELD_OUT:.0%}") + how + _undivided(rows, missing)


def _undivided(rows: pl.DataFrame, made: tuple[str, ...]) -> str:
    """A sentence on the classes that had too few different texts to be in every part, if there are any."""
    everywhere = rows.group_by("label").agg(
        *((pl.col("split") == part).any().alias(part) for part in (TRAIN, *made))
    )
    count = everywhere.filter(~pl.all_horizontal(TRAIN, *made)).height
    if not count:
        return ""
    classes = "1 class has" if count == 1 else f"{count:,} classes have"
    return f" {classes} too few different texts to be in every part."


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


def _write(rows: pl.DataFrame, table: AuditTable, strategy: str, seed: int, folder: Path) -> Split:
    parts = {name: rows.filter(pl.col("split") == name) for name in (TRAIN, VALIDATION, TEST)}
    text, label = pl.col("text").alias(table.text), pl.col("label").alias(table.label)

    def parquet(path: str, part: str, *columns: pl.Expr) -> FileRef:
        return write(folder, path, _bytes(parts[part].select(ROW_ID, *columns)))

    sealed = folder / "sealed"
    sealed.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed.chmod(0o700)
    manifest = write(folder, "split-manifest.jsonl", _manifest(parts))
    cases = parts[TEST].with_columns(pl.Series(CASE, _cases(parts[TEST]), dtype=pl.String))
    known = pl.concat([parts[TRAIN], parts[VALIDATION]])["normal"].unique()
    repeated = parts[TEST].filter(pl.col("normal").is_in(known.implode()))
    return Split(
        strategy=strategy,
        seed=seed,
        rows={name: part.height for name, part in parts.items()},
        excluded=_excluded(table),
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
        repeated_test_rows=tuple(repeated[ROW_ID]),
    )


def _bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _excluded(table: AuditTable) -> dict[str, int]:
    no_text = table.rows["text"].null_count()
    no_label = table.rows.filter(pl.col("text").is_not_null())["label"].null_count()
    counts = {"text is missing": no_text, "label is missing": no_label}
    return {reason: count for reason, count in counts.items() if count}


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
