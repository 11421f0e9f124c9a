"""Values of options as users type them: names, money, time, shares."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ml_intern.records.errors import UsageProblem

if TYPE_CHECKING:
    from ml_intern.records.spec import UnknownTarget

MICRO = 1_000_000


def names(text: str | None) -> tuple[str, ...] | None:
    """What stands between commas; nothing at all is none, and None where nothing was said."""
    if text is None:
        return None
    return tuple(filter(None, (each.strip() for each in text.split(","))))


def micro_dollars(text: str, option: str = "--budget") -> int:
    """An amount as a user types it, in millionths of a dollar.

    Raises:
        UsageProblem: it is none.
    """
    try:
        amount = Decimal(text.strip().lstrip("$"))
        exact = amount * MICRO
    except InvalidOperation:
        raise UsageProblem(
            f"{option} {text!r} is not an amount of US dollars.", f"Write it like {option} 1.50"
        ) from None
    if not amount.is_finite() or amount < 0 or exact != exact.to_integral_value():
        raise UsageProblem(
            f"{option} {text!r} is not an amount of US dollars.", f"Write it like {option} 1.50"
        )
    return int(exact)


def repository(name: str | None, public: bool, space: bool) -> str | None:
    """The repository to publish to; None where nothing is to be published.

    Raises:
        UsageProblem: it is said how, but not where, or the name is empty.
    """
    if name is None and (public or space):
        option = "--public" if public else "--space"
        raise UsageProblem(f"{option} says how, but not where to publish.", "Name it with: --publish REPO")
    if name is not None and not name.strip():
        raise UsageProblem("--publish names no repository.", "Write it like --publish OWNER/NAME")
    return name


def unknown_target(text: str | None) -> "UnknownTarget | None":
    """What UNKNOWN is to be fitted for; None where nothing was said.

    Raises:
        UsageProblem: it is neither a coverage nor an error.
    """
    if text is None:
        return None
    from ml_intern.records.spec import UnknownTarget  # brings pydantic, which --help does without

    kind, _, share = text.partition("=")
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if kind not in ("coverage", "error") or not (0 < value <= 1 if kind == "coverage" else 0 <= value < 1):
        raise UsageProblem(
            f"--unknown {text!r} is neither a coverage above 0 and up to 1 nor an error from 0 to below 1.",
            "Write it like --unknown coverage=0.98 or --unknown error=0.02; coverage=1 answers everything.",
        )
    return UnknownTarget(coverage=value) if kind == "coverage" else UnknownTarget(error=value)


def whole_seconds(minutes: float | None) -> int | None:
    """A time limit in minutes as seconds; None where nothing was said.

    Raises:
        UsageProblem: it is no time.
    """
    if minutes is None:
        return None
    seconds = round(minutes * 60) if minutes == minutes and abs(minutes) < 1e7 else 0
    if seconds < 1:
        raise UsageProblem(
            f"--time-limit {minutes} is not a number of minutes above 0.", "Write it like --time-limit 30"
        )
    return seconds
