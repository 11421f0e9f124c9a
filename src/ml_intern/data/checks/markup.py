"""Texts with remains of HTML, Markdown, BBCode or wiki markup.

Why it matters: a model reads tags and entities as words. They use up its sequence length, and where
only some sources or classes have them they give the label away without any meaning (Elazar et al. 2024,
"What's In My Big Data?", ICLR, counts them among the remains of crawling; trafilatura and datatrove
strip them for that reason). Element and entity names are those of the WHATWG HTML standard, those of
wikis of MediaWiki's "Help:Formatting".
"""

from html.entities import name2codepoint
from typing import Final

from ml_intern.data.hits import Kinds, by_part, graded, tally, with_kinds
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding

# Names that are also usual names of template tokens (link, title, label, address …) need an attribute.
_ELEMENTS: Final = (
    "a|abbr|b|big|blockquote|body|br|caption|center|cite|code|col|dd|del|div|dl|dt|em|embed|figure|font|"
    "footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|li|main|meta|nobr|ol|option|p|pre|"
    "q|s|samp|script|section|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|tfoot|th|thead|tr|"
    "tt|u|ul|var|video"
)
_ENTITIES: Final = "|".join(sorted([*name2codepoint, "apos"]))

KINDS: Final[Kinds] = {
    "HTML tags": (
        rf"(?i)</?(?:{_ELEMENTS})(?:\s[^<>]{{0,400}})?\s*/?>"
        r"|<[a-z]{1,12}\s+[a-z-]{1,24}=[\"'][^<>]{0,400}>|<!--|<!doctype\b|<!\[CDATA\["
    ),
    "character entities": rf"&(?:{_ENTITIES}|#\d{{2,6}}|#[xX][0-9a-fA-F]{{2,5}});",
    "Markdown": (
        r"\[[^\[\]\n]{1,200}\]\((?:https?://|mailto:|/|#|\./)[^()\s]{0,400}\)|```"
        r"|(?m:^#{2,6} +\S)|(?m:^\|(?:[ :]*-{3,}[ :]*\|)+)"
        r"|(?:^|[\s(])\*\*[^\s*](?:[^*\n]{0,200}[^\s*])?\*\*(?:[\s).,;:!?]|$)"
    ),
    "BBCode": (
        r"(?i)\[/(?:b|i|u|s|url|img|quote|code|color|size|font|list|spoiler|center)\]"
        r"|\[(?:url|quote|color|size|font|img)=[^\]\n]{1,200}\]"
    ),
    "wiki markup": (
        r"\[\[[^\[\]\n]{1,200}\]\]|\{\{[^{}\n]{1,80}\|[^{}\n]{0,200}\}\}|'''[^'\n]{1,200}'''"
        r"|(?m:^={2,6} ?[^=\n]{1,100} ?={2,6}\s*$)|<ref[ >]|</ref>"
    ),
}


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part. A lone "<3" or "a < b" is no markup."""
    findings = []
    for part, rows in by_part(table, with_kinds(table.rows, KINDS)):
        total = table.size(part)
        findings.append(
            table.finding(
                "markup",
                graded(rows.height / total, medium=0.2),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} hold remains of markup "
                f"({tally(rows, KINDS)}). A model reads them as words; where they go with a class, it learns "
                "where a text comes from instead of what it says.",
                "They are kept as they are; strip the markup unless texts in use will have it, too.",
            )
        )
    return findings
