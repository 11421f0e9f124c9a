"""The conversation with the brain, stored at every step, and where to take it up again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pydantic_ai import DeferredToolResults, ToolDenied
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
)
from sqlalchemy import Engine

from ml_intern.records.approval import Verdict
from ml_intern.records.runs import Approval
from ml_intern.store import journal as rows
from ml_intern.workflow.run import Run

APPROVAL_TOOL = "request_approval"
_MARK: Final = "may_hold_rows"


def may_hold_rows(response: ModelResponse) -> bool:
    """Whether the brain that made it could see rows of the data: then it and its results can hold some.

    One that is not stored yet is of the brain that is asked now, and holds nothing that this one may not see.
    """
    return bool((response.metadata or {}).get(_MARK))


def _marked(message: ModelMessage, rows: bool) -> ModelMessage:
    """A response with its mark; one that has a mark keeps it."""
    if isinstance(message, ModelResponse):
        return replace(message, metadata={_MARK: rows, **(message.metadata or {})})
    return message


class Journal:
    """The stored conversation of one run. Artifacts, not messages, are the truth: it may be cut."""

    def __init__(self, engine: Engine, run: Run) -> None:
        self._engine = engine
        self._run = run
        self._stored: int | None = None
        """How many messages are stored; the lock of the run keeps all others from adding any."""

    def result(self, call_id: str) -> str | None:
        """What this tool call returned, if it took effect before."""
        with self._engine.begin() as connection:
            return rows.recorded_result(connection, self._run.record.id, call_id)

    def save(self, messages: list[ModelMessage], may_hold_rows: bool) -> None:
        """Store the messages that are new since the last call, and whether rows may be in them."""
        if len(messages) == self._stored:
            return
        run_id = self._run.record.id
        with self._engine.begin() as connection:
            known = rows.count_messages(connection, run_id) if self._stored is None else self._stored
            marked = [_marked(message, may_hold_rows) for message in messages[known:]]
            new = [ModelMessagesTypeAdapter.dump_json([each])[1:-1].decode() for each in marked]
            rows.append_messages(connection, run_id, new, start=known)
        self._stored = known + len(new)

    def resume_point(self) -> tuple[list[ModelMessage], DeferredToolResults | None]:
        """The history to go on from, and the results of its last open calls where there are any.

        Calls that took effect get their recorded result and are not run again; requests for approval
        get the stored answer. A response with any other open call is dropped: the brain is asked
        again, and sees in the artifacts how far things are.
        """
        run_id = self._run.record.id
        with self._engine.begin() as connection:
            stored = rows.messages_of(connection, run_id)
        loaded = ModelMessagesTypeAdapter.validate_json(f"[{','.join(stored)}]")
        messages = [_marked(message, True) for message in loaded]  # of one without a mark nobody knows
        last = _last_response(messages)
        if last is None or (messages[last + 1 :] and not _open_calls(messages[last:])):
            return messages, None
        results = self._results(_open_calls(messages[last:]))
        if results is None:
            del messages[last:]
            with self._engine.begin() as connection:
                rows.drop_messages(connection, run_id, keep=len(messages))
            self._stored = len(messages)
        return messages, results

    def _results(self, calls: Sequence[ToolCallPart]) -> DeferredToolResults | None:
        results = DeferredToolResults()
        for call in calls:
            recorded = self.result(call.tool_call_id)
            if recorded is not None:
                results.calls[call.tool_call_id] = recorded
            elif call.tool_name == APPROVAL_TOOL and (answer := self._answer(call)):
                approved = answer.verdict is Verdict.APPROVED
                denied = ToolDenied(answer.reason or "no reason given")
                results.approvals[call.tool_call_id] = approved or denied
            else:
                return None
        return results if calls else None

    def _answer(self, call: ToolCallPart) -> Approval | None:
        """The newest answer for what this call asks about; where it names nothing known, for the question."""
        wanted, asked = call.args_as_dict().get("plan_sha256"), self._run.question()
        known = {wanted} if any(a.subject_sha256 == wanted for a in self._run.answers) else set()
        known = known or ({asked.sha256} if asked else set())
        given = [answer for answer in self._run.answers if answer.subject_sha256 in known]
        return given[-1] if given else None


def _last_response(messages: Sequence[ModelMessage]) -> int | None:
    """Where the last response stands; None without one."""
    return next((i for i in reversed(range(len(messages))) if isinstance(messages[i], ModelResponse)), None)


def _open_calls(tail: Sequence[ModelMessage]) -> list[ToolCallPart]:
    """The calls of the response that `tail` begins with, but for those that what follows it answers."""
    response, *later = tail
    assert isinstance(response, ModelResponse)
    requests = [message for message in later if isinstance(message, ModelRequest)]
    answered = {getattr(part, "tool_call_id", None) for request in requests for part in request.parts}
    return [call for call in response.tool_calls if call.tool_call_id not in answered]
