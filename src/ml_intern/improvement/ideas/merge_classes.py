"""Making one of two classes that are mistaken for each other."""

from ml_intern.improvement.facts import Facts, Idea, guess
from ml_intern.records.improvements import Evidence

LEAST_ROWS = 5
LEAST_SHARE = 0.1


def suggest(facts: Facts) -> Idea | None:
    """The pair that is confused most, where a tenth of the class goes wrong that way."""
    pairs = [
        (place, each)
        for place, each in enumerate(facts.evaluation.confused)
        if each.rows >= LEAST_ROWS and each.share >= LEAST_SHARE
    ]
    if not pairs:
        return None
    place, pair = max(pairs, key=lambda each: each[1].rows)
    points = 100 * pair.rows / facts.evaluation.rows
    return Idea(
        id="merge_classes",
        title=f"See whether {pair.truth} and {pair.answer} are one class",
        change="If users need no difference between them, give both one label; else write down what it is.",
        evidence=(
            Evidence(
                source=f"evaluation.confused.{place}.rows",
                text=f"{pair.rows} test rows of {pair.truth} ({pair.share:.0%}) are answered {pair.answer}.",
            ),
        ),
        measure="accuracy",
        expected=guess(points, 0, 2 * points, "the rows of this pair, both ways at most"),
        strength=points,
        slower=0.0,
    )
