"""The rows that defects are planted in."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from benchmarks.audit.edits import Edit
from ml_intern.data.normalise import normalise_one


@dataclass
class Rows:
    """One split, by column; `more` holds columns besides text and label."""

    text: list[str | None]
    label: list[str | None]
    more: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class Plant:
    """One planted row; `source` is the row of the same split that it was made of, if there is one."""

    row: int
    source: int | None = None

    @property
    def rows(self) -> set[int]:
        """The rows of which one must be found."""
        return {self.row} if self.source is None else {self.row, self.source}


def free(rows: Rows, count: int, taken: Collection[int], chance: random.Random) -> list[int]:
    """`count` rows out of those not taken."""
    return chance.sample([row for row in range(len(rows)) if row not in taken], count)


def sources(rows: Rows, edit: Edit, count: int, chance: random.Random) -> list[tuple[int, str]]:
    """(row, its edited text) for up to `count` rows to which the edit applies.

    An edit that changes more than the form must change the masked text, one of the form alone must not.
    At most half of the rows are taken, so that there is room for the copies.
    """
    form_only = edit.__name__ in ("exact", "normalised")
    found: list[tuple[int, str]] = []
    for row in chance.sample(range(len(rows)), len(rows)):
        if len(found) >= min(count, len(rows) // 2):
            break
        text = rows.text[row] or ""
        changed = edit(text, chance)
        if changed and (normalise_one(changed) == normalise_one(text)) == form_only:
            found.append((row, changed))
    return found


def relabel(rows: Rows, places: list[int], chance: random.Random) -> None:
    """Another label for each of the rows, all others alike."""
    labels = sorted({label for label in rows.label if label})
    for row in places:
        rows.label[row] = chance.choice([label for label in labels if label != rows.label[row]])
