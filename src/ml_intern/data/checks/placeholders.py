"""Texts with template tokens such as `{{Order Number}}`, `[NAME]`, `<EMAIL>` or `%s`, and filler text.

Why it matters: users write names and numbers, never tokens. A model trained on tokens meets other
texts in use, and a test on tokens measures what will not occur. Public support datasets are full of
them (Bitext's newer releases write `{{Order Number}}`; the CFPB complaints mask with `XXXX`).
"""

from typing import Final

from ml_intern.data.hits import Kinds, by_part, graded, tally, with_kinds
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding

_ENTITY: Final = (
    "name|firstname|lastname|surname|username|user|customer|client|person|people|agent|e-?mail|"
    "e-?mail address|phone|telephone|phone number|number|address|date|time|datetime|dob|url|link|website|"
    "id|account|order|invoice|product|item|company|organi[sz]ation|org|loc|location|city|state|country|"
    "zip|zip code|postcode|amount|price|currency|money|cardinal|credit card|card|ssn|iban|ip|ip address|"
    "age|title|gender|hashtag|mention|placeholder|insert|redacted|removed|deleted|masked|anonymi[sz]ed|"
    "unk|pad|cls|sep|mask|bos|eos|per|gpe|misc"
)

# Word boundaries are those of ASCII: the regex engine is far slower with those of Unicode.
KINDS: Final[Kinds] = {
    "tokens in braces": (
        r"\{\{[^{}|\n]{1,80}\}\}|\$\{[^{}\n]{1,80}\}|\{%[^\n]{1,80}%\}|<%[^\n]{1,80}%>"
        r"|(?:^|[\s\"'(#:,])\{[A-Za-z_][A-Za-z0-9_]{1,40}\}"
    ),
    "tokens in brackets": (
        rf"(?i)[\[<](?:[a-z]{{2,15}}[ _-]){{0,3}}(?:{_ENTITY})(?:[ _-]?\d{{1,4}})?[\]>]"
        r"|(?-i:[\[<][A-Z][A-Z0-9]{1,20}_[A-Z0-9_]{1,20}[\]>])|<\|[a-z_]{2,30}\|>"
    ),
    "format codes": (
        r"(?:^|[\s\"'(:=#])%(?:\d\$)?[sd](?:[\s\"').,;:!?]|$)|%\(\w{1,40}\)[sdif]"
        r"|(?-u:\b)__[A-Z][A-Z0-9_]{1,40}__(?-u:\b)"
    ),
    "masks of X": r"(?-u:\b)X{4,}(?-u:\b)",
    "spreadsheet errors": r"#(?:NAME\?|REF!|VALUE!|DIV/0!|NULL!|NUM!|N/A)",
    "filler": (
        r"(?i)lorem ipsum|(?-i:(?-u:\b)FIXME(?-u:\b)|(?-u:\b)TODO\s*[:(])"
        r"|^\s*(?:todo|tbd|test ?test|foo ?bar)\s*$"
    ),
}


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part."""
    findings = []
    for part, rows in by_part(table, with_kinds(table.rows, KINDS)):
        total = table.size(part)
        findings.append(
            table.finding(
                "placeholders",
                graded(rows.height / total, medium=0.05),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} hold template tokens or filler instead of "
                f"what a user writes ({tally(rows, KINDS)}). Texts in use will look different, so scores on "
                "these rows say little about them.",
                "They are kept as they are; put realistic values in place of the tokens, or drop the rows.",
            )
        )
    return findings
