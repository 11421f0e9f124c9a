"""Label smoothing, where a fine-tuned model is surer than right (Müller et al. 2019, arXiv:1906.02629)."""

from ml_intern.improvement.facts import Facts, Idea, guess
from ml_intern.records.improvements import Evidence

SMOOTHING = 0.1
LEAST_ERROR = 0.02


def suggest(facts: Facts) -> Idea | None:
    """A tenth of each target goes to the other classes."""
    found = facts.evaluation.calibration
    if found is None or facts.setting("label_smoothing") != 0 or found.ece.low <= LEAST_ERROR:
        return None
    ece = found.ece
    return Idea(
        id="label_smoothing",
        title="Smooth the labels",
        change=f"Train against softened targets (label_smoothing={SMOOTHING}).",
        evidence=(
            Evidence(
                source="evaluation.calibration.ece",
                text=f"Confidence and accuracy lie {ece.value:.3f} [{ece.low:.3f}, {ece.high:.3f}] apart.",
            ),
        ),
        measure="calibration error",
        expected=guess(50 * ece.value, 0, 100 * ece.value, "up to half of the error; a guess"),
        strength=100 * ece.low,
        config={"label_smoothing": SMOOTHING},
    )
