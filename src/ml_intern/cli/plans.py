"""What waits for a yes, as tables: the plan of a training, and what is to be published."""

from typing import Any, Final

from rich.table import Table
from rich.text import Text

from ml_intern.records.display import escape, example
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.training import TrainingPlan
from ml_intern.records.words import dollars, storage

LONGEST: Final = 1_000
"""Characters of one row; names and values of settings, notes and reasons can be a brain's own words."""


def plan_table(plan: dict[str, Any], why: list[str]) -> Table:
    """A training plan as it is put before a person; `why` are notes on why it was not approved unasked."""
    table = Table(title="The plan", show_header=False, title_justify="left", box=None)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    plan_record = TrainingPlan.model_validate(plan)
    expected, minutes = plan_record.expected, plan_record.minutes
    rows = [
        ("what", plan_record.summary),
        ("expected", f"{expected.value:.3f} [{expected.low:.3f}, {expected.high:.3f}], {expected.basis}"),
        ("minutes", f"{minutes.value:.1f} [{minutes.low:.1f}, {minutes.high:.1f}], {minutes.basis}"),
        ("memory", f"{storage(plan_record.memory_bytes)} at its peak in the smoke test"),
        (
            "cost",
            f"{dollars(plan_record.cost_micro_usd)}, at worst {dollars(plan_record.worst_case_micro_usd)}",
        ),
        ("where", f"{plan_record.backend}, {plan_record.flavour}"),
        ("checkpoints", plan_record.checkpoints),
    ]
    rows += [(choice.name, f"{choice.value}  ({choice.reason})") for choice in plan_record.hyperparameters]
    rows += [("refused", each.reason) for each in plan_record.refusals]
    rows += [("note", note) for note in (*plan_record.notes, *why)]
    # Last, so that on a small screen they stand beside the question.
    rows += [("changed for", answer) for answer in plan_record.answers]
    rows += [("changed", change) for change in plan_record.changes]
    for name, value in rows:
        table.add_row(Text(example(name)), Text(example(value, LONGEST)))
    return table


def publication_table(plan: dict[str, Any], why: list[str]) -> Table:
    """What is to be published where, for whose eyes."""
    told = PublicationPlan.model_validate(plan)
    table = Table(title="To be published", show_header=False, title_justify="left", box=None)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    where = "the embedded Hub on this machine" if told.endpoint == "embedded" else told.endpoint
    seen = "you alone (private)" if told.private else "everybody (public)"
    rows = [("as", told.repo), ("on", where), ("seen by", seen), ("licence", told.licence)]
    rows.append(
        ("commit", "one, all files or none" + (f", on top of {told.parent[:12]}" if told.parent else ""))
    )
    rows.append(("files", f"{len(told.files)}, {storage(told.bytes)}"))
    largest = sorted(told.files, key=lambda file: -file.bytes)[:8]
    rows += [("", f"{_size(file.bytes):>9}  {escape(file.path)}") for file in largest]
    if len(told.files) > len(largest):
        rows.append(("", f"and {len(told.files) - len(largest)} smaller ones"))
    if told.space:
        rows.append(("and a demo", f"the Space {told.space.repo}, for the same eyes"))
        rows.append(("", f"{len(told.space.files)} files, {storage(told.space.bytes)}, the model among them"))
    rows += [("note", note) for note in (*told.notes, *why)]
    for name, value in rows:
        table.add_row(Text(example(name)), Text(example(value, LONGEST)))
    return table


def _size(count: int) -> str:
    return f"{count / 1024:.1f} KiB" if count < 2**20 / 10 else storage(count)
