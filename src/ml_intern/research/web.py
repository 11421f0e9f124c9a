"""Fetching from hosts on a list: by https, bounded, and with a credential for its own host alone.

Redirects are followed by hand: each hop must be on the list of the tool that asks, and a credential stays
with the origin that it is for. A name on the list that leads to a private address is refused. An address that
the user sets by the environment is trusted as it is: a mirror may be in a private network, or on this machine
without TLS.

Not protected: behind a proxy the proxy looks names up, so that the addresses are not seen here; and a name
may lead elsewhere between the look-up and the connection. The lists hold well-known hosts only.
"""

import email.utils
import ipaddress
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import getproxies

from ml_intern.records.display import example
from ml_intern.records.errors import InternError

if TYPE_CHECKING:
    import httpx2

MOST_BYTES: Final = 3 << 20
MOST_SECONDS: Final = 30.0
"""For the pieces of one page to come."""
MOST_HOPS: Final = 5
TRIES: Final = 3
LONGEST_WAIT: Final = 20.0
"""Seconds that a host's Retry-After is waited for; a longer one is told instead."""
_TRY_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_PAUSES: Final[Mapping[str, float]] = {"export.arxiv.org": 3.0}
"""Seconds between two requests, where the terms of an API ask for them."""
_asked: dict[str, float] = {}


class WebTrouble(InternError):
    """A page cannot be had."""


class HostRefused(WebTrouble):
    """The address is none that may be asked; nothing was sent to it."""


class PageMissing(WebTrouble):
    """The host has no such page, or does not give it to us."""


class PageUnfit(WebTrouble):
    """What came is too large, of another kind than expected, or broken."""


class HostTrouble(WebTrouble):
    """The host does not answer, or not now."""


@dataclass(frozen=True)
class Credential:
    """A header that goes to one origin, such as `https://api.github.com`, and to no other."""

    origin: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Site:
    """What may be asked: public `hosts` and `own` addresses.

    `*.name` stands for all hosts below a name, and `name/path` for what lies below that path alone. An own
    address was set by the user through the environment: it may be private, and plain http on this machine.
    """

    hosts: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    credential: Credential | None = None


@dataclass(frozen=True)
class Page:
    """What came: from which address at last, of which kind, and the text."""

    url: str
    kind: str
    text: str


def fetch(site: Site, url: str, kinds: tuple[str, ...], headers: Mapping[str, str] | None = None) -> Page:
    """The page at `url` of one of `kinds`, such as `text/html`.

    Raises:
        HostRefused: the address, or one that it redirects to, is not on the list.
        PageMissing: there is no such page, or it may not be read.
        PageUnfit: it is larger than `MOST_BYTES` or of another kind.
        HostTrouble: the host does not answer, or takes no more requests for now.
    """
    for _ in range(MOST_HOPS + 1):
        parts = listed(site, url)
        _refuse_private(site, url, parts.hostname or "")
        answer = _asked_for(site, url, parts, headers or {}, kinds)
        if isinstance(answer, Page):
            return answer
        url = _joined(url, answer)
    raise HostTrouble(f"{_shown(url)} redirects more than {MOST_HOPS} times.", "Name another page.")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise HostRefused(f"{_shown(url)} redirects to what is no address.", "Name another page.") from error


def origin(url: str) -> str:
    """Scheme, host and port of an address, as credentials and own origins are compared."""
    parts = urlsplit(url)
    standard = {"https": 443, "http": 80}.get(parts.scheme)
    port = parts.port or standard
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its own name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listed(site: Site, url: str) -> SplitResult:
    """The address taken apart, if it is on the list.

    Raises:
        HostRefused: it is not.
    """
    try:
        parts = urlsplit(url)
        known = origin(url) in {origin(each) for each in site.own}
        standard = parts.port in (None, 443)
    except ValueError as error:
        raise HostRefused(
            f"{_shown(url)} is no address.", "Write it like https://docs.python.org/3/"
        ) from error
    host = (parts.hostname or "").lower()
    if parts.username is not None or parts.password is not None:
        raise HostRefused("An address must hold no name and no password.", "Leave them out.")
    if known and (parts.scheme == "https" or is_loopback(host)):
        return parts
    if parts.scheme != "https" or not standard:
        raise HostRefused(
            f"{_shown(url)} is not asked: only https is.", "Write it like https://docs.python.org/3/"
        )
    if not any(_matches(host, parts.path, each) for each in site.hosts):
        known_ones = ", ".join((*site.hosts, *site.own))
        raise HostRefused(f"{_shown(url)} is not on the list.", f"These are: {known_ones}.")
    return parts


def _matches(host: str, path: str, allowed: str) -> bool:
    name, _, below = allowed.partition("/")
    if below and not f"{path}/".startswith(f"/{below}/"):
        return False
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _refuse_private(site: Site, url: str, host: str) -> None:
    """See that a public name leads to public addresses; behind a proxy only the proxy can know."""
    if origin(url) in {origin(each) for each in site.own} or getproxies().get("https"):
        return
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise HostTrouble(f"{example(host)} cannot be found ({error}).", "Is there a network?") from error
    if not all(ipaddress.ip_address(each.partition("%")[0]).is_global for each in found):
        raise HostRefused(
            f"{example(host)} leads to a private address, which is not asked.",
            "Name a public page; for a mirror of your own set its address by the environment.",
        )


def _asked_for(
    site: Site, url: str, parts: SplitResult, headers: Mapping[str, str], kinds: tuple[str, ...]
) -> Page | str:
    """The page, or the address that it redirects to; asked again where the host says to wait a little."""
    import httpx2

    sent = {"Accept": ", ".join(kinds), "Accept-Encoding": "identity", **headers}
    if site.credential is not None and origin(site.credential.origin) == origin(url):
        sent["Authorization"] = site.credential.value
    for attempt in range(1, TRIES + 1):
        _pace(parts.hostname or "")
        try:
            with _stream(url, sent) as response:
                if response.has_redirect_location:
                    return str(response.headers["Location"])
                if response.status_code not in _TRY_AGAIN:
                    return _page(response, url, kinds)
                wait = _wait(response, attempt)
        except httpx2.InvalidURL as error:
            raise HostRefused(f"{_shown(url)} is no address.", "Write it without odd characters.") from error
        except httpx2.HTTPError as error:
            if attempt == TRIES:
                raise HostTrouble(
                    f"{_shown(url)} does not answer ({type(error).__name__}).", "Try again later."
                ) from error
            wait = float(attempt)
        if attempt < TRIES:
            time.sleep(wait)
    raise HostTrouble(f"{_shown(url)} answers {response.status_code} again and again.", "Try again later.")


def _pace(host: str) -> None:
    if host in _PAUSES:
        time.sleep(max(0.0, _asked.get(host, -_PAUSES[host]) + _PAUSES[host] - time.monotonic()))
        _asked[host] = time.monotonic()


@contextmanager
def _stream(url: str, headers: Mapping[str, str]) -> "Iterator[httpx2.Response]":
    import httpx2

    from ml_intern import __version__

    named = {"User-Agent": f"ml-intern/{__version__} (research tools)", **headers}
    limits = httpx2.Timeout(15.0, connect=10.0)
    with (
        httpx2.Client(follow_redirects=False, timeout=limits) as client,
        client.stream("GET", url, headers=named) as response,
    ):
        yield response


def _wait(response: Any, attempt: int) -> float:
    """Seconds to wait as the host says, else a little longer each time.

    Raises:
        HostTrouble: it says to wait for longer than we do.
    """
    seconds = _stated_wait(response.headers.get("Retry-After", ""), float(attempt))
    if seconds > LONGEST_WAIT:
        raise HostTrouble(
            f"{_shown(str(response.url))} takes no more requests for now ({response.status_code}).",
            f"Try again in {seconds:.0f} s, or go on without it.",
        )
    return seconds


def _stated_wait(stated: str, otherwise: float) -> float:
    """What a Retry-After says, which is seconds or a date."""
    if stated.isdecimal():
        return float(stated[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(stated).timestamp() - time.time())
    except (ValueError, OverflowError):  # it is missing, or neither
        return otherwise


def _page(response: Any, url: str, kinds: tuple[str, ...]) -> Page:
    if response.status_code != 200:
        raise PageMissing(
            f"{_shown(url)} was not given ({response.status_code}).",
            _WHY.get(response.status_code, _WHY[404]),
        )
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise PageUnfit(
            f"{_shown(url)} is {example(kind) or 'of no stated kind'}.", f"Only {kinds[0]} is read."
        )
    content, began = bytearray(), time.monotonic()
    for piece in response.iter_bytes(1 << 16):
        content += piece
        if len(content) > MOST_BYTES:
            raise PageUnfit(f"{_shown(url)} is larger than {MOST_BYTES >> 20} MiB.", "Name a smaller page.")
        if time.monotonic() - began > MOST_SECONDS:
            raise HostTrouble(f"{_shown(url)} took more than {MOST_SECONDS:.0f} s.", "Try again later.")
    named = (response.charset_encoding or "").lower()
    text = content.decode(named if named in _ENCODINGS else "utf-8", errors="replace")
    return Page(url, kind, text)


_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "iso-8859-1", "windows-1252"})
"""Those of nearly all pages; some others that Python knows are slow, or no encodings of texts."""
_WHY: Final[Mapping[int, str]] = {
    401: "The token is not accepted: make a new one.",
    403: "The token does not allow it, or the limit of requests is reached: try again later.",
    404: "Check the name, or search for another.",
    422: "The search is not understood: use fewer and plainer words.",
}


def _shown(url: str) -> str:
    """An address as it is told: without what follows the path, which may hold a search."""
    return example(url.partition("?")[0])
