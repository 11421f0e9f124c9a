"""Payment card and bank account numbers in texts, told from other numbers by their check digits.

Sources: ISO/IEC 7812-1 (card numbers and Luhn's check digit), the issuers' published prefixes and
lengths; ISO 13616 and the SWIFT IBAN registry (country, length, remainder modulo 97).
"""

import re
from collections.abc import Iterator
from typing import Final

from ml_intern.data.phone_numbers import before, is_other_number

_CARD_WORD: Final = re.compile(
    r"\b(?:card|visa|mastercard|amex|credit|debit|kreditkarte|carte|tarjeta)\b", re.I
)
_CARD: Final = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){11,18}(?![\w-]|[.,]\d)")
_CARD_GROUPS: Final = re.compile(r"\d{4}([ -])\d{4}\1\d{4}(?:\1\d{1,4}){0,2}|\d{4}([ -])\d{6}\2\d{4,5}")
_ISSUERS: Final = (
    (re.compile(r"4"), {13, 16, 19}),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),  # Mastercard
    (re.compile(r"3[47]"), {15}),  # American Express
    (re.compile(r"6011|64[4-9]|65"), {16, 19}),  # Discover
    (re.compile(r"35"), {16, 19}),  # JCB
    (re.compile(r"2131|1800"), {15}),  # JCB until 2007
    (re.compile(r"30[0-5]|3[689]"), {14, 16}),  # Diners Club
    (re.compile(r"62"), {16, 17, 18, 19}),  # UnionPay
    (re.compile(r"50|5[6-9]|6[37]"), {12, 13, 15, 16, 18, 19}),  # Maestro
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def card_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers begin and end in a text: issued prefix, right length, right check digit."""
    for match in _CARD.finditer(text):
        written = match.group()
        digits = re.sub(r"\D", "", written)
        issued = any(prefix.match(digits) and len(digits) in sizes for prefix, sizes in _ISSUERS)
        if not issued or len(set(digits)) == 1 or not luhn(digits):
            continue
        if _CARD_GROUPS.fullmatch(written) or _CARD_WORD.search(words := before(text, match)):
            yield match.span()
        # One number in ten passes Luhn's test by chance: a bar code or an order number is no card.
        elif len(digits) > 12 and not _is_ean(digits) and not is_other_number(words):
            yield match.span()


def _is_ean(digits: str) -> bool:
    """Whether this is a bar code of 13 digits with its check digit (GS1 General Specifications, 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return len(digits) == 13 and weighted % 10 == 0


_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_LENGTHS: Final = {  # by country, of the SWIFT IBAN registry
    entry[:2]: int(entry[2:])
    for entry in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 "
        "EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 "
        "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 "
        "NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 "
        "TN24 TR26 UA29 VA22 VG24 XK20 "
    ).split()
}


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where account numbers begin and end in a text: known country, right length, right check digits."""
    for match in _IBAN.finditer(text):
        written = match.group()
        length = _IBAN_LENGTHS.get(written[:2].upper())
        if length is None:
            continue
        places = [place for place, character in enumerate(written) if character.isalnum()][:length]
        compact = "".join(written[place] for place in places).upper()
        if len(compact) == length and _mod_97(compact) == 1:
            yield match.start(), match.start() + places[-1] + 1


def _mod_97(iban: str) -> int:
    """The remainder of ISO 13616: the first four to the end, letters as 10 to 35."""
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97
