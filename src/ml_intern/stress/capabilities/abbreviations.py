"""The short forms of chats."""

import random
import re

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

SHORT = {
    "please": "pls", "you": "u", "your": "ur", "are": "r", "thanks": "thx", "thank you": "ty",
    "because": "bc", "with": "w/", "without": "w/o", "tomorrow": "tmrw", "message": "msg",
    "account": "acct", "number": "no.",
    "information": "info", "to": "2", "for": "4", "before": "b4", "people": "ppl", "about": "abt",
    "payment": "pmt", "received": "rcvd", "address": "addr", "password": "pw", "okay": "ok", "why": "y",
}  # fmt: skip
_LONG = re.compile(rf"\b(?:{'|'.join(sorted(SHORT, key=len, reverse=True))})\b", re.IGNORECASE)


def shortened(text: str, chance: random.Random) -> str:
    """Every word that has a short form in it."""
    return _LONG.sub(lambda m: SHORT[m.group().lower()], text)


def make(material: Material) -> Drafts | str:
    """Rows that have words with a usual short form."""
    return changed(material, "abbreviations", shortened)


CAPABILITY = Capability(
    "abbreviations",
    "Abbreviations of chats",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
