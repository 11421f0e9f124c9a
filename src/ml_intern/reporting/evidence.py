"""Findings as a page shows them: with some of the rows and texts that prove them."""

from dataclasses import dataclass

from ml_intern.records.data import DataReport, Finding
from ml_intern.records.verdict import place

SHOWN_ROWS = 12
SHOWN_EXAMPLES = 4


@dataclass(frozen=True)
class Evidence:
    """A finding with the first of its row numbers and examples, and the file in which the rows count."""

    finding: Finding
    rows: tuple[int, ...]
    examples: tuple[str, ...]
    place: str

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return self.finding.count - len(self.rows)


def evidence(report: DataReport, finding: Finding) -> Evidence:
    """A finding of this report, cut to what a reader needs."""
    shown = finding.examples[:SHOWN_EXAMPLES]
    return Evidence(finding, finding.rows[:SHOWN_ROWS], shown, place(report, finding))
