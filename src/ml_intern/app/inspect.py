"""The data audit alone: no run; nothing written but the page that was asked for, and what the Hub gave."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_intern import __version__
from ml_intern.app.data import data_location
from ml_intern.app.pages import check_writable, write_page
from ml_intern.data.audit import Progress as Progress
from ml_intern.data.audit import audit
from ml_intern.data.checks import purposes
from ml_intern.data.columns import settle
from ml_intern.data.load import load, resolve
from ml_intern.data.table import AuditTable
from ml_intern.records.data import REFUSED, DataReport
from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem
from ml_intern.records.shell import command_line
from ml_intern.reporting.audit import Audit, render_audit
from ml_intern.tools.hub_data import is_on_hub

Ask = Callable[[str, tuple[str, ...]], str | None]

TASK = "Classify the texts"
"""The task of the next command; its columns are named by options, so it needs no words about the data."""
_HINT = "Name another file with --html FILE."


@dataclass(frozen=True)
class InspectRequest:
    """What a user asked for, as it was typed."""

    data: str
    text: str | None = None
    label: str | None = None
    page: Path | None = None

    def command(self) -> str:
        """The command that asks for the same, on one line and quoted for a shell."""
        page = str(self.page) if self.page else None
        options = {"--text": self.text, "--label": self.label, "--html": page}
        return command_line(["ml-intern", "inspect", self.data], options)

    def next_step(self, report: DataReport) -> str:
        """What to do next, on one line: mend the data, or train on it."""
        if any(each.action.startswith(REFUSED) for each in report.findings):
            again = command_line(["ml-intern", "inspect", self.data], {})
            return f"mend the file as said above, then: {again}"
        return self.next_command(report)

    def next_command(self, report: DataReport) -> str:
        """The command that trains on this data; the label is named even where it was found."""
        named = {"--data": self.data, "--text": self.text, "--label": report.label.name}
        return command_line(["ml-intern", "run", TASK], named)


def inspect_dataset(
    data: str, text: str | None, label: str | None, ask: Ask, progress: Progress
) -> DataReport:
    """Read all of `data` and run every check; findings carry all their row numbers.

    What a run would refuse, such as rows that cannot be read, is a finding here.

    Raises:
        UsageProblem: nothing readable is there, or nobody said which of several columns is meant.
        DataUnfit: nothing can be read, or no column can play a role.
    """
    tables = load(data_location(data, ask), strict=False)
    texts, labels = settle(tables, "", "", text, label, ask)
    table = AuditTable.of(tables, texts.name, labels.name, max_rows=None)
    return audit(table, texts, labels, progress)


def check_page(request: InspectRequest) -> None:
    """Say before the data is read that the page could not be written.

    Raises:
        InternError: the file cannot be written.
        UsageProblem: it is the data itself.
    """
    if request.page is None:
        return
    path = request.page.expanduser().absolute()
    check_writable(path, _HINT)
    own = not is_on_hub(request.data) and path.exists() and not _is_page(path)
    if own and path.resolve().is_relative_to(resolve(request.data)):
        raise UsageProblem(f"The page would overwrite the data: {escape(str(request.page))}.", _HINT)


def _is_page(path: Path) -> bool:
    """A page of an earlier audit may lie beside the data that it speaks of, and be replaced."""
    return path.suffix.lower() in (".html", ".htm")


def write_audit(report: DataReport, request: InspectRequest) -> Path | None:
    """Write the page that was asked for, if any, and say where it is.

    Raises:
        InternError: the file cannot be written.
    """
    if request.page is None:
        return None
    path = request.page.expanduser().absolute()
    write_page(path, render_audit(gather(report, request)), _HINT)
    return path


def gather(report: DataReport, request: InspectRequest) -> Audit:
    """All that the page says of a dataset."""
    return Audit(
        report=report,
        data=request.data,
        command=request.command(),
        next_command=request.next_command(report),
        purposes=purposes(),
        product=f"ML Intern {__version__}",
    )


def as_json(report: DataReport, page: Path | None = None) -> dict[str, Any]:
    """The report as `inspect --json` prints it."""
    told = report.model_dump(mode="json")
    choices = {role: told[role]["name"] for role in ("text", "label")}
    chosen = {f"{role}_choice": told[role] for role in choices}
    return told | choices | chosen | {"page": str(page) if page else None}
