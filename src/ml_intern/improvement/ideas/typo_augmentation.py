"""Training on noisy copies, where typing errors change answers.

Noise augmentation gained 10.8 points under noise on intent data (Sengupta et al. 2021, arXiv:2104.07149).
"""

from ml_intern.improvement.facts import Facts, Idea, guess

SHARE = 0.5
PUBLISHED = 10.8
HELD = ("typos_heavy", "typos_medium", "typos_light", "ocr_noise")


def suggest(facts: Facts) -> Idea | None:
    """Copies of half of the training rows with typing errors."""
    found = [found for id in HELD if (found := facts.capability(id))]
    if not found or facts.setting("typo_augmentation") != 0:
        return None
    rates = [each.rate for each, _ in found if each.rate]
    worst = max(rates, key=lambda rate: rate.value)
    return Idea(
        id="typo_augmentation",
        title="Train on copies with typing errors",
        change=f"Add noisy copies of {SHARE:.0%} of the training rows (typo_augmentation={SHARE}).",
        evidence=tuple(evidence for _, evidence in found),
        measure="failures under typing errors",
        expected=guess(
            min(PUBLISHED, 50 * worst.value),
            0,
            100 * worst.value,
            "10.8 points under noise on intents (arXiv:2104.07149), at most half of what fails here; a guess",
        ),
        strength=100 * worst.low,
        config={"typo_augmentation": SHARE},
        slower=1 + SHARE,
    )
