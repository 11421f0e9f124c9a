"""The audit for people: a verdict, then what was found, the worst first, at 80 columns."""

from rich.console import Console
from rich.text import Text

from ml_intern.cli.terminal import SEVERITY_STYLE
from ml_intern.records.data import DataReport, Finding, Severity
from ml_intern.records.display import escape, example
from ml_intern.records.verdict import MARKS, place, tally, verdict

WIDTH = 80
INDENT = 11
"""Where the words of a finding begin, after its mark and severity."""
SHOWN_ROWS = 5
SHOWN_EXAMPLES = 2
ALWAYS_FULL = Severity.HIGH
MOST_FULL = 12
"""Findings of medium severity are shown in full among the first so many, those below never by themselves."""


class AuditView:
    """Prints a report to a console; `everything` shows small findings in full, too."""

    def __init__(self, console: Console, report: DataReport, everything: bool) -> None:
        self._console = console
        self._report = report
        self._everything = everything
        self._width = min(console.width, WIDTH)

    def show(self) -> None:
        """The verdict and all findings."""
        self._head()
        findings = self._report.findings
        full = sum(self._in_full(number, finding) for number, finding in enumerate(findings))
        for finding in findings[:full]:  # they are ranked, so those after are the least
            self._console.print()
            self._finding(finding)
        if findings[full:]:
            self._console.print()
        for finding in findings[full:]:
            self._one_line(finding)
        notes = ["Rows count from 0 in each file."] if full else []
        notes += ["--all shows the short ones in full."] if findings[full:] else []
        self._console.print()
        self._hung("", " ".join(notes), "dim")

    def _head(self) -> None:
        report = self._report
        classes = "1 class" if len(report.classes) == 1 else f"{len(report.classes):,} classes"
        size = f"{report.rows:,} rows, {classes}, {report.seconds:.1f} s"
        self._hung("", f"{tally(report)} in {size}".capitalize(), "bold")
        self._hung("", verdict(report))
        if len(report.splits) > 1:
            parts = ", ".join(f"{name} {rows:,}" for name, rows in report.splits.items())
            self._hung("splits ", parts, "dim")
        for role, choice in (("text   ", report.text), ("label  ", report.label)):
            self._hung(role, f"{escape(choice.name)}. {escape(choice.reason)}", "dim")

    def _in_full(self, number: int, finding: Finding) -> bool:
        return (
            self._everything
            or finding.severity.rank >= ALWAYS_FULL.rank
            or (finding.severity is Severity.MEDIUM and number < MOST_FULL)
        )

    def _finding(self, finding: Finding) -> None:
        self._print(_severity(finding) + Text(finding.id, style="bold"))
        margin = " " * INDENT
        self._hung(margin, escape(finding.message))
        for shown in finding.examples[:SHOWN_EXAMPLES]:
            self._hung(f"{margin}  ", f"“{example(shown)}”", "italic")
        if finding.rows:
            self._hung(margin, self._rows(finding), "dim")
        self._hung(f"{margin}→ ", escape(finding.action))

    def _rows(self, finding: Finding) -> str:
        shown = finding.rows[:SHOWN_ROWS]
        rows = f"row{'s' if finding.count > 1 else ''} {', '.join(map(str, shown))}"
        more = f" and {finding.count - len(shown):,} more" if finding.count > len(shown) else ""
        where = place(self._report, finding)
        return f"{rows}{more}{f' of {escape(where)}' if where else ''}"

    def _one_line(self, finding: Finding) -> None:
        line = _severity(finding) + Text(f"{finding.id}: {escape(finding.message)}")
        line.truncate(self._width, overflow="ellipsis")
        self._print(line)

    def _hung(self, lead: str, body: str, style: str = "") -> None:
        """Wrap `body` beside `lead`, below whose end its further lines begin."""
        for number, line in enumerate(Text(body).wrap(self._console, self._width - len(lead))):
            line.rstrip()
            self._print(Text.assemble(lead if number == 0 else " " * len(lead), (line.plain, style)))

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)  # it was wrapped already


def _severity(finding: Finding) -> Text:
    words = f"{MARKS[finding.severity]} {finding.severity}"
    return Text.assemble((f"{words:<{INDENT}}", SEVERITY_STYLE.get(finding.severity, "")))
