"""Holding more answers back, where texts of no class are answered with confidence."""

from ml_intern.improvement.facts import Facts, Idea, guess
from ml_intern.records.spec import UnknownTarget

ASKED = ("out_of_scope", "gibberish", "one_word", "other_languages", "empty_input")
COVERAGE = 0.9


def suggest(facts: Facts) -> Idea | None:
    """A stricter threshold of the UNKNOWN answer; nothing is trained for it."""
    found = [found for id in ASKED if (found := facts.capability(id))]
    coverage = facts.unknown.coverage  # None where a share of wrong answers was asked for: that is kept
    if not found or coverage is None or coverage <= COVERAGE:
        return None
    failures, cases = (sum(getattr(each, name) for each, _ in found) for name in ("failures", "cases"))
    share = 100 * failures / cases
    return Idea(
        id="unknown",
        title="Answer UNKNOWN more often",
        change="Hold a tenth of the answers back; nothing is trained for it.",
        evidence=tuple(evidence for _, evidence in found),
        measure="texts of no class that are answered",
        expected=guess(share / 2, 0, share, "half of those that are answered now; a guess"),
        strength=share / 2,
        unknown=UnknownTarget(coverage=COVERAGE),
        slower=0.0,
    )
