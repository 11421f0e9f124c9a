"""Tool: read and audit all of the data, then split it."""

from typing import Any

from ml_intern.data.audit import audit
from ml_intern.data.columns import Ambiguous, choose
from ml_intern.data.load import Tables, load, resolve
from ml_intern.data.split import make_split
from ml_intern.records.data import ColumnChoice, DataReport, Finding, Severity
from ml_intern.records.display import listing
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("inspect")
def inspect_data(bench: Workbench, text_column: str | None = None, label_column: str | None = None) -> Done:
    """Read every row, find the text and label columns, audit the data and split it.

    Args:
        bench: Where the tool works.
        text_column: The column with the texts, only if you are sure; else it is found.
        label_column: The column with the labels, only if you are sure; else it is found.
    """
    spec = bench.run.need(TaskSpec)
    tables = load(resolve(spec.data.location))
    if tables.fingerprint != spec.data.sha256:
        raise InternError(
            f"The data in {spec.data.location} was changed after the task was accepted.",
            "Start a new run with the data as it is now.",
        )
    text, label = _columns(bench, tables, spec, text_column, label_column)
    report = audit(tables, text, label)
    split = make_split(tables, text, label, spec.seed, bench.run.folder)
    used = f"Text: {text.name}. {text.reason} Label: {label.name}. {label.reason}"
    news: list[tuple[EventName, dict[str, Any]]] = [(EventName.MESSAGE, {"text": used})]
    news += [(EventName.FINDING, _short(finding)) for finding in report.findings]
    return Done(_summary(report), [report, split], news)


def _columns(
    bench: Workbench, tables: Tables, spec: TaskSpec, text: str | None, label: str | None
) -> tuple[ColumnChoice, ColumnChoice]:
    """The columns that the user named, else the ones that are found; where several fit, the user says."""
    text, label = spec.text_column or text, spec.label_column or label
    while True:
        found = choose(tables, spec.target, spec.sentence, text, label)
        if isinstance(found.text, Ambiguous):
            text = _which(bench, found.text)
        elif isinstance(found.label, Ambiguous):
            label = _which(bench, found.label)
        else:
            return found.text, found.label


def _which(bench: Workbench, open_choice: Ambiguous) -> str:
    answer = bench.ask(f"Which column is the {open_choice.role}? {open_choice.why}", open_choice.candidates)
    if answer is None:
        names = listing(open_choice.candidates)
        raise UsageProblem(
            f"Several columns could be the {open_choice.role}: {names}. {open_choice.why}",
            f"Name one with: --{open_choice.role} {open_choice.candidates[0]}",
        )
    return answer


def _short(finding: Finding) -> dict[str, Any]:
    """A finding as an event: without the rows of data, which stay in the artifact."""
    return finding.model_dump(mode="json", exclude={"examples", "rows"})


def _summary(report: DataReport) -> str:
    serious = [f.message for f in report.findings if f.severity.rank >= Severity.MEDIUM.rank]
    return f"Read {report.rows} rows with {len(report.classes)} classes. " + " ".join(serious)
