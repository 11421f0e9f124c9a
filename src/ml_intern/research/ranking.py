"""From judged candidates to a choice with everyone's reasons."""

from collections.abc import Sequence
from datetime import date

from ml_intern.records.research import Candidate, Criterion, Verdict
from ml_intern.research.criteria import LEAST_SCORE, Facts, judge, total, unmet
from ml_intern.research.queries import Wanted


def rank(facts: Sequence[Facts], wish: Wanted, today: date) -> tuple[Candidate, ...]:
    """The candidates best first, each judged; none is marked chosen yet.

    Unfit ones come last. Where nothing but the name tells two apart, the name decides, so that the order is
    always the same.
    """
    made = [_candidate(each, judge(each, wish, today)) for each in facts]
    return tuple(sorted(made, key=lambda each: (each.verdict is Verdict.UNFIT, -each.score, each.name)))


def choose(ranked: Sequence[Candidate], name: str) -> tuple[Candidate, ...]:
    """The same with `name` marked as chosen, and for each other why it lost against that one."""
    winner = next(each for each in ranked if each.name == name)
    return tuple(
        each.model_copy(
            update={"verdict": Verdict.CHOSEN, "reason": _why_chosen(each)}
            if each.name == name
            else {"reason": each.reason if each.verdict is Verdict.UNFIT else _why_lost(each, winner)}
        )
        for each in ranked
    )


def _candidate(facts: Facts, criteria: tuple[Criterion, ...]) -> Candidate:
    score, lacking = total(criteria), unmet(criteria)
    reasons = [each.reason for each in lacking]
    if not lacking and score < LEAST_SCORE:
        reasons = [f"its score of {score:.2f} is below {LEAST_SCORE}: {_weakest(criteria)}"]
    return Candidate(
        name=facts.name,
        revision=facts.revision,
        verdict=Verdict.UNFIT if reasons else Verdict.LOST,
        score=score,
        reason="; ".join(reasons) or _strengths_of(criteria),
        licence=facts.licence,
        rows=facts.rows or None,
        whole=facts.whole,
        classes=len(facts.classes) or None,
        text=facts.text,
        label=facts.label,
        usable=not facts.trouble and bool(facts.text and facts.label),
        criteria=criteria,
    )


def _why_chosen(candidate: Candidate) -> str:
    """Its strengths; of an unfit one, which only a person chooses, also what it lacks."""
    if candidate.verdict is not Verdict.UNFIT:
        return candidate.reason
    return f"{_strengths_of(candidate.criteria)}; all the same: {candidate.reason}"


def _strengths_of(criteria: Sequence[Criterion]) -> str:
    """What weighs, in a sentence: the criteria with a weight, in their order."""
    told = [each.reason for each in criteria if each.name in ("columns", "subject", "size", "licence")]
    flaws = [f"flaws: {each.reason}" for each in criteria if each.name == "flaws"]
    return "; ".join(told + flaws)


def _weakest(criteria: Sequence[Criterion]) -> str:
    weighed = [each for each in criteria if each.weight]
    return max(weighed, key=lambda each: (1 - each.score) * each.weight).reason


def _why_lost(candidate: Candidate, winner: Candidate) -> str:
    """The criteria by which the winner is ahead, the widest gap first."""
    theirs = {each.name: each for each in winner.criteria}
    gaps = [
        ((theirs[each.name].score - each.score) * each.weight, each)
        for each in candidate.criteria
        if each.name in theirs
    ]
    behind = [each for gap, each in sorted(gaps, key=lambda pair: -pair[0]) if gap > 0.02][:2]
    if not behind:
        return f"as good by the criteria, but {winner.name} was preferred"
    return "; ".join(f"{each.name}: {each.reason}" for each in behind)
