"""How candidates for a task are judged: one function for each stated criterion.

Every criterion gives a score from 0 to 1 with its reason; some must be met, whatever the rest. Weights and
limits
are plain choices, none fitted to a dataset: what the labels mean and what the texts are about weigh most,
because
a mistake there makes every later number meaningless; what the harness can repair, such as copies in the test
split, weighs less.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example
from ml_intern.records.research import Criterion
from ml_intern.research.licences import Use, use_of
from ml_intern.research.queries import Wanted
from ml_intern.research.subjects import shares, spoken_of

WEIGHTS: Final = {
    "access": 0.0, "columns": 3.0, "subject": 3.0, "size": 2.0, "licence": 2.0, "language": 1.0, "flaws": 1.0,
    "freshness": 0.5, "use": 0.5,
}  # fmt: skip
LEAST_ROWS: Final = 200
LEAST_PER_CLASS: Final = 20
"""Rows of the median class: below it, a tenth held out for the test is two rows of a class."""
ENOUGH_PER_CLASS: Final = 100
LEAST_SCORE: Final = 0.55
"""A dataset of a lower score is taken only by a person."""
LEAST_SUBJECT: Final = 0.35
_FLAWS: Final = {Severity.CRITICAL: 0.3, Severity.HIGH: 0.2, Severity.MEDIUM: 0.07}
_FITS: Final = {
    "named": (1.0, "the task names it"),
    "meant": (0.9, "that is what the task's words mean"),
    "generic": (0.6, "its name only says that it is a label"),
    "only": (0.4, "no other column could be a label"),
    "other": (0.0, "it is about something else than the task asks for"),
}
"""How well a label column fits, by what speaks for it."""


@dataclass(frozen=True)
class Facts:
    """What was found out about a dataset. `trouble` says why it could not be looked into, if so.

    `classes` are rows by label among the `rows` that were read, all of them where `whole` holds.
    `label_fit` is a
    key of the table above. `texts` are a sample; `languages` what the card says, `spoken` what most texts
    are in.
    """

    name: str
    revision: str
    licence: str
    title: str
    tags: tuple[str, ...]
    prose: str
    languages: tuple[str, ...]
    modified: str
    downloads: int
    trouble: str = ""
    rows: int = 0
    whole: bool = True
    text: str | None = None
    label: str | None = None
    label_fit: str = "only"
    no_columns: str = ""
    classes: Mapping[str, int] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    spoken: str | None = None
    findings: tuple[Finding, ...] = ()


def judge(facts: Facts, wish: Wanted, today: date) -> tuple[Criterion, ...]:
    """All criteria that can be judged from what is known, the most important first."""
    access = _criterion(
        "access", float(not facts.trouble), not facts.trouble, facts.trouble or "it can be read"
    )
    if facts.trouble:
        return (access, licence(facts, wish))
    roles = columns(facts, wish)
    if not roles.met:
        return (access, roles, licence(facts, wish))
    told = (subject(facts, wish), size(facts), licence(facts, wish), language(facts, wish), flaws(facts))
    return (access, roles, *told, freshness(facts, today), popularity(facts))


def total(criteria: Sequence[Criterion]) -> float:
    """The weighted mean of the scores, 0 where a candidate could not be judged."""
    weights = sum(each.weight for each in criteria)
    if len(criteria) < 5 or not weights:
        return 0.0
    return round(sum(each.score * each.weight for each in criteria) / weights, 3)


def unmet(criteria: Sequence[Criterion]) -> list[Criterion]:
    """The criteria that had to be met and are not."""
    return [each for each in criteria if each.needed and not each.met]


def _criterion(name: str, score: float, met: bool, reason: str, needed: bool = True) -> Criterion:
    score = round(max(0.0, min(1.0, score)), 3)
    return Criterion(name=name, score=score, weight=WEIGHTS[name], needed=needed, met=met, reason=reason)


def columns(facts: Facts, wish: Wanted) -> Criterion:
    """A text and a label column that mean the task."""
    if facts.text is None or facts.label is None:
        return _criterion("columns", 0.0, False, facts.no_columns or "no text and label column")
    score, why = _FITS[facts.label_fit]
    asked = " ".join(wish.target) or "a label"
    reason = f"texts in '{example(facts.text, 60)}', {asked} in '{example(facts.label, 60)}': {why}"
    return _criterion("columns", score, score > 0, reason)


def subject(facts: Facts, wish: Wanted) -> Criterion:
    """Whether name, card and texts are about what the task is about."""
    names = f"{facts.name} {facts.title} {' '.join(facts.tags)}".lower()
    words = wish.words or wish.target
    named = sum(word in names for word in words) / max(1, len(words))
    told = sum(word in facts.prose.lower() for word in words) / max(1, len(words))
    said = max(named, 0.8 * told)
    found = shares(facts.texts)
    spoken = spoken_of(facts.texts)
    if wish.subject is None or spoken is None:
        return _criterion("subject", said, said >= LEAST_SUBJECT, _said(named, told, wish))
    read = found[wish.subject.name] / spoken[1]
    reason = f"{_said(named, told, wish)}; {100 * found[wish.subject.name]:.0f} % of the texts speak of it"
    if spoken[0] != wish.subject.name:
        reason += f", and {100 * spoken[1]:.0f} % of {spoken[0]}"
    score = (said + read) / 2
    return _criterion("subject", score, score >= LEAST_SUBJECT and read >= LEAST_SUBJECT, reason)


def _said(named: float, told: float, wish: Wanted) -> str:
    if named >= 0.5:
        return f"its name or tags say {wish.about}"
    return f"its card speaks of {wish.about}" if told >= 0.5 else f"its card says little of {wish.about}"


def size(facts: Facts) -> Criterion:
    """Enough rows in each class to learn from and to measure on."""
    counts = sorted(facts.classes.values())
    middle = statistics.median(counts) if counts else 0
    per_class = (
        f"{len(counts)} classes, {counts[0] if counts else 0:,} to {counts[-1] if counts else 0:,} rows"
    )
    rows = f"{facts.rows:,} rows" if facts.whole else f"{facts.rows:,} rows looked at of more"
    met = facts.rows >= LEAST_ROWS and middle >= LEAST_PER_CLASS and len(counts) >= 2
    reason = f"{rows}, {per_class} each" + ("" if met else ": too few")
    return _criterion("size", middle / ENOUGH_PER_CLASS, met, reason)


def licence(facts: Facts, wish: Wanted) -> Criterion:
    """A licence that allows the stated use: needed where the model is to be published or sold."""
    use, needed = use_of(facts.licence), wish.publish or wish.commercial
    if use is Use.OPEN:
        return _criterion("licence", 1.0, True, f"{facts.licence} allows it", needed)
    if use is Use.RESTRICTED:
        met = not wish.commercial
        reason = f"{facts.licence} restricts what may be done with it"
        return _criterion("licence", 0.4, met, reason, needed)
    what = (
        "it states no licence"
        if facts.licence == "unknown"
        else f"its licence, {facts.licence}, is not known"
    )
    return _criterion("licence", 0.0, False, f"{what}: private use only", needed)


def language(facts: Facts, wish: Wanted) -> Criterion:
    """Whether the texts are in the language that is wanted."""
    spoken, stated = facts.spoken, facts.languages
    found = spoken or (wish.language if wish.language in stated else ", ".join(stated[:3]))
    if not found:
        return _criterion("language", 0.5, True, "its language is not stated")
    score = 1.0 if found == wish.language else 0.0
    seen = "most texts are" if spoken else "its card says"
    return _criterion("language", score, score > 0, f"{seen} {found}")


def flaws(facts: Facts) -> Criterion:
    """What a quick audit of the rows that were read finds."""
    serious = [each for each in facts.findings if each.severity in _FLAWS]
    cost = sum(_FLAWS[each.severity] for each in {each.id: each for each in reversed(serious)}.values())
    worst = (
        f"{serious[0].severity}: {serious[0].id.replace('_', ' ')} ({serious[0].count:,})" if serious else ""
    )
    reason = (
        f"{worst}, and {len(serious) - 1} more" if len(serious) > 1 else worst or "none that would matter"
    )
    return _criterion("flaws", 1.0 - cost, True, reason, needed=False)


def freshness(facts: Facts, today: date) -> Criterion:
    """When it was last changed."""
    try:
        years = (today - date.fromisoformat(facts.modified)).days / 365
    except ValueError:
        return _criterion("freshness", 0.5, True, "its date is not known", needed=False)
    score = 1.0 if years < 1 else 0.7 if years < 3 else 0.4
    return _criterion("freshness", score, True, f"changed {facts.modified}", needed=False)


def popularity(facts: Facts) -> Criterion:
    """How often others fetch it; a weak sign that somebody looked at it."""
    score = popularity_score(facts.downloads)
    return _criterion("use", score, True, f"{facts.downloads:,} downloads", needed=False)


def popularity_score(downloads: int) -> float:
    """0 below ten downloads, 1 from ten thousand on, a quarter more for each digit between."""
    return min(1.0, (len(str(max(0, downloads))) - 1) / 4)


CRITERIA: Final[dict[str, tuple[Callable[..., Criterion], str]]] = {
    "columns": (columns, "yes"),
    "subject": (subject, f"a score of {LEAST_SUBJECT}"),
    "size": (size, f"{LEAST_ROWS} rows, {LEAST_PER_CLASS} in the median class"),
    "licence": (licence, "if the model is to be published or sold"),
    "language": (language, "yes"),
    "flaws": (flaws, "no"),
    "freshness": (freshness, "no"),
    "use": (popularity, "no"),
}
"""By name: how it is judged, and what must be met."""
