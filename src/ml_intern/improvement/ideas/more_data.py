"""More rows for the weakest classes."""

from ml_intern.improvement.facts import Facts, Idea, guess
from ml_intern.records.improvements import Evidence

NAMED = 5


def suggest(facts: Facts) -> Idea | None:
    """Classes that are weaker than the mean beyond doubt."""
    tested = [(place, each) for place, each in enumerate(facts.evaluation.per_class) if each.support]
    mean = sum(each.f1.value for _, each in tested) / max(1, len(tested))
    weak = sorted(((p, e) for p, e in tested if e.f1.high < mean), key=lambda pair: pair[1].f1.value)[:NAMED]
    if not weak:
        return None
    lacking = 100 * sum(mean - each.f1.value for _, each in weak) / len(tested)
    return Idea(
        id="more_data",
        title=f"Collect texts of {', '.join(each.label for _, each in weak)}",
        change="Label more texts of these classes, the ones that are mistaken for others first.",
        evidence=tuple(
            Evidence(
                source=f"evaluation.per_class.{place}.f1",
                text=f"{each.label}: F1 {each.f1.value:.3f} [{each.f1.low:.3f}, {each.f1.high:.3f}], "
                f"{mean:.3f} on average.",
            )
            for place, each in weak
        ),
        measure="macro F1",
        expected=guess(lacking / 2, 0, lacking, "half of what these classes lack; a guess"),
        strength=lacking / 2,
        slower=0.0,
    )
