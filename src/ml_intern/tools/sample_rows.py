"""Tool: look at a few training rows, where the user agreed that the brain may."""

import polars as pl

from ml_intern.data.masking import specimen
from ml_intern.records.data import DataReport, Split
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

MOST = 10


@tool("baseline", "draft", "smoke", "plan", aside=True)
def sample_rows(bench: Workbench, count: int = 5, label: str | None = None) -> Done:
    """See some training rows, personal data masked. Test rows are never shown to anybody before the end.

    Args:
        bench: Where the tool works.
        count: How many, at most 10.
        label: Only rows of this class.
    """
    if not bench.rows_may_be_seen:
        raise Unfit("rows of the data stay on this machine: work with the aggregates that look_at shows")
    bench.run.need(Split)
    report = bench.run.need(DataReport)
    rows = pl.read_parquet(bench.run.folder / "data" / "train.parquet")
    if label is not None:
        rows = rows.filter(pl.col(report.label.name).cast(pl.String) == label)
    if rows.is_empty():
        raise Unfit(f"no training row has the class {label!r}; there are: {', '.join(report.classes)}")
    chosen = rows.sample(min(max(count, 1), MOST, rows.height), seed=0)
    texts, labels = (chosen[name].cast(pl.String) for name in (report.text.name, report.label.name))
    return Done("\n".join(f"{cls}: {specimen(text)}" for text, cls in zip(texts, labels, strict=True)))
