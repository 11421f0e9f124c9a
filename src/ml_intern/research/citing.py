"""What was read, and whether a statement says so: code compares, nobody is believed.

A source is an address or an id that a tool has returned in this run. That it was returned does not prove that
it says what the statement says.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from ml_intern.records.research import Standing

NO_SOURCE: Final = "(no source)"
NOT_READ: Final = "(source not read)"
_ARXIV: Final = re.compile(
    r"^(?:arxiv:|(?:https?://)?(?:[\w.]+\.)?(?:arxiv\.org|ar5iv\.org)/(?:abs|html|pdf)/"
    r"|(?:https?://)?huggingface\.co/papers/)?((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z]{2})?/\d{7}))(?:v\d+)?(?:\.pdf)?$",
    re.IGNORECASE,
)
_HUB: Final = re.compile(
    r"^(?:https?://)?huggingface\.co/(?:datasets/|models/)?([\w.-]+/[\w.-]+)$", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"\[([^\[\]]{1,400})\](?:\((\S{1,400})\))?")
_AFTER_STOP: Final = re.compile(r"([.!?…])((?:\s*\[[^\[\]\n]{1,400}\](?:\(\S{1,400}\))?)+)")
_STOP: Final = re.compile(
    r"(?<=[.!?。！？])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bal\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bFig\.)(?<!\bSec\.)\s+"
)


def key(source: str) -> str:
    """One form for the ways to write the same source: ids of papers, names on the Hub, addresses."""
    plain = source.strip().strip("<>").partition("#")[0].rstrip("/")
    if (paper := _ARXIV.match(plain)) is not None:
        return f"arxiv:{paper[1].lower()}"
    if (repo := _HUB.match(plain)) is not None:
        return repo[1].lower()
    return re.sub(r"^https?://(?:www\.)?", "", plain).lower()


def standing(source: str, read: Collection[str]) -> Standing:
    """Whether the source is named at all, and was read; `read` holds keys."""
    if not source.strip():
        return Standing.UNSOURCED
    return Standing.READ if key(source) in read else Standing.UNREAD


def marked(answer: str, read: Collection[str]) -> str:
    """The answer, with each sentence marked that has no source in brackets or one that was not read."""
    lines = _AFTER_STOP.sub(r"\2\1", answer).splitlines()
    return "\n".join(" ".join(_mark(each, read) for each in _STOP.split(line)) for line in lines)


def _mark(sentence: str, read: Collection[str]) -> str:
    if not re.search(r"\w", sentence):
        return sentence
    named = list(_sources(sentence))
    if not named:
        return f"{sentence} {NO_SOURCE}"
    return sentence if all(key(each) in read for each in named) else f"{sentence} {NOT_READ}"


def _sources(sentence: str) -> Iterable[str]:
    """What stands in brackets and looks like a source: `[CLS]` does not."""
    for inside, link in _BRACKETS.findall(sentence):
        for each in [link] if link else re.split(r"[;,\s]+", inside):
            if "/" in each or each.lower().startswith("arxiv:") or _ARXIV.match(each):
                yield each
