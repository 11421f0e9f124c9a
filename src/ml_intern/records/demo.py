"""What the demo of a packaged model shows."""

from ml_intern.records.base import Artifact, Record


class DemoExample(Record):
    """A text that the model was tried with; `probability` is that of its likeliest class.

    `expected` and `answer` are labels, or the word for no class.
    """

    text: str
    expected: str
    answer: str
    probability: float


class Demo(Artifact):
    """All texts that were tried; the app shows some that came out as expected, and some that did not."""

    examples: tuple[DemoExample, ...]
