r"""Single words that give the label away: artefacts of how the data was made, and plain key words.

Why it matters: what a single token foretells, a model learns instead of the meaning (Gardner et al. 2021,
"Competency Problems", arXiv:2104.08646; Geirhos et al. 2020, arXiv:2004.07780). For a word like "refund" that
is the task; for a ticket prefix, an address or a stamped date it is an accident that will not hold in use.

A token is what stands between white space, in lower case without outer punctuation, with digit runs
masked. It counts where it stands in at least `MIN_ROWS` rows and a class has at least 80 % of them
by the lower end of the 95 % Wilson interval (more where the class has most rows
anyway: half of the way from its share to 1).

Artefacts are tokens that no language has: addresses, tags, brackets and placeholders, long hexadecimal
numbers, dates, and words grown together with numbers that vary (`tck-00412`). They count from a fifth of
the rows of their class on; below, they hardly move a model.
"""

import re
from collections import Counter, defaultdict
from typing import Final

import polars as pl

from ml_intern.data.features import MAX_CHARACTERS
from ml_intern.data.masking import specimen
from ml_intern.data.model import sample
from ml_intern.data.shares import wilson
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

MIN_ROWS: Final = 10
PRECISION: Final = 0.8
ARTEFACT_RECALL: Final = 0.2
KEY_WORD_RECALL: Final = 0.5
MIN_FORMS: Final = 5
"""Different numbers in the same mask from which it is an id: "covid-19" and "24/7" are words."""

MAX_TOKEN: Final = 60
_LISTED: Final = 5
_STRIP: Final = ".,;:!?\"'“”‘’()…"
_NUMBER: Final = re.compile(r"\d+")
_ARTEFACT: Final = re.compile(
    r"https?:|www\.|\w@\w+\.\w|</?[a-z][^<>]*>|^\[[^\[\]]+\]|\{\{|\}\}|^<[^<>]+>$|^&[a-z]+;$|^__\w+__$"
)
_HEX: Final = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f-]{8,}$")
_DATE: Final = re.compile(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:t[\d:.z+-]*)?$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}$")
_MIXED: Final = re.compile(r"[^\W\d_]{2,}.*\d|\d.*[^\W\d_]{2,}")
Token = tuple[str, str, str, float]
"""As `kind` gives it, as written where it is written in one way only, its class, its precision."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding on artefacts and one on key words, on rows of the training part."""
    part = table.training_part
    rows = sample(table.usable.filter(pl.col("part") == part), 0)
    if rows["label"].n_unique() < 2:
        return []
    tokens = [read(text) for text in rows["text"].to_list()]
    artefacts, words = _telling(tokens, rows["label"].to_list())
    findings = []
    for found, id in ((artefacts, "shortcut_tokens"), (words, "key_words")):
        if found:
            order = {name: place for place, (name, *_) in enumerate(found)}
            ranks = [min((order[t] for t in each if t in order), default=None) for each in tokens]
            hits = rows.with_columns(pl.Series("rank", ranks, dtype=pl.Int64)).drop_nulls("rank")
            hits = hits.sort("rank", maintain_order=True)
            findings.append(_finding(table, id, found, hits, rows.height))
    return findings


def read(text: str) -> dict[str, str]:
    """The tokens of a text: masked form to the form as written."""
    found = {}
    for word in text[:MAX_CHARACTERS].lower().split():
        if len(word) <= MAX_TOKEN and (bare := word.strip(_STRIP)):
            found[kind(bare)] = bare
    return found


def kind(word: str) -> str:
    """What a token counts as: hexadecimal numbers and dates are one kind each, other digits are masked."""
    if _DATE.search(word):
        return "<a date>"
    if _HEX.search(word):
        return "<a hexadecimal number>"
    return _NUMBER.sub("0", word)


def is_artefact(token: str, forms: int) -> bool:
    """Whether a token, as `kind` gives it and written in `forms` ways, is no word of any language."""
    varies = forms >= MIN_FORMS and _MIXED.search(token) is not None
    return varies or _ARTEFACT.search(token) is not None


def _telling(tokens: list[dict[str, str]], labels: list[str]) -> tuple[list[Token], list[Token]]:
    """Artefacts and key words, each the most frequent first."""
    sizes, total = Counter(labels), len(labels)
    by_class, forms = _count(tokens, labels)
    artefacts, words = [], []
    for token in sorted(by_class, key=lambda token: (-by_class[token].total(), token)):
        rows = by_class[token].total()
        label, hits = min(by_class[token].items(), key=lambda item: (-item[1], item[0]))
        low, _ = wilson(hits, rows)
        if float(low) < max(PRECISION, (1 + sizes[label] / total) / 2):
            continue
        item = (token, _name(token, forms[token]), label, hits / rows)
        recall = hits / sizes[label]
        if is_artefact(token, len(forms[token])):
            artefacts += [item] if recall >= ARTEFACT_RECALL else []
        elif recall >= KEY_WORD_RECALL:
            words.append(item)
    return artefacts, words


def _count(
    tokens: list[dict[str, str]], labels: list[str]
) -> tuple[dict[str, Counter[str]], dict[str, set[str]]]:
    """Of each frequent token: rows by class, and up to `MIN_FORMS` ways in which it is written."""
    rows: Counter[str] = Counter()
    for each in tokens:
        rows.update(each.keys())
    frequent = {token for token, count in rows.items() if count >= MIN_ROWS}
    by_class: dict[str, Counter[str]] = defaultdict(Counter)
    forms: dict[str, set[str]] = defaultdict(set)
    for each, label in zip(tokens, labels, strict=True):
        for token in each.keys() & frequent:
            by_class[token][label] += 1
            if len(forms[token]) < MIN_FORMS:
                forms[token].add(each[token])
    return by_class, forms


def _name(token: str, forms: set[str]) -> str:
    """As written where there is one way only."""
    return next(iter(forms)) if len(forms) == 1 else "a number" if token == "0" else token


def _finding(table: AuditTable, id: str, found: list[Token], hits: pl.DataFrame, read: int) -> Finding:
    part = table.training_part
    listed = [
        f"'{specimen(name, 40)}' for '{example(label, 40)}' ({precision:.0%})"
        for _, name, label, precision in found[:_LISTED]
    ]
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    scope = f" (Judged on {read:,} rows.)" if read < table.size(part) else ""
    share = hits.height / read
    begins = f"{of_total(hits.height, read)} {phrase(part)} hold a token that gives their label away: "
    brackets = "in brackets, how often it is right."
    if id == "key_words":
        return table.finding(
            id,
            Severity.LOW if share >= 0.9 else Severity.INFO,
            part,
            hits,
            f"{begins}{', '.join(listed)}{more}; {brackets} They read like words of the task, so this shows "
            f"how easy it is on these texts: a score near a list of key words proves little.{scope}",
            "They are kept. Compare with the baselines, and test on texts that say the same in other words.",
        )
    return table.finding(
        id,
        Severity.HIGH if share >= 0.2 else Severity.MEDIUM,
        part,
        hits,
        f"{begins}{', '.join(listed)}{more}; {brackets} They are no words but artefacts such as ids, "
        f"addresses, dates or tags: a model learns them instead of the meaning, and fails without.{scope}",
        "They are kept. Remove them from the texts, or make sure that texts in use have them, too.",
    )
