"""Weighing rare classes up, where they are weaker than the rest."""

from ml_intern.improvement.facts import Facts, Idea, guess
from ml_intern.records.improvements import Evidence

RARE = 0.2
"""Of the rows of the largest class."""


def suggest(facts: Facts) -> Idea | None:
    """Balanced class weights."""
    sizes = {label: sum(parts.values()) for label, parts in facts.report.classes.items()}
    scores = facts.evaluation.per_class
    largest = max(sizes.values(), default=0)
    rare = [
        (place, score)
        for place, score in enumerate(scores)
        if score.support and sizes.get(score.label, 0) < RARE * largest
    ]
    if not rare or facts.setting("class_weight") is not None or "class_weight" not in facts.script.config:
        return None
    others = [score.f1.value for score in scores if score.support and score not in [r for _, r in rare]]
    usual = sum(others) / len(others) if others else 1.0
    weak = [(place, score) for place, score in rare if score.f1.high < usual]
    if not weak:
        return None
    loss = sum(usual - score.f1.value for _, score in weak) / len(scores)
    return Idea(
        id="class_weight",
        title="Give rare classes more weight",
        change="Weigh rows by how rare their class is (class_weight=balanced).",
        evidence=tuple(
            Evidence(
                source=f"evaluation.per_class.{place}.f1",
                text=f"{score.label}: F1 {score.f1.value:.3f} [{score.f1.low:.3f}, {score.f1.high:.3f}] on "
                f"{sizes[score.label]} rows of data; common classes have {usual:.3f} on average.",
            )
            for place, score in weak[:5]
        ),
        measure="macro F1",
        expected=guess(
            25 * loss, -100 * loss / 4, 100 * loss, "a quarter of what rare classes lack; a guess"
        ),
        strength=100 * loss,
        config={"class_weight": "balanced"},
    )
