"""The two columns that matter, over all files, in the form that checks and split share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from ml_intern.data.evidence import gather
from ml_intern.data.kin import Kin
from ml_intern.data.load import WHOLE, Tables
from ml_intern.data.masking import specimen
from ml_intern.data.model import OutOfFold, out_of_fold
from ml_intern.data.normalise import abridged, normalise
from ml_intern.data.spill import new_store
from ml_intern.data.values import as_text, count_words, is_missing
from ml_intern.records.data import MAX_ROWS, ColumnProfile, Finding, Severity

TRAIN: Final = "train"
VALIDATION: Final = "validation"
TEST: Final = "test"
MAX_EXAMPLES: Final = 5
_PIECE_ROWS: Final = 50_000
_PIECE_BYTES: Final = 1 << 23
"""How much text is masked at a time: masking holds several copies of it."""


@dataclass(frozen=True)
class AuditTable:
    """All rows of a dataset in file order.

    `rows` has the columns `part` (split name or `WHOLE`), `row` (its number in its file, from 0), `text`
    and `label` (as text, null where missing), `normal` (the masked text, `abridged`) and `words`. Its
    order is that of `tables`, which hold all other columns. A finding proves itself by at most `max_rows` row
    numbers.
    """

    rows: pl.DataFrame
    tables: Tables
    text: str
    label: str
    max_rows: int | None = MAX_ROWS

    @classmethod
    def of(cls, tables: Tables, text: str, label: str, max_rows: int | None = MAX_ROWS) -> "AuditTable":
        """Take the columns `text` and `label` out of `tables`; both must exist."""
        store = new_store(sum(int(table.frame.estimated_size()) for table in tables.items))()
        for table in tables.items:
            numbers = table.row_numbers
            share = _PIECE_BYTES / max(1, int(table.frame.estimated_size()))
            size = max(1, min(_PIECE_ROWS, int(table.frame.height * share)))
            for start in range(0, table.frame.height, size):
                piece = table.frame.slice(start, size)
                store.add(_rows(table.part, numbers.slice(start, size), piece[text], piece[label]))
        return cls(store.frame(), tables, text, label, max_rows)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in file order."""
        return tuple(table.part for table in self.tables.items)

    @property
    def other_columns(self) -> tuple[str, ...]:
        """The columns besides text and label."""
        return tuple(name for name in self.tables.columns if name not in (self.text, self.label))

    def profile(self, name: str) -> ColumnProfile:
        """What is known of a column without reading it again: check it first, as there may be thousands."""
        return self._profiles[name]

    @cached_property
    def _profiles(self) -> dict[str, ColumnProfile]:
        return {evidence.profile.name: evidence.profile for evidence in gather(self.tables)}

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
        whole = not self.rows["text"].null_count() and not self.rows["label"].null_count()
        return self.rows if whole else self.rows.drop_nulls(("text", "label"))  # dropping copies the rest

    @cached_property
    def out_of_fold(self) -> OutOfFold | None:
        """What a quick model thinks of rows of all parts that it has not seen; see `model`."""
        return out_of_fold(self.usable)

    @staticmethod
    def repeated(rows: pl.DataFrame, column: str) -> pl.DataFrame:
        """The rows whose text in `column` another row may have, too; those left out surely stand alone.

        Comparing hashes of 8 bytes takes far less memory than comparing texts; where two texts have the same
        hash, both are kept, so what is found among the rows given back is exact.
        """
        return rows.filter(pl.col(column).hash().is_duplicated())

    def part(self, name: str) -> pl.DataFrame:
        """The rows of one part."""
        return self.rows if self.parts == (name,) else self.rows.filter(pl.col("part") == name)

    def size(self, name: str) -> int:
        """How many rows a part has."""
        return sum(table.frame.height for table in self.tables.items if table.part == name)

    def finding(
        self, id: str, severity: Severity, part: str, hits: pl.DataFrame, message: str, action: str
    ) -> Finding:
        """A finding proved by `hits`, rows of `part` in the order in which they should be shown.

        `hits` has at least the columns `row` and `text`; the first texts become the examples, so a check may
        put another text there that shows better what is meant. Where all rows of a part are meant, as in a
        finding about a column, a list of their numbers would say nothing: at most `MAX_ROWS` are named.
        """
        whole = hits.height == self.size(part)
        most = MAX_ROWS if whole else self.max_rows or hits.height
        texts = hits["text"].drop_nulls().head(MAX_EXAMPLES).to_list()
        return Finding(
            id=id,
            severity=severity,
            count=hits.height,
            share=hits.height / self.size(part),
            split=None if part == WHOLE else part,
            rows=tuple(hits["row"].head(most).to_list()),
            examples=tuple(specimen(text) for text in texts),
            message=message,
            action=action,
        )


def _rows(part: str, numbers: pl.Series, text: pl.Series, label: pl.Series) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "part": pl.repeat(part, numbers.len(), dtype=pl.String, eager=True),
            "row": numbers,
            "text": as_text(text),
            "label": as_text(label),
        }
    ).with_columns(
        pl.when(~is_missing(pl.col(name))).then(pl.col(name)).alias(name) for name in ("text", "label")
    )
    return rows.with_columns(
        abridged(normalise(rows["text"])).alias("normal"), count_words(pl.col("text")).alias("words")
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
