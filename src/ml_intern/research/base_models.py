"""How base models are judged, and which one a transformer starts from where the task names none.

What weighs most is a measured score that stands behind a model on short texts like these (see `knowledge`): a
model without one may be better, but nobody here can say so. Then come its size, as jobs run on CPUs
unless told otherwise, and its licence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ml_intern.records.research import Candidate, Criterion, Verdict
from ml_intern.research.criteria import popularity_score, total, unmet
from ml_intern.research.knowledge import references
from ml_intern.research.licences import Use, use_of
from ml_intern.research.queries import Wanted

SMALL: Final = 25_000_000
LARGEST: Final = 400_000_000
"""Parameters that a laptop has the memory to fine-tune: 16 bytes each with AdamW in single precision."""


@dataclass(frozen=True)
class ModelFacts:
    """What is known about a base model. `parameters` is None where nobody says."""

    name: str
    revision: str
    licence: str
    parameters: int | None
    safe: bool
    needs_code: bool
    gated: bool
    languages: tuple[str, ...]
    downloads: int


def rank_models(facts: Sequence[ModelFacts], wish: Wanted) -> tuple[Candidate, ...]:
    """The candidates best first, unfit ones last, none marked chosen."""
    made = [_candidate(each, _judge(each, wish)) for each in facts]
    return tuple(sorted(made, key=lambda each: (each.verdict is Verdict.UNFIT, -each.score, each.name)))


def _candidate(facts: ModelFacts, criteria: tuple[Criterion, ...]) -> Candidate:
    lacking = unmet(criteria)
    told = lacking or [each for each in criteria if each.name in ("evidence", "size", "licence")]
    return Candidate(
        name=facts.name,
        revision=facts.revision,
        verdict=Verdict.UNFIT if lacking else Verdict.LOST,
        score=total(criteria),
        reason="; ".join(each.reason for each in told),
        licence=facts.licence,
        usable=not lacking,
        criteria=criteria,
    )


def _judge(facts: ModelFacts, wish: Wanted) -> tuple[Criterion, ...]:
    return (_weights(facts), _evidence(facts), _size(facts), _licence(facts, wish), _language(facts, wish),
            Criterion(name="use", score=popularity_score(facts.downloads), weight=0.5, needed=False, met=True,
                      reason=f"{facts.downloads:,} downloads"))  # fmt: skip


def _weights(facts: ModelFacts) -> Criterion:
    trouble = "" if facts.safe else "it has no safetensors weights, and pickles are never loaded"
    if facts.needs_code:
        trouble = "it runs code of its own, which is never run here"
    if facts.gated:
        trouble = "it is gated: its owner grants access"
    met = not trouble
    reason = trouble or "safetensors weights"
    return Criterion(name="weights", score=float(met), weight=0.0, needed=True, met=met, reason=reason)


def _evidence(facts: ModelFacts) -> Criterion:
    """Scores of exactly this model; a cousin of like name says nothing."""
    name = re.sub(r"-(?:base|uncased|cased)\b", "", facts.name.lower().rpartition("/")[2])
    said = re.compile(rf"(?<![\w-]){re.escape(name)}(?:-base)?(?![\w-])")
    known = [each for each in references().values() if said.search(each.model.lower())]
    told = ", ".join(f"{each.score} % on {each.dataset}" for each in known[:2])
    reason = f"measured elsewhere: {told}" if told else "no score on a task like this is known"
    return Criterion(
        name="evidence", score=float(bool(known)), weight=3.0, needed=False, met=True, reason=reason
    )


def _size(facts: ModelFacts) -> Criterion:
    if facts.parameters is None:
        return Criterion(name="size", score=0.2, weight=2.0, needed=False, met=True, reason="size not stated")
    met = facts.parameters <= LARGEST
    reason = f"{facts.parameters / 1e6:,.1f} million parameters" + ("" if met else ": too many to train here")
    score = round(min(1.0, (SMALL / max(1, facts.parameters)) ** 0.5), 3)
    return Criterion(name="size", score=score, weight=2.0, needed=True, met=met, reason=reason)


def _licence(facts: ModelFacts, wish: Wanted) -> Criterion:
    use = use_of(facts.licence)
    met = use is Use.OPEN or (use is Use.RESTRICTED and not wish.commercial)
    score = {Use.OPEN: 1.0, Use.RESTRICTED: 0.4, Use.UNKNOWN: 0.0}[use]
    needed = wish.publish or wish.commercial
    reason = f"licence {facts.licence}" + ("" if met else ": not known to allow it")
    return Criterion(name="licence", score=score, weight=2.0, needed=needed, met=met, reason=reason)


def _language(facts: ModelFacts, wish: Wanted) -> Criterion:
    fits = not facts.languages or wish.language in facts.languages or "multilingual" in facts.languages
    reason = f"for {', '.join(facts.languages[:3])}" if facts.languages else "its languages are not stated"
    score = 0.5 if not facts.languages else float(fits)
    return Criterion(name="language", score=score, weight=1.0, needed=True, met=fits, reason=reason)
