"""Holding answers against what was expected, and counting."""

from collections.abc import Sequence
from typing import Final

from ml_intern.records.metrics import Interval
from ml_intern.records.stress import CapabilityResult, Case
from ml_intern.stress.answers import Answer, Answers
from ml_intern.stress.material import TOLERANCE, Capability, Draft

EXAMPLES: Final = 5


def judge(draft: Draft, answers: Answers) -> Case:
    """The case with its answer. Holding back passes where no class is asked for, not where one is due."""
    given = answers[draft.text]
    before = answers[draft.original].confidence if draft.direction else 0.0
    labels = (answers[draft.original].label,) if draft.same_answer else draft.labels
    return Case(
        text=draft.text,
        original=draft.original,
        labels=labels,
        most_confidence=draft.most_confidence,
        answer=given.label,
        confidence=given.confidence,
        why=_why(draft, labels, given, before),
    )


def _why(draft: Draft, labels: tuple[str, ...], given: Answer, before: float) -> str:
    if given.held_back and not labels:
        return ""
    if labels and given.label not in labels:
        if draft.same_answer:
            return f"the answer changed from {labels[0]} to {given.label}"
        return f"the answer is not {' or '.join(labels)}"
    if draft.forbidden == given.label and given.confidence > draft.most_confidence - 1e-9:
        return f"answered {given.label}, which the text denies"
    if given.confidence > draft.most_confidence:
        return f"{given.confidence:.0%} confidence, where at most {draft.most_confidence:.0%} is justified"
    if draft.direction and draft.direction * (before - given.confidence) > TOLERANCE:
        return f"the confidence went from {before:.2f} to {given.confidence:.2f}"
    return ""


def result(capability: Capability, drafts: Sequence[Draft], answers: Answers) -> CapabilityResult:
    """Everything that one capability showed."""
    cases = [judge(draft, answers) for draft in drafts]
    failed = [case for case in cases if not case.passed]
    worst = sorted(failed, key=lambda case: -case.confidence)
    known = [draft for draft in drafts if draft.truth is not None and draft.original]
    clean = [answers[draft.original].label == draft.truth for draft in known]
    changed = [answers[draft.text].label == draft.truth for draft in known]
    return _filled(
        capability,
        cases=len(cases),
        failures=len(failed),
        rate=share(len(failed), len(cases)),
        clean=share(sum(clean), len(clean)) if known else None,
        changed=share(sum(changed), len(changed)) if known else None,
        drop=paired_drop(clean, changed) if known else None,
        overconfident=sum(case.confidence > case.most_confidence for case in failed),
        examples=tuple([*worst, *(case for case in cases if case.passed)][: EXAMPLES if worst else 2]),
    )


def left_out(capability: Capability, reason: str) -> CapabilityResult:
    """A capability that there was nothing to try of."""
    return _filled(capability, reason=reason)


def _filled(
    capability: Capability,
    cases: int = 0,
    failures: int = 0,
    rate: Interval | None = None,
    clean: Interval | None = None,
    changed: Interval | None = None,
    drop: Interval | None = None,
    overconfident: int = 0,
    reason: str = "",
    examples: tuple[Case, ...] = (),
) -> CapabilityResult:
    return CapabilityResult(
        id=capability.id,
        title=capability.title,
        kind=capability.kind,
        expectation=capability.expectation,
        cases=cases,
        failures=failures,
        rate=rate,
        clean=clean,
        changed=changed,
        drop=drop,
        overconfident=overconfident,
        reason=reason,
        examples=examples,
    )


def share(hits: int, rows: int) -> Interval:
    """A share with Wilson's 95 % interval; 0 to 1 without rows."""
    from scipy.stats import binomtest

    if not rows:
        return Interval(value=0.0, low=0.0, high=1.0)
    found = binomtest(hits, rows).proportion_ci(method="wilson")
    return Interval(value=hits / rows, low=float(found.low), high=float(found.high))


def paired_drop(before: Sequence[bool], after: Sequence[bool]) -> Interval:
    """Share right before less that after, on the same rows, with Newcombe's 95 % interval.

    It joins the Wilson intervals of the two shares by their correlation (Newcombe 1998, "Improved confidence
    intervals for the difference between binomial proportions based on paired data", method 10, Statistics in
    Medicine 17), and holds where nothing was won back, too.
    """
    rows = len(before)
    first, second = share(sum(before), rows), share(sum(after), rows)
    both = sum(b and a for b, a in zip(before, after, strict=True))
    joint = both / rows - first.value * second.value
    spread = (first.value * (1 - first.value) * second.value * (1 - second.value)) ** 0.5
    phi = joint / spread if spread else 0.0
    value = first.value - second.value
    low = _joined(first.value - first.low, second.high - second.value, phi)
    high = _joined(first.high - first.value, second.value - second.low, phi)
    return Interval(value=value, low=max(-1.0, value - low), high=min(1.0, value + high))


def _joined(one: float, other: float, phi: float) -> float:
    return float(max(0.0, one**2 - 2 * phi * one * other + other**2) ** 0.5)
