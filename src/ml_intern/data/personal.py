"""Finding personal data in texts.

Each kind is found in two steps: a regular expression that all texts can be held against quickly, then
an exact test in Python on what it found (check digits, lengths, the words before). Sources: Microsoft
Presidio's recognizers for the idea of context words; ISO/IEC 7812 (payment cards, Luhn), ISO 13616
(IBAN), ITU-T E.164 and E.123 (telephone numbers and how they are written), the US Social Security
Administration's rules for SSN, RFC 5321 (e-mail), RFC 791 (IPv4). Names and postal addresses are not
looked for: without a model they cannot be told from other words.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ml_intern.data.account_numbers import card_numbers, ibans
from ml_intern.data.phone_numbers import FAST, before, phone_numbers

Spans = Callable[[str], Iterable[tuple[int, int]]]
"""Where values begin and end in a text."""


@dataclass(frozen=True)
class Kind:
    """One kind of personal data: what it is called, a fast expression and the exact test.

    `fast` is understood alike by Python and by polars (no lookaround); a text without a match holds none.
    """

    name: str
    plural: str
    fast: str
    spans: Spans


_EMAIL: Final = re.compile(
    r"(?<![\w.+%-])[\w.%+'-]{1,64}(?:@|\s?\[at\]\s?|\s?\(at\)\s?)"
    r"(?:[a-z0-9-]{1,63}(?:\.|\s?\[dot\]\s?|\s?\(dot\)\s?)){1,5}[a-z]{2,24}(?![\w-])"
    r"|(?<![\w.+-])[\w.+-]{1,64} at [a-z0-9-]{1,63} dot (?:com|org|net|edu|gov|io|co|de|fr|es|it|uk)\b",
    re.IGNORECASE,
)
_NO_DOMAIN: Final = frozenset("png jpg jpeg gif svg webp css js ts py json md txt html".split())


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        found = match.group()
        last = re.split(r"\W+", found.casefold())[-1]
        if last not in _NO_DOMAIN and not found.casefold().startswith("git@"):
            yield match.span()


_SSN: Final = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}([- .])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-]|[.,]\d)")
_SSN_WORD: Final = re.compile(r"\b(?:ssn|social security)\b", re.IGNORECASE)


def _ssns(text: str) -> Iterator[tuple[int, int]]:
    for match in _SSN.finditer(text):
        if match.group(1) == "-" or _SSN_WORD.search(text):
            yield match.span()


_BYTE: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP: Final = re.compile(rf"(?<![\w.-])(?:{_BYTE}\.){{3}}{_BYTE}(?![\w-]|\.\d)")
_NO_HOST: Final = re.compile(r"(?:127|0|255)\.")
_VERSION_WORD: Final = re.compile(
    r"\b(?:version|ver|v|release|build|firmware|section|chapter|sdk|driver)\W{0,3}$", re.I
)


def _ips(text: str) -> Iterator[tuple[int, int]]:
    for match in _IP.finditer(text):
        if not _NO_HOST.match(match.group()) and not _VERSION_WORD.search(before(text, match)):
            yield match.span()


KINDS: Final = (
    Kind("email", "e-mail addresses", r"(?i)@|[\[(]at[\])]| at [a-z0-9-]+ dot ", _emails),
    Kind("phone", "telephone numbers", FAST, phone_numbers),
    Kind("card", "payment card numbers", r"\d(?:[ -]?\d){11}", card_numbers),
    Kind("iban", "bank account numbers (IBAN)", r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11}", ibans),
    Kind("ssn", "US social security numbers", r"\d{3}[- .]\d{2}[- .]\d{4}", _ssns),
    Kind("ip", "IP addresses", r"\d\.\d{1,3}\.\d{1,3}\.\d", _ips),
)
