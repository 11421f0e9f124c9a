"""The table of what was found on the Hub, with everyone's reason."""

from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ml_intern.records.display import escape

MARKS = {"chosen": "✓", "lost": " ", "unfit": "✗"}
STYLES = {"chosen": "bold", "unfit": "dim"}


def candidate_table(candidates: list[dict[str, Any]]) -> Table:
    """One row for each candidate, best first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("")
    table.add_column("on the Hub", overflow="fold", ratio=2)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("licence", overflow="fold", ratio=1)
    table.add_column("why", ratio=5)
    for each in candidates:
        score = f"{each['score']:.2f}" if each["score"] else "–"
        cells = (MARKS[each["verdict"]], each["name"], score, each["licence"], each["reason"])
        table.add_row(*(Text(escape(cell)) for cell in cells), style=STYLES.get(each["verdict"]))
    return table
