"""What the Jobs API answers, told apart: a refusal, or a question that has no answer yet."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from ml_intern.records.display import example
from ml_intern.records.errors import ComputeRefused, JobUnclear

T = TypeVar("T")
SHORT_WAIT: Final = 30
"""Seconds that we wait at most where the Hub asks us to come back later, before a job is started."""
PATIENCE: Final = 300.0
"""Seconds without an answer after which a job is left to itself, to be looked at again by `resume`."""


def status_of(error: BaseException) -> int:
    """The status that the Hub answered with; 0 where it did not answer."""
    response = getattr(error, "response", None)
    return int(getattr(response, "status_code", 0) or 0)


def retry_after(error: BaseException) -> int | None:
    """Seconds after which the Hub wants to be asked again, where it says so."""
    said = getattr(getattr(error, "response", None), "headers", {}).get("Retry-After", "")
    return int(said) if said.isdigit() else None


def is_clients(error: BaseException) -> bool:
    """Whether the official client raised it: an answer that is no success, or none."""
    import httpx2

    return isinstance(error, httpx2.HTTPError)  # its own errors are such, too


def may_have_started(error: BaseException) -> bool:
    """Whether a request may have been carried out all the same: there was no answer, or one of trouble."""
    return status_of(error) == 0 or status_of(error) >= 500


def refusal(error: BaseException, place: str) -> ComputeRefused:
    """The client's error as a refusal of `place`, in words for people."""
    status = status_of(error)
    said = example(str(getattr(error, "server_message", None) or error).splitlines()[0], 200)
    if status == 401:
        return ComputeRefused(
            f"{place} does not accept the token.", "Make a new one with the right to run jobs; set HF_TOKEN."
        )
    if status == 402:
        return ComputeRefused(
            f"{place} has to be paid, and the account has too little credit: {said}",
            "Buy credit there, or train here with: --compute local",
        )
    if status == 403:
        return ComputeRefused(f"{place} is not allowed with this token: {said}", "Use one that may run jobs.")
    if status == 429:
        wait = retry_after(error)
        return ComputeRefused(
            f"{place} takes no more requests for now.",
            f"Try again in {wait or 'some'} seconds with: ml-intern resume",
        )
    if status == 0:
        return ComputeRefused(
            f"{place} does not answer ({type(error).__name__}); no job was started.", "Is the network there?"
        )
    if status >= 500:
        return ComputeRefused(f"{place} is in trouble ({status}); no job was started.", "Try again later.")
    return ComputeRefused(f"{place} would not take the job ({status}): {said}", "Look at what it asks for.")


def unclear(place: str) -> JobUnclear:
    """A job may have been started at `place`, and this token may not see it."""
    return JobUnclear(
        f"Whether {place} has started the job is not known: this token may not look.",
        "Look on the Hub's page of jobs; use a token that may see them. Next: ml-intern resume",
    )


def patiently(ask: Callable[[], T], words: str, patience: float = PATIENCE) -> T:
    """The answer to a question that changes nothing, asked again while the Hub is away or in trouble.

    Raises:
        JobUnclear: it stays away; `words` say what is not known then.
    """
    began, pause = time.monotonic(), 0.5
    while True:
        try:
            return ask()
        except Exception as error:  # the client's have no root in common; others go on
            if not is_clients(error) or (not may_have_started(error) and status_of(error) != 429):
                raise
            waited = time.monotonic() - began
            if waited > patience:
                raise JobUnclear(
                    f"{words}: the Hub did not answer for {waited:.0f} s.",
                    "Nothing was started in its place; a job there ends at its time limit. "
                    "Next: ml-intern resume",
                ) from error
        time.sleep(pause)
        pause = min(pause * 2, 15.0)


def if_known(ask: Callable[[], T]) -> T | None:
    """What is asked for; None where the Hub does not know it."""
    from httpx2 import HTTPError

    try:
        return ask()
    except HTTPError as error:
        if status_of(error) != 404:
            raise
        return None
