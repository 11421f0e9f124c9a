"""Whether a tool of an MCP server may be called: as the configuration says, or as the user says now.

A yes for the rest of the run, like one in the configuration, is for the tool as its server described it then.
A server that describes it otherwise later is asked about anew.
"""

from typing import Any, Final

from ml_intern.records.display import example
from ml_intern.records.runs import Event, EventName
from ml_intern.tools.servers.config import FILE, Server
from ml_intern.tools.servers.wording import Offer, as_shown
from ml_intern.workflow.workbench import Workbench

YES, NO, ALWAYS = "yes", "no", "always"
OPTIONS: Final = (NO, YES, ALWAYS)
BY_FILE: Final = f"allowed in {FILE}"
BY_USER: Final = "the user, for this call"
FOR_RUN: Final = "the user, for this run"


class Refused(Exception):
    """The call is not made; the message says why to the brain."""


class Permissions:
    """What may be called without asking in a run; `past` are the run's events, which outlive a process."""

    def __init__(self, past: list[Event]) -> None:
        calls = (event.data for event in past if event.event is EventName.TOOL_CALLED)
        self._pins: dict[str, str] = {str(each["tool"]): str(each["pin"]) for each in calls if "pin" in each}

    def ask(
        self, bench: Workbench, server: Server, offer: Offer, sent: dict[str, Any]
    ) -> tuple[str, str | None]:
        """By whom the call is permitted, and the digest that is pinned from now on, if one is.

        Raises:
            Refused: it is not.
        """
        pinned = self._pins.get(offer.name)
        listed = offer.tool in server.allow
        if listed and pinned in (None, offer.digest):
            return BY_FILE, self._pin(offer)
        if pinned == offer.digest:
            return FOR_RUN, pinned
        answer = bench.ask(_question(server, offer, sent, changed=pinned is not None), OPTIONS)
        if answer == ALWAYS:
            return FOR_RUN, self._pin(offer)
        if answer == YES:
            return BY_USER, None
        if answer is not None:
            raise Refused(f"The user does not want {offer.name} to be called with these arguments.")
        raise Refused(
            f"{offer.name} was not called: each call needs the user's yes, and nobody can be asked here. "
            "Go on without it."
        )

    def _pin(self, offer: Offer) -> str:
        self._pins[offer.name] = offer.digest
        return offer.digest


def _question(server: Server, offer: Offer, sent: dict[str, Any], changed: bool) -> str:
    """All that is sent is shown: it is bounded, escaped and masked."""
    warning = "Its description has changed since you allowed it. " if changed else ""
    return (
        f"The brain wants to call the tool {offer.tool} of the MCP server {server.name} ({server.place}). "
        f"{warning}The server describes it so: “{example(offer.own_words, 300)}”\n"
        f"It would send: {as_shown(sent)}\n"
        f"Call it? {ALWAYS} means: this tool, in this run, without asking."
    )
