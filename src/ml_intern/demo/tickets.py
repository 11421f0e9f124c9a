"""Support tickets of our own making as files: what a helpdesk would export, with known flaws in them."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.demo.flaws import TRAIN, Flaws, Planted, Plot, plant
from ml_intern.demo.writer import TicketWriter

ROWS: Final = 3000
KEY: Final = "planted.json"
"""The file beside the tickets that says what was planted. Its name is not that of a split."""

_HELD_OUT: Final = {"validation": 0.15, "test": 0.15}
_CHANNELS: Final = ("email", "email", "web form", "chat")
_FIRST_DAY: Final = datetime(2025, 1, 6, 7)


@dataclass(frozen=True)
class Tickets:
    """One table for each split, with `ticket_id`, `created`, `channel`, `ticket` and `issue_type`."""

    splits: dict[str, pl.DataFrame]
    planted: Planted


def make_tickets(rows: int = ROWS, seed: int = 0, flaws: Flaws | None = None) -> Tickets:
    """Make `rows` tickets: 70 % train, 15 % validation, 15 % test. The same arguments give the same rows.

    Takes about 0.2 s for 3,000 rows.

    Raises:
        ValueError: there are too few rows for the flaws, or more than the phrase bank has tickets.
    """
    flaws = flaws or Flaws()
    chance = random.Random(seed)
    writer = TicketWriter(chance)
    sizes = {split: round(share * rows) for split, share in _HELD_OUT.items()}
    sizes = {TRAIN: rows - sum(sizes.values()), **sizes}
    plots = {split: Plot(split, size, writer.issues, flaws, chance) for split, size in sizes.items()}
    planted = Planted(
        seed=seed,
        flaws=flaws,
        classes={split: plot.classes for split, plot in plots.items()},
        plants=tuple(plant(plots, writer.partners, flaws)),
    )
    numbers = list(range(rows))
    chance.shuffle(numbers)
    splits: dict[str, pl.DataFrame] = {}
    for split, texts in _texts(plots, planted, writer).items():
        mine, numbers = numbers[: len(texts)], numbers[len(texts) :]
        labels = [plots[split].labels[row] for row in range(len(texts))]
        splits[split] = _table(mine, [chance.choice(_CHANNELS) for _ in texts], texts, labels)
    return Tickets(splits, planted)


def write_splits(folder: Path, rows: int = ROWS, seed: int = 0, flaws: Flaws | None = None) -> Planted:
    """Write train.csv, validation.csv and test.csv, and beside them `KEY` with what was planted.

    Raises:
        ValueError: see `make_tickets`.
    """
    tickets = make_tickets(rows, seed, flaws)
    folder.mkdir(parents=True, exist_ok=True)
    for split, table in tickets.splits.items():
        table.write_csv(folder / f"{split}.csv")
    (folder / KEY).write_text(tickets.planted.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return tickets.planted


def write_tickets(path: Path, rows: int = ROWS, seed: int = 0, flaws: Flaws | None = None) -> None:
    """Write all tickets into one CSV file with the columns `ticket` and `issue_type` alone.

    Raises:
        ValueError: see `make_tickets`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.concat(make_tickets(rows, seed, flaws).splits.values()).select("ticket", "issue_type").write_csv(path)


def _texts(plots: dict[str, Plot], planted: Planted, writer: TicketWriter) -> dict[str, list[str | None]]:
    """The texts of all rows; train comes first, for near-copies repeat its rows."""
    plants = {(plant.split, plant.row): plant for plant in planted.plants}
    texts: dict[str, list[str | None]] = {split: [] for split in plots}
    for split, plot in plots.items():
        for row in range(plot.rows):
            flaw = plants.get((split, row))
            if flaw is None:
                text: str | None = writer.write(plot.labels[row])
            elif flaw.source is None:
                text = None
            elif flaw.flaw == "near_copy":
                text = writer.alter(texts[TRAIN][flaw.source] or "")
            else:
                text = texts[split][flaw.source]
            texts[split].append(text)
    return texts


def _table(
    numbers: list[int], channels: list[str], texts: list[str | None], labels: list[str]
) -> pl.DataFrame:
    created = [_FIRST_DAY + timedelta(minutes=41 * number) for number in numbers]
    return pl.DataFrame(
        {
            "ticket_id": [f"QM-{100_000 + number}" for number in numbers],
            "created": [time.isoformat("T", "minutes") for time in created],
            "channel": channels,
            "ticket": pl.Series(texts, dtype=pl.String),
            "issue_type": labels,
        }
    )
