"""A training on the terminal: a bar with the time left and a table of what was validated so far."""

from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ml_intern.cli.interrupts import undisturbed
from ml_intern.records.words import duration

SHOWN_ROWS = 8
COLUMNS = {
    "step": ("step", "d"),
    "epoch": ("epoch", "d"),
    "C": ("C", ".3g"),
    "loss": ("loss", ".3f"),
    "validation_loss": ("val. loss", ".3f"),
    "accuracy": ("accuracy", ".3f"),
    "macro_f1": ("macro F1", ".3f"),
    "rows_per_second": ("rows/s", ".0f"),
}


class TrainingView:
    """Shows metric events of one training; where the output is no terminal, a line for each validation."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: list[dict[str, Any]] = []
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(30),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._task = self._progress.add_task("step", total=None, left="")
        self._live: Live | None = None

    def show(self, row: dict[str, Any]) -> None:
        """Take the next metric event."""
        validated = "accuracy" in row
        if validated:
            self._rows.append(row)
        if not self._console.is_terminal:
            if validated:
                self._console.print(Text("  " + "  ".join(_cells(row))))
            return
        said = f"step {row['step']} of {row.get('steps', '?')}  loss {row.get('loss', float('nan')):.3f}"
        self._progress.update(
            self._task,
            completed=row["step"],
            total=row.get("steps"),
            description=said,
            left=f"{duration(row['seconds_left'])} left" if row.get("seconds_left") is not None else "",
        )
        if self._live is None:
            with undisturbed():
                self._live = Live(console=self._console, refresh_per_second=4)
                self._live.start()
        self._live.update(Group(*self._table(), self._progress))

    def close(self) -> None:
        """Leave the table on the screen and give the terminal back."""
        if self._live is not None:
            self._live.update(Group(*self._table()))
            self._live.stop()
            self._live = None

    def _table(self) -> list[Table]:
        if not self._rows:
            return []
        shown = self._rows[-SHOWN_ROWS:]
        table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 2))
        names = [name for name in COLUMNS if any(name in row for row in shown)]
        for name in names:
            table.add_column(COLUMNS[name][0], justify="right", no_wrap=True)
        for row in shown:
            table.add_row(*(format(row[name], COLUMNS[name][1]) if name in row else "" for name in names))
        return [table]


def _cells(row: dict[str, Any]) -> list[str]:
    """What fits into a line of 80 columns; an epoch stands for its step, macro F1 for accuracy."""
    left_out = {"rows_per_second"} | ({"step"} if "epoch" in row else set())
    left_out |= {"accuracy"} if "macro_f1" in row else set()
    names = [name for name in COLUMNS if name in row and name not in left_out]
    found = [f"{COLUMNS[name][0]} {row[name]:{COLUMNS[name][1]}}" for name in names]
    if row.get("seconds_left"):
        found.append(f"{duration(row['seconds_left'])} left")
    return found
