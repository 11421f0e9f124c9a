"""Telephone numbers in texts.

How they are written: ITU-T E.123 (international form with "+" or "00", national form with the trunk
prefix, groups apart by spaces), the North American form, and the usual dashes, dots and brackets. A
run of bare digits is a telephone number only where the words before say so: order numbers look alike.
"""

import re
from collections.abc import Iterator
from typing import Final

_CONTEXT: Final = 60
"""How many characters before a number may say what it is."""

_OTHER_NUMBER: Final = re.compile(
    r"\b(?:orders?|purchase|invoice|bill|ticket|tracking|track|parcel|shipment|ref|reference|account|acct|"
    r"case|id|serial|isbn|issn|sku|item|product|model|part|version|transaction|policy|booking|customer|"
    r"member|claim|bestellung|rechnung|commande|facture|pedido|factura)\W{0,3}"
    r"(?:(?:number|numbers|no|nr|num|id|code|is|was|of|with|the|my|has)\W{0,3}){0,3}#?\W{0,2}$|#\s?$",
    re.IGNORECASE,
)
_PHONE_WORDS: Final = (
    "phone|telephone|tel|mobile|cell|cellphone|fax|call|called|calling|ring|dial|text|sms|whatsapp|contact|"
    "reach|reached|my number|handy|mobil|telefon|telefono|teléfono|móvil|movil|téléphone|portable|cellulare|"
    "celular|hotline"
)
_CALLED: Final = re.compile(
    rf"\b(?:{_PHONE_WORDS})\b(?:\W{{1,3}}(?:number|no|nr|nummer|is|s|me|us|him|her|them|at|on|to|back|my|the|it|"
    r"please|under|via|using|this|was|now|new|or|by|auf|unter|ist|au|est|al|es)\b){0,5}\W{0,4}$",
    re.IGNORECASE,
)

_NUMBER: Final = re.compile(
    r"(?<![\w.,:/#@$€£+=&?-])(?:\+|\()?\+?\d[\d ()./\u00a0\u2011\u2013-]{5,26}\d"
    r"(?:(?=\s?(?:x|ext)[ .]?\d)|(?![\w%]|[.,:/-]\d))"
)
_FORMS: Final = re.compile(
    r"\(?\d{3}\)[ .-]?\d{3}[ .-]?\d{4}"  # (415) 555-0132
    r"|(?:1[ .-])?\(?\d{3}\)?([.-])\d{3}\1\d{4}"  # 415-555-0132
    r"|1[ -]\(?\d{3}\)?[ -]\d{3}[ -]\d{4}"  # 1 800 555-0132
    r"|\(0?\d{2,5}\)[ /-]?\d{2,5}(?:[ -]?\d{2,5}){1,2}"  # (030) 901820
    r"|[2-9]\d{2} \d{3} \d{4}"  # 415 555 0132
    r"|[5-9]\d{2}([ -])\d{3}\2\d{3}"  # 612 345 678
    r"|\d{2} \d{4,5}-\d{4}"  # 11 91234-5678
    r"|0\d{1,3}-\d{2,3}(?: \d{2}){2}"  # 08-24 24 92
)
_TRUNK: Final = re.compile(r"\(?0[1-9]\d{0,4}\)?(?:[ ./-]{1,3}\d{2,8}){1,5}")
"""National form with a leading zero: "020 7946 0958", "06.12.34.56.78", "0151/23456789"."""

_LOCAL: Final = re.compile(r"\d{3}[ .-]\d{4}|\d{4}[ .-]\d{4}|\d{2}(?:[ .-]\d{2}){3}")
_DATE: Final = re.compile(
    r"\(?(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d{2}(?!\d)"
    r"|(?:19|20)\d{2} ?- ?(?:19|20)\d{2}$)"
)

# The words are looked for in ASCII and with few signs between, as the engine of polars is fast then.
FAST: Final = (
    r"\+[ (]?\d|\(\d{2,5}\)|\d{2}[ ./-]{1,3}\d{2,}[ ./-]{0,3}\d{2}"
    rf"|(?i:(?:{_PHONE_WORDS})[ :.,;'a-z#(-]{{0,40}}[+(]?\d[\d ()./-]{{4,}}\d)"
)
"""What nearly every text with a telephone number matches; without lookaround, for polars."""


def phone_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where telephone numbers begin and end in a text."""
    for match in _NUMBER.finditer(text):
        if _is_phone(match.group(), before(text, match)):
            yield match.span()


def _is_phone(written: str, words: str) -> bool:
    digits = re.sub(r"\D", "", written)
    plain = re.sub(r"[\u2011\u2013]", "-", written.replace("\u00a0", " "))
    if ")" not in plain:
        plain = plain.lstrip("(")  # it opens the sentence's bracket, not the number's
    if not 7 <= len(digits) <= 15 or _DATE.match(plain) or len(set(digits)) == 1:  # E.164: 15 at most
        return False
    if "+" in plain:
        return plain.lstrip("(").startswith("+") and len(digits) >= 8 and digits[0] != "0"
    if _CALLED.search(words):
        return 9 <= len(digits) <= 13 or bool(_LOCAL.fullmatch(plain))
    if is_other_number(words):
        return False
    if digits.startswith("00"):
        return digits[2] != "0" and len(digits) >= 10 and not plain.isdigit()
    return bool(_FORMS.fullmatch(plain)) or (9 <= len(digits) <= 12 and bool(_TRUNK.fullmatch(plain)))


def before(text: str, match: re.Match[str]) -> str:
    """The words before a match, as far as they may say what it is."""
    return text[max(0, match.start() - _CONTEXT) : match.start()]


def is_other_number(words: str) -> bool:
    """Whether the words before a number call it an order, an invoice, an account or the like."""
    return bool(_OTHER_NUMBER.search(words))
