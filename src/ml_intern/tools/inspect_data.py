"""Tool: read and audit all of the data, then split it."""

from typing import Any

from ml_intern.data.audit import audit
from ml_intern.data.columns import objection, settle
from ml_intern.data.load import Tables, load, resolve
from ml_intern.data.split import make_split
from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnChoice, DataReport, Finding, Severity
from ml_intern.records.display import listing
from ml_intern.records.errors import DataUnfit, InternError, UsageProblem
from ml_intern.records.research import DatasetChoice, data_in_use
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


@tool("inspect")
def inspect_data(bench: Workbench, text_column: str | None = None, label_column: str | None = None) -> Done:
    """Read every row, find the text and label columns, audit the data and split it.

    Args:
        bench: Where the tool works.
        text_column: The column with the texts, only if you are sure; else it is found.
        label_column: The column with the labels, only if you are sure; else it is found.
    """
    spec = bench.run.need(TaskSpec)
    data = data_in_use(spec, bench.run.get(DatasetChoice))
    assert data is not None  # research ended with one
    tables = load(resolve(data.location))
    if tables.fingerprint != data.sha256:
        raise InternError(
            f"The data in {data.location} was changed after the task was accepted.",
            "Start a new run with the data as it is now.",
        )
    text, label = _columns(bench, tables, spec, text_column, label_column)
    table = AuditTable.of(tables, text.name, label.name)
    report = audit(table, text, label)
    split = make_split(table, spec.seed, bench.run.folder)
    used = f"Text: {text.name}. {text.reason} Label: {label.name}. {label.reason}"
    news: list[tuple[EventName, dict[str, Any]]] = [(EventName.MESSAGE, {"text": used})]
    news += [(EventName.FINDING, _short(finding)) for finding in report.findings]
    return Done(_summary(report), [report, split], news)


def _columns(
    bench: Workbench, tables: Tables, spec: TaskSpec, text: str | None, label: str | None
) -> tuple[ColumnChoice, ColumnChoice]:
    """The columns to read and to predict; what the user named goes before what the brain proposes.

    Raises:
        Unfit: what the brain proposes cannot be, or the values speak against it; it is the brain's to mend.
    """
    proposed = (None if spec.text_column else text, None if spec.label_column else label)
    if strange := [name for name in proposed if name is not None and name not in tables.columns]:
        raise Unfit(f"there is no column {strange[0]!r}; there are: {listing(tables.columns, 40)}")
    named = (spec.text_column or text, spec.label_column or label)
    if against := any(proposed) and objection(tables, *proposed):
        raise Unfit(f"{against}; leave the columns out and they are found")
    try:
        found = settle(tables, spec.target, spec.sentence, *named, bench.ask)
    except (UsageProblem, DataUnfit) as problem:
        if not any(proposed):
            raise
        raise Unfit(f"{problem.message} Leave the columns out and they are found.") from problem
    return _credited(found[0], proposed[0]), _credited(found[1], proposed[1])


def _credited(choice: ColumnChoice, proposed: str | None) -> ColumnChoice:
    """The choice, said to be the brain's where it is: the user did not name it."""
    if proposed != choice.name:
        return choice
    return choice.model_copy(update={"reason": "The model proposed it, and its values allow it."})


def _short(finding: Finding) -> dict[str, Any]:
    """A finding as an event: without the rows of data, which stay in the artifact."""
    return finding.model_dump(mode="json", exclude={"examples", "rows"})


def _summary(report: DataReport) -> str:
    serious = [f.message for f in report.findings if f.severity.rank >= Severity.MEDIUM.rank]
    return f"Read {report.rows} rows with {len(report.classes)} classes. " + " ".join(serious)
