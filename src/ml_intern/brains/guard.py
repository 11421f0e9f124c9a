"""A model under watch: what goes to it, what it costs, and whether the run moves at all."""

import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from pydantic_ai import RunContext
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelAPIError, ModelHTTPError, UserError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.models import CompletedStreamedResponse, Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from ml_intern.brains.boundary import outgoing
from ml_intern.brains.compact import compacted
from ml_intern.brains.insist import Asking, Insistence, Way
from ml_intern.brains.meter import Meter
from ml_intern.records.errors import InternError
from ml_intern.workflow.run import Run

REPEATS: Final = 3
"""So many times the same call, with nothing new stored, and the brain is told; then it is stopped."""
IDLE: Final = 12
"""So many answers with nothing new stored: looking around is fine, but not for ever."""
MOST_REQUESTS: Final = 200
"""Requests in one go; a run takes some twenty."""
MOST_SECONDS: Final = 4 * 3600.0
"""Of waiting for the model, in one go."""
_NUDGE: Final = (
    "You have repeated yourself: nothing new was stored. Do something else with a tool of the current stage, "
    "or, where you can, end the run with stop_run and say what stands in the way."
)


class BrainStopped(InternError):
    """The brain was stopped before the run was done: it is lost, stalled, or over a limit."""


@dataclass
class Tally:
    """What was asked of a model in one go, by the brain and its helpers together."""

    requests: int = 0
    seconds: float = 0.0


class Guarded(WrapperModel):
    """`wrapped` with its limits. The stored conversation is not changed by what is sent.

    `insist`: where it only talks, its servers are told to hold it to a call; see `Insistence`.
    """

    def __init__(
        self, wrapped: Model, view: Run, meter: Meter, rows_may_leave: bool, insist: bool = False
    ) -> None:
        super().__init__(wrapped)
        self._view, self._meter, self._rows_may_leave = view, meter, rows_may_leave
        self._tally = Tally()
        self._watched = True
        self._insistence = Insistence(insist)
        self._idle: list[str] = []
        self._called: Counter[str] = Counter()
        self._stored: Any = None
        self._read: Any = None
        self._nudged = False

    def helper(self) -> "Guarded":
        """The same model for another conversation: costs and limits count together.

        Whether that one gets on is not watched, as it stores nothing; whoever opens it limits its requests.
        """
        other = Guarded(self.wrapped, self._view, self._meter, self._rows_may_leave)
        other._tally, other._watched = self._tally, False
        return other

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The model's next step.

        Raises:
            BrainStopped: it cannot be asked, does not get on, or is over a limit.
        """
        self._check_limits()
        self._see_progress()
        sent = self._sent(messages)
        began = time.monotonic()
        try:
            response = await self._answer(sent, model_settings, model_request_parameters)
        except (ModelAPIError, FallbackExceptionGroup) as error:
            raise self._lost(error) from error
        finally:
            self._tally.requests += 1
            self._tally.seconds += time.monotonic() - began
        self._meter.count(response)
        self._watch(response)
        return response

    async def _answer(
        self, sent: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters
    ) -> ModelResponse:
        asked = self._insistence.asking(sent, settings, parameters, self._called)
        try:
            response = await self.wrapped.request(asked.messages, asked.settings, asked.parameters)
        except (UserError, ModelHTTPError, FallbackExceptionGroup) as error:
            if not self._insistence.gives_way(asked, error):
                raise
            return await self._answer(sent, settings, parameters)
        return self._insistence.answered(asked, response, parameters.function_tools)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The same, word by word."""
        self._check_limits()
        self._tally.requests += 1
        began = time.monotonic()
        self._see_progress()
        sent = self._sent(messages)
        try:
            async with AsyncExitStack() as held:
                asked, stream = await self._open(
                    held, sent, model_settings, model_request_parameters, run_context
                )
                yield stream
        except (ModelAPIError, FallbackExceptionGroup) as error:
            raise self._lost(error) from error
        self._tally.seconds += time.monotonic() - began
        if asked.way is not Way.SCHEMA:
            self._insistence.answered(asked, stream.get(), model_request_parameters.function_tools)
        self._meter.count(stream.get())
        self._watch(stream.get())

    async def _open(
        self,
        held: AsyncExitStack,
        sent: list[ModelMessage],
        settings: ModelSettings | None,
        parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None,
    ) -> tuple[Asking, StreamedResponse]:
        """The stream of the answer; one under a schema comes at once, since it is no call before its end."""
        asked = self._insistence.asking(sent, settings, parameters, self._called)
        request = asked.messages, asked.settings, asked.parameters
        try:
            if asked.way is Way.SCHEMA:
                response = await self.wrapped.request(*request)
                response = self._insistence.answered(asked, response, parameters.function_tools)
                return asked, CompletedStreamedResponse(
                    response, model_request_parameters=parameters, replay_events=True
                )
            return asked, await held.enter_async_context(self.wrapped.request_stream(*request, run_context))
        except (UserError, ModelHTTPError, FallbackExceptionGroup) as error:
            if not self._insistence.gives_way(asked, error):
                raise
            return await self._open(held, sent, settings, parameters, run_context)

    def _sent(self, messages: list[ModelMessage]) -> list[ModelMessage]:
        rows_may_leave = self._rows_may_leave
        sent = outgoing(compacted(messages, self._view, rows_may_leave), rows_may_leave)
        if self._nudged and isinstance(last := sent[-1], ModelRequest):
            parts = [*last.parts, UserPromptPart(_NUDGE)]
            sent = [*sent[:-1], ModelRequest(parts=parts, instructions=last.instructions)]
        return sent

    def _check_limits(self) -> None:
        tally = self._tally
        if tally.requests >= MOST_REQUESTS or tally.seconds >= MOST_SECONDS:
            asked = f"{tally.requests} times in {tally.seconds / 60:.0f} minutes"
            raise self._stopped(f"The brain {self.model_name} was asked {asked} and is not done.")
        self._meter.check(self._view)

    def _watch(self, response: ModelResponse) -> None:
        """Count what leads nowhere; tell the brain, then stop it."""
        if not self._watched:
            return
        calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
        self._called.update(call.tool_name for call in calls)
        self._idle += [_call(call) for call in calls] or ["words"]
        same = self._idle.count(self._idle[-1])
        if same < REPEATS and len(self._idle) < IDLE:
            return
        if self._nudged and (same > REPEATS or len(self._idle) > IDLE):
            raise self._stopped(f"The brain {self.model_name} goes round in circles: it does not get on.")
        self._nudged = True

    def _see_progress(self) -> None:
        """Forget the calls before: something new was stored since, or read."""
        artifacts = sorted((kind, found.sha256) for kind, found in self._view.current().items())
        stored, read = (artifacts, len(self._view.answers)), self._view.sources()
        if stored != self._stored:
            self._called.clear()
        if (stored, read) != (self._stored, self._read):
            self._stored, self._read, self._idle, self._nudged = stored, read, [], False

    def _lost(self, error: ModelAPIError | FallbackExceptionGroup) -> BrainStopped:
        last = error.exceptions[-1] if isinstance(error, FallbackExceptionGroup) else error  # says why
        status = last.status_code if isinstance(last, ModelHTTPError) else None
        why = _WHY.get(status or 0, f"it answered {status}" if status else "it cannot be reached")
        return self._stopped(f"The brain {self.model_name} is lost: {why}.")

    def _stopped(self, message: str) -> BrainStopped:
        return BrainStopped(message, hint(self._view.record.id))


_WHY: Final[dict[int, str]] = {
    401: "it does not accept the key",
    402: "there is no credit left",
    403: "the key does not allow it",
    404: "there is no such model at that address",
    413: "the conversation is too long for it",
    429: "it takes no more requests for now",
}


def hint(run_id: str) -> str:
    """What to do about a brain that is gone; nothing that was done is repeated."""
    return (
        f"Go on with the same one: ml-intern resume {run_id}\n"
        f"Or with the built-in procedure: ml-intern resume {run_id} --brain playbook"
    )


def _call(part: ToolCallPart) -> str:
    return f"{part.tool_name} {part.args_as_json_str()}"
