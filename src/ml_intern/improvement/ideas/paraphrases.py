"""Other words for the same request: to be collected, since made-up ones teach a model our habits."""

from ml_intern.improvement.facts import Facts, Idea, guess

HELD = ("paraphrase", "synonyms", "politeness", "anger", "irrelevant_prefix", "irrelevant_suffix")


def suggest(facts: Facts) -> Idea | None:
    """Paraphrases by people, or by a model that a person checks."""
    found = [found for id in HELD if (found := facts.capability(id))]
    if not found:
        return None
    failures, cases = (sum(getattr(each, name) for each, _ in found) for name in ("failures", "cases"))
    share = 100 * failures / cases
    return Idea(
        id="paraphrases",
        title="Collect paraphrases",
        change="Add texts that say the same in other words, also with small talk and moods around them.",
        evidence=tuple(evidence for _, evidence in found),
        measure="answers that wording changes",
        expected=guess(share / 2, 0, share, "half of those that fail now; a guess"),
        strength=share / 2,
        slower=0.0,
    )
