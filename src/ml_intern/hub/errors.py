"""What the Hub's client raises, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from ml_intern.records.display import example
from ml_intern.records.errors import ExitCode, InternError, UsageProblem


class HubRefused(InternError):
    """The Hub answered and would not."""


class HubDown(InternError):
    """The Hub did not answer, or not now."""


class HubTooBusy(HubDown):
    """The Hub takes no more requests for now."""

    exit_code = ExitCode.FAILED


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Raise the client's errors as ours; `what` completes the sentence "The Hub would not …".

    Raises:
        UsageProblem: there is no such repository, file or revision.
        HubRefused: the token does not allow it, or something stands in the way.
        HubDown: it does not answer, or is in trouble; the same may go well later.
    """
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise HubRefused(
            f"The Hub would not {what}: access is granted by the owner.",
            "Ask for it on its page, then try again.",
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise UsageProblem(
            f"The Hub would not {what}: it is not there, or this token may not see it.",
            "Check the name and the revision; for what is private, set HF_TOKEN.",
        ) from error
    except errors.HfHubHTTPError as error:  # also an OSError: this must come first
        raise _by_status(what, error) from error
    except (errors.OfflineModeIsEnabled, httpx2.HTTPError) as error:
        raise HubDown(
            f"The Hub does not answer ({type(error).__name__}), so it could not {what}.", "Try again later."
        ) from error
    except errors.HFValidationError as error:
        raise UsageProblem(
            f"The Hub would not {what}: {example(str(error), 200)}", "Check the name."
        ) from error


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
