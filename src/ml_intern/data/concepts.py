"""What people call the things that a classifier reads and predicts, as data.

Column names and requests use different words for the same thing: "by issue type" asks for a column
that a dataset may call `category`. Each concept lists the words of a request that name it and the
column names that hold it. Names are written in lower case, words in the singular, joined by spaces.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Concept:
    """A kind of label: words of a request that ask for it, names of columns that hold it."""

    name: str
    words: tuple[str, ...]
    columns: tuple[str, ...]


LABELS: Final = (
    Concept(
        "issue type",
        ("issue type", "issue", "category", "topic", "kind", "type", "subject", "theme", "area", "problem"),
        ("category", "issue type", "issue", "topic", "kind", "type", "theme", "issue category", "area"),
    ),
    Concept("intent", ("intent", "intention", "purpose", "what the user want"), ("intent", "intention")),
    Concept(
        "sentiment",
        ("sentiment", "polarity", "opinion", "positive", "negative", "mood"),
        ("sentiment", "polarity", "opinion"),
    ),
    Concept("emotion", ("emotion", "feeling"), ("emotion", "feeling")),
    Concept("spam", ("spam", "ham", "junk", "phishing"), ("spam", "is spam", "junk", "phishing")),
    Concept(
        "toxicity",
        ("toxicity", "toxic", "hate", "hate speech", "offensive", "abusive", "abuse"),
        ("toxicity", "toxic", "hate", "hate speech", "offensive", "abusive", "is toxic"),
    ),
    Concept(
        "urgency",
        ("urgency", "urgent", "priority", "severity"),
        ("urgency", "priority", "severity", "urgent"),
    ),
    Concept("rating", ("rating", "star", "score"), ("rating", "star", "score")),
    Concept("language", ("language",), ("language", "lang", "locale")),
    Concept(
        "team",
        ("team", "department", "queue", "route", "routing", "assign"),
        ("team", "department", "queue", "group", "assignee group"),
    ),
)
"""Concepts of labels; the order has no meaning."""

GENERIC_LABELS: Final = ("label", "labels", "class", "target", "y", "gold", "gold label", "label text")
"""Names that say "this is the label" whatever the task."""

NOT_LABELS: Final = frozenset(
    "id uuid guid index idx offset start end position date time timestamp url link count length split "
    "author user email name number value".split()
)
"""The last word of column names that are bookkeeping even where their values repeat."""

TEXTS_WRITTEN: Final = frozenset(
    "text utterance instruction query question message ticket content body sentence document review "
    "comment tweet post email complaint request description input transcript".split()
)
"""The last word of columns with what somebody wrote, which a classifier reads."""

TEXTS_SHORT: Final = frozenset({"title", "subject", "headline", "summary", "heading"})
"""Texts that go with a longer one and say less."""

TEXTS_ANSWERED: Final = frozenset(
    "response answer reply output completion resolution solution target translation rationale "
    "explanation note".split()
)
"""Texts that came after the label was known, such as an agent's reply: not there when a model is used."""
