"""Texts that were decoded with the wrong character set: "cafÃ©", "donâ€™t", or U+FFFD.

Why it matters: the same word stands there in two forms, so a model learns it twice and badly, and a
tokenizer splits each garbled letter into several unknown pieces. UTF-8 read as Windows-1252 is by far
the most frequent case (Robyn Speer's ftfy, "fixes text for you", https://ftfy.readthedocs.io, whose
heuristic of sequences that no language writes this follows). U+FFFD is what a decoder puts where it
gave up (Unicode standard, section 3.9); the letter is lost.
"""

from typing import Final

from ml_intern.data.hits import Kinds, by_part, graded, tally, with_kinds
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding

_TRAIL: Final = r"\x{80}-\x{BF}ŒœŠšŸŽžƒˆ˜†‡•‚„‰™€"
"""Characters that the second byte of a UTF-8 letter, 0x80 to 0xBF, becomes in Windows-1252 or Latin-1."""

_QUOTES: Final = "…“”‘’–—‹›«»"
"""The rest of them. They also follow a capital in sound text ("CAFÉ…"), so more must speak for a fault."""

_CYRILLIC_TRAIL: Final = r"\x{80}-\x{BF}ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЁЄЇІіґёєјЅѕї‚„…†‡€‰‹›‘’“”•–—™№"

KINDS: Final[Kinds] = {
    "UTF-8 read as Windows-1252": "|".join(
        (
            rf"[ÃÄÅ][{_TRAIL}]",  # accented letters
            rf"\p{{Ll}}[ÃÄÅ][{_QUOTES}]",
            r"Â[\x{A0}-\x{BF}&&[^ªº]]",  # signs such as £ and the fixed space
            r"â€|â„¢|â‚¬|â†|âœ|â˜|â\x{80}|â\x{84}|â\x{82}",  # quotes, dashes, trade mark, euro, arrows
            r"ðŸ|ð\x{9f}|ï¿½|ï»¿",  # emoji, a replacement character, a byte order mark
            rf"(?:[ÐÑ][{_TRAIL}{_QUOTES}]){{2}}",  # Cyrillic
            rf"(?:[ÎÏ][{_TRAIL}{_QUOTES}]){{2}}",  # Greek
            rf"(?:[ã-í][{_TRAIL}{_QUOTES}]{{2}}){{2}}",  # Chinese, Japanese, Korean
        )
    ),
    "UTF-8 read as another code page": rf"(?:[РС][{_CYRILLIC_TRAIL}]){{3}}|√[©®†°±∂§ß]|├[®⌐á║ó¡í]",
    "lost characters (U+FFFD)": r"\x{FFFD}",
}


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part."""
    findings = []
    for part, rows in by_part(table, with_kinds(table.rows, KINDS)):
        total = table.size(part)
        findings.append(
            table.finding(
                "mojibake",
                graded(rows.height / total, medium=0.05),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} hold garbled characters "
                f"({tally(rows, KINDS)}). A model takes a garbled word for another word.",
                "They are kept as they are; read the original source as UTF-8 again, or repair the texts "
                "(the Python package ftfy does), then look again.",
            )
        )
    return findings
