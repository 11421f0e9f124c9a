"""What the Hub's client raises, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from ml_intern.records.display import example
from ml_intern.records.errors import InternError, UsageProblem


class HubRefused(InternError):
    """The Hub answered and would not."""


class HubDown(InternError):
    """The Hub did not answer, or not now."""


class HubTooBusy(HubDown):
    """The Hub takes no more requests for now."""


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Raise the client's errors as ours; `what` completes the sentence "The Hub would not …".

    Raises:
        UsageProblem: there is no such repository, file or revision.
        HubRefused: the token does not allow it, or something stands in the way.
        HubDown: it does not answer, or is in trouble; the same may go well later.
    """
    try:
        yield
    except Exception as error:  # the client's have no root in common; others go on
        if (known := _known(what, error)) is None:
            raise
        raise known from error


def _known(what: str, error: BaseException) -> InternError | None:
    """The client's error as one of ours; None where it is none of the client's."""
    import httpx2
    from huggingface_hub import errors

    if isinstance(error, RuntimeError) and error.__cause__ is not None:  # "Error while uploading …"
        return _known(what, error.__cause__)
    if isinstance(error, errors.GatedRepoError):
        return HubRefused(
            f"The Hub would not {what}: access is granted by the owner.",
            "Ask for it on its page, then try again.",
        )
    if isinstance(error, errors.LocalEntryNotFoundError):  # neither had from the Hub nor in the cache
        cause = error.__cause__
        return (_known(what, cause) if cause is not None else None) or _down(what, error)
    if isinstance(
        error, errors.RepositoryNotFoundError | errors.RevisionNotFoundError | errors.EntryNotFoundError
    ):
        return UsageProblem(
            f"The Hub would not {what}: it is not there, or this token may not see it.",
            "Check the name and the revision; for what is private, set HF_TOKEN.",
        )
    if isinstance(error, errors.HfHubHTTPError):  # also an httpx2.HTTPError: this must come first
        return _by_status(what, error)
    if isinstance(error, errors.OfflineModeIsEnabled | httpx2.HTTPError):
        return _down(what, error)
    if isinstance(error, errors.HFValidationError):
        return UsageProblem(f"The Hub would not {what}: {example(str(error), 200)}", "Check the name.")
    if isinstance(error, ValueError) and str(error).startswith("Invalid metadata"):
        return UsageProblem(
            f"The Hub would not {what}: {example(' '.join(str(error).split()), 200)}",
            "Mend the card's front matter, between its two lines of ---.",
        )
    return None


def _down(what: str, error: BaseException) -> HubDown:
    return HubDown(
        f"The Hub does not answer ({type(error).__name__}), so it could not {what}.",
        "Is the network there, and HF_ENDPOINT right? The same may go well later; nothing is lost.",
    )


def _by_status(what: str, error: object) -> InternError:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", 0)
    said = example(str(getattr(error, "server_message", None) or error).splitlines()[0], 200)
    if status == 401:
        return HubRefused(
            f"The Hub would not {what}: it does not accept the token.",
            "Make a new one and set HF_TOKEN; nothing is lost.",
        )
    if status == 403:
        return HubRefused(
            f"The Hub would not {what}: {said}", "Use a token with the role write, for a name that is yours."
        )
    if status == 409:
        return HubRefused(
            f"The Hub would not {what}: {said}", "Choose another name, or look at what is there."
        )
    if status == 412:
        return HubRefused(
            f"The Hub would not {what}: somebody else changed it meanwhile.",
            "Look at what is there, then try again.",
        )
    if status == 429:
        wait = getattr(response, "headers", {}).get("Retry-After")
        hint = f"Try again in {wait} s." if wait else "Try again in some minutes."
        return HubTooBusy(f"The Hub takes no more requests for now, so it could not {what}.", hint)
    if status == 507:
        return HubDown(f"The Hub could not {what}: its disk is full.", "Make room there, then try again.")
    if status >= 500:
        return HubDown(
            f"The Hub could not {what}: it is in trouble ({status}).", "Try again; nothing is lost."
        )
    return HubRefused(f"The Hub would not {what} ({status}): {said}", "Check the name and the token.")
