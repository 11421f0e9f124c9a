"""The two columns that matter, over all files, in the form that checks and split share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from ml_intern.data.kin import Kin
from ml_intern.data.load import WHOLE, Tables
from ml_intern.data.normalise import normalise
from ml_intern.data.values import as_text, count_words, is_missing
from ml_intern.records.data import MAX_ROWS, Finding, Severity
from ml_intern.records.display import example

TRAIN: Final = "train"
VALIDATION: Final = "validation"
TEST: Final = "test"
MAX_EXAMPLES: Final = 5


@dataclass(frozen=True)
class AuditTable:
    """All rows of a dataset in file order.

    `rows` has the columns `part` (split name or `WHOLE`), `row` (counted from 0 in its file), `text`
    and `label` (as text, null where missing), `normal` (the masked text) and `words`. Its order is that of
    `tables`, which hold all other columns. A finding proves itself by at most `max_rows` row numbers.
    """

    rows: pl.DataFrame
    tables: Tables
    text: str
    label: str
    max_rows: int | None = MAX_ROWS

    @classmethod
    def of(cls, tables: Tables, text: str, label: str, max_rows: int | None = MAX_ROWS) -> "AuditTable":
        """Take the columns `text` and `label` out of `tables`; both must exist."""
        frames = [
            pl.DataFrame(
                {
                    "part": pl.repeat(table.part, table.frame.height, dtype=pl.String, eager=True),
                    "row": pl.int_range(table.frame.height, eager=True),
                    "text": as_text(table.frame[text]),
                    "label": as_text(table.frame[label]),
                }
            )
            for table in tables.items
        ]
        rows = pl.concat(frames).with_columns(
            pl.when(~is_missing(pl.col(name))).then(pl.col(name)).alias(name) for name in ("text", "label")
        )
        rows = rows.with_columns(
            normalise(rows["text"]).alias("normal"), count_words(pl.col("text")).alias("words")
        )
        return cls(rows, tables, text, label, max_rows)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in file order."""
        return tuple(table.part for table in self.tables.items)

    @property
    def other_columns(self) -> tuple[str, ...]:
        """The columns besides text and label."""
        return tuple(name for name in self.tables.columns if name not in (self.text, self.label))

    def column(self, name: str) -> pl.Series:
        """The values of any column as text, null where missing, in the order of `rows`."""
        values = pl.concat([as_text(table.frame[name]) for table in self.tables.items])
        present = pl.when(~is_missing(pl.col(name))).then(pl.col(name)).alias(name)
        return pl.DataFrame({name: values}).select(present).to_series()

    @property
    def training_part(self) -> str:
        """The part a model learns from."""
        return WHOLE if WHOLE in self.parts else TRAIN

    @cached_property
    def kin(self) -> Kin:
        """Near-copies and templates among the texts of all parts, compared when first asked for."""
        return Kin.of(self.rows)

    @cached_property
    def usable(self) -> pl.DataFrame:
        """The rows that have both a text and a label."""
        return self.rows.drop_nulls(("text", "label"))

    def part(self, name: str) -> pl.DataFrame:
        """The rows of one part."""
        return self.rows.filter(pl.col("part") == name)

    def size(self, name: str) -> int:
        """How many rows a part has."""
        return self.part(name).height

    def finding(
        self, id: str, severity: Severity, part: str, hits: pl.DataFrame, message: str, action: str
    ) -> Finding:
        """A finding proved by `hits`, rows of `part` in the order in which they should be shown.

        `hits` has at least the columns `row` and `text`; the first texts become the examples, so a check may
        put another text there that shows better what is meant.
        """
        texts = hits["text"].drop_nulls().head(MAX_EXAMPLES).to_list()
        return Finding(
            id=id,
            severity=severity,
            count=hits.height,
            share=hits.height / self.size(part),
            split=None if part == WHOLE else part,
            rows=tuple(hits["row"].head(self.max_rows or hits.height).to_list()),
            examples=tuple(example(text) for text in texts),
            message=message,
            action=action,
        )


def phrase(part: str) -> str:
    """How a message names a part's rows: "training rows", or "rows" where there is only one part."""
    return {WHOLE: "rows", TRAIN: "training rows"}.get(part, f"{part} rows")


def of_total(count: int, total: int) -> str:
    """A count with its total and share: "83 of 810 (10.2 %)", "2 of 10,003 (0.02 %)"."""
    percent = 100 * count / total
    return (
        f"{count:,} of {total:,} ({percent:.1f} %)"
        if percent >= 1
        else f"{count:,} of {total:,} ({percent:.1g} %)"
    )
