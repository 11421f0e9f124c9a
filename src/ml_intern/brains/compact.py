"""Keeping a long conversation within a model's window.

The truth is in the store: what is dropped can be looked up again with a tool. So the middle goes, and a
summary made from the stored results, not from the conversation, takes its place.
"""

from collections.abc import Sequence
from typing import Final

from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    UserPromptPart,
)

from ml_intern.ports.artifacts import ArtifactReader
from ml_intern.records.data import DataReport, Severity
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingPlan
from ml_intern.workflow.material import material

MOST: Final = 60_000
"""Characters of the conversation, some 15,000 tokens: half of the smallest window that is common today."""
KEPT: Final = 12
"""The last so many messages stay as they are."""


def compacted(
    messages: Sequence[ModelMessage], view: ArtifactReader, rows_may_leave: bool, most: int = MOST
) -> list[ModelMessage]:
    """The task, what is stored, and the last messages, where the whole is longer than `most` characters.

    What is stored holds names that strangers gave, such as those of classes, so it is passed on as material.
    """
    whole = list(messages)
    if len(whole) <= KEPT + 1 or len(ModelMessagesTypeAdapter.dump_json(whole)) <= most:
        return whole
    first = whole[0]
    # A tool's return must follow its call, so the rest begins with a response.
    start = next(i for i in range(len(whole) - KEPT, len(whole)) if isinstance(whole[i], ModelResponse))
    stored = material(remembered(view), rows_may_leave)
    summary = UserPromptPart(f"The conversation was shortened. What is stored:\n{stored}")
    parts = [*first.parts, summary] if isinstance(first, ModelRequest) else [summary]
    last = whole[-1].instructions if isinstance(whole[-1], ModelRequest) else None
    return [ModelRequest(parts=parts, instructions=last), *whole[start:]]


def remembered(view: ArtifactReader) -> str:
    """The locked task, the open findings and the plan, each in a line or two."""
    spec, report, plan = view.get(TaskSpec), view.get(DataReport), view.get(TrainingPlan)
    lines = []
    if spec:
        wanted = ", ".join(spec.metrics)
        lines.append(
            f"Locked task: {spec.goal} Predict: {spec.target}. Method: {spec.method}. Report: {wanted}."
        )
    if report:
        serious = [f.message for f in report.findings if f.severity.rank >= Severity.MEDIUM.rank]
        lines += [f"Finding: {message}" for message in serious[:10]]
    if plan:
        lines.append(f"Plan: {plan.summary}")
    return "\n".join(lines) or "Nothing yet."
