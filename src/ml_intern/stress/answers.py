"""What the model answered to each text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Answer:
    """The likeliest class, or `UNKNOWN` of a model that holds back, and its probability."""

    label: str
    confidence: float
    held_back: bool = False


Answers = dict[str, Answer]


def answers(
    texts: Sequence[str],
    probabilities: NDArray[np.float64],
    classes: Sequence[str],
    held_back: NDArray[np.bool_] | None = None,
) -> Answers:
    """Answers by text. `probabilities` is (texts, classes); `held_back` (texts,) marks UNKNOWN answers."""
    best = probabilities.argmax(axis=1)
    held = held_back if held_back is not None else np.zeros(len(texts), dtype=bool)
    return {
        text: Answer(classes[place], float(row[place]), bool(back))
        for text, place, row, back in zip(texts, best, probabilities, held, strict=True)
    }
