"""One tool call: a command with `--json` in a process of its own, its events told as they come.

A process, since the protocol owns our standard output, and because a call that is cancelled is then stopped
as by Ctrl-C: the job ends, nothing is lost, and the run can go on.
"""

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Final

import anyio
from anyio.abc import ByteReceiveStream, Process

from ml_intern.mcp.told import told

Tell = Callable[[str], Awaitable[None]]
WAITS: Final = 3
"""The exit code of a run that waits for a person."""
LONGEST_LINE: Final = 16 << 20
"""Bytes of one line that are read."""
SECONDS_TO_STOP: Final = 20.0


class Refused(Exception):
    """The command said no; the text says why and what to do."""


async def call(home: Path | None, arguments: Sequence[str], tell: Tell) -> dict[str, Any]:
    """What the command found, with nothing in it that is a row of the data; and what waits for a person.

    Raises:
        Refused: it did not end well.
    """
    environment = os.environ | ({"ML_INTERN_HOME": str(home)} if home else {})
    environment.pop("ML_INTERN_BRAIN", None)  # an agent's budget is no leave to spend it on the user's brain
    process = await anyio.open_process(
        [sys.executable, "-m", "ml_intern", *arguments, "--json"],
        stdin=DEVNULL,
        stderr=DEVNULL,
        env=environment,
    )
    printed: list[bytes] = []
    waits: dict[str, Any] = {}
    try:
        assert process.stdout is not None
        async for line in _lines(process.stdout):
            printed.append(line)
            last = _event(line)
            if (words := _words(last)) is not None:
                await tell(words)
            if isinstance(last, dict) and last.get("event") == "approval_required":
                waits = {"waits_for_a_person": {"subject": last["subject"], "plan": last["plan"]}}
        code = await process.wait()
    finally:
        await _stop(process)
    found = _result(printed)
    if code not in (0, WAITS):
        raise Refused(_why(found, code))
    answer: dict[str, Any] = told(found | (waits if code == WAITS else {}))
    return answer


async def _lines(stream: ByteReceiveStream) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in stream:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line
        if len(rest) > LONGEST_LINE:
            raise Refused("The command printed more than can be passed on.")
    if rest:
        yield rest


async def _stop(process: Process) -> None:
    """Let it end as after Ctrl-C, at last by force; nothing where it has ended."""
    if process.returncode is not None:
        return
    with anyio.CancelScope(shield=True):
        process.send_signal(signal.SIGINT)
        with anyio.move_on_after(SECONDS_TO_STOP):
            await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()


def _event(line: bytes) -> Any:
    """The event of a line; None where it is a part of something longer."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _result(printed: Sequence[bytes]) -> dict[str, Any]:
    """What the last line says, or all of them together, as an artifact is printed."""
    last = _event(printed[-1]) if printed else None
    found = last if isinstance(last, dict | list) else _event(b"\n".join(printed))
    return found if isinstance(found, dict) else {"found": found}


def _words(event: Any) -> str | None:
    """What an event says in a line; None for those that say too little or too much."""
    if not isinstance(event, dict):
        return None
    if event.get("event") == "stage_finished":
        return f"{event['stage']} done"
    return str(told(event["text"])) if event.get("event") == "message" else None


def _why(found: dict[str, Any], code: int) -> str:
    said = str(found.get("error") or found.get("message") or f"It ended with exit code {code}.")
    return str(told(f"{said} {found.get('hint') or ''}".strip()))
