"""NaN loss: training diverges, and from then on every weight is NaN.

Shows as a loss of NaN or infinity in what the script logs, as a script or check that stops for it, or as
scikit-learn refusing predictions that contain NaN after such a log line.

Fix: a tenth of the learning rate, and gradients clipped to length 1. Steps that are too large are the usual
cause (Goodfellow et al. 2016, "Deep Learning", §8.2.4 and §11.4.1: exploding gradients, learning rate first);
clipping is Pascanu et al. 2013, arXiv 1211.5063. Data and loss stay as they are. It gives up below 1e-7.
"""

import math
import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import last_match

PRIORITY = 80
SIGNS = re.compile(
    r"""(?ix)
    (?<![a-z]) loss ["']? \s{0,3} (?:[:=]|is|became|was)? \s{0,3} -? (?:nan|inf(?:inity)?) \b
    | \b (?:nan|not \s finite|non-finite|infinite) \s (?:training \s)? loss \b
    | \b loss \s (?:is|was|became) \s (?:not \s finite|non-finite|infinite)
    | \b loss \s (?:went|fell) \s from \s \S{1,30} \s to \s -? (?:nan|inf) \b
    | \b step \s \d{1,9} \s has \s a \s value \s that \s is \s not \s finite
    """
)
RATES = ("learning_rate", "head_learning_rate", "lr")
CLIPS = ("max_gradient_norm", "max_grad_norm", "gradient_clipping")
LOWEST_RATE = 1e-7


def recognise(failure: Failure) -> Patch | None:
    """Smaller steps."""
    found = last_match(SIGNS, failure.log)
    rates = {name: failure.config[name] for name in RATES if _is_number(failure.config.get(name))}
    if not found or not rates or min(rates.values()) < LOWEST_RATE:
        return None
    changed: dict[str, float | int] = {name: float(f"{rate / 10:.6g}") for name, rate in rates.items()}
    for name in CLIPS:
        if name in failure.config:
            now = failure.config[name]
            changed[name] = min(float(now), 1.0) if _is_number(now) and now > 0 else 1.0
    clipped = any(name in changed for name in CLIPS)
    return Patch(
        bug="nan_loss",
        explanation=(
            "The loss is no longer a number: the updates were so large that training diverged. The learning "
            "rate is now a tenth of what it was"
            + (", and gradients are clipped to length 1" if clipped else "")
            + ". Data, loss and metric are unchanged."
        ),
        evidence=found[1],
        config=changed,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
