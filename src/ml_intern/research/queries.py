"""What to ask the Hub for, from the words of a task."""

import re
from dataclasses import dataclass
from typing import Final

from ml_intern.research.subjects import Subject, subject_of

MOST_QUERIES: Final = 10
_END: Final = re.compile(
    r"[.,;:()]|\s(?:using|with|via|then|and (?:report|evaluate|publish|prepare))\s", re.I
)
_EMPTY: Final = frozenset(
    "a an the of in on at by to from for into as or and that which who is are be it its their our my your we "
    "i me us this these those each all any some one per new incoming given short long english german french "
    "spanish build make create train develop fine tune model classifier classification classify label "
    "labelling labeling tag tagging route routing sort detect identify recognize recognise predict assign "
    "filter distinguish flag categorize categorise text sentence data dataset public hugging face hub "
    "machine learning lightweight small transformer according whether want need analysi analyse analyze "
    "commercial free open".split()
)
_PUBLISH: Final = re.compile(r"\b(publish\w*|push(?:ed)? to|upload\w*|release\w*|share\w*)\b", re.I)
_COMMERCIAL: Final = re.compile(r"\bcommercial\w*\b", re.I)
_NOT_COMMERCIAL: Final = re.compile(r"\bnon-?\s?commercial\w*\b", re.I)
_LANGUAGES: Final = {
    "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt", "dutch": "nl",
    "chinese": "zh", "japanese": "ja", "korean": "ko", "arabic": "ar", "russian": "ru", "hindi": "hi",
    "turkish": "tr", "polish": "pl", "english": "en",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the task asks of a dataset. `words` say what texts are about; `language` is an ISO 639-1 code."""

    words: tuple[str, ...]
    target: tuple[str, ...]
    subject: Subject | None
    language: str
    publish: bool
    commercial: bool

    @property
    def about(self) -> str:
        """What the texts are about, in the user's words."""
        return " ".join(self.words) or (self.subject.name if self.subject else "the task")


def wanted(sentence: str, target: str) -> Wanted:
    """Read what the data must be from the task's sentence and the words that name what is predicted."""
    first = _END.split(sentence, maxsplit=1)[0]
    names = tuple(dict.fromkeys(_words(target)))
    words = tuple(dict.fromkeys(word for word in _words(first) if word not in _EMPTY and word not in names))
    language = next((code for name, code in _LANGUAGES.items() if name in sentence.lower().split()), "en")
    return Wanted(
        words=words[:6],
        target=names,
        subject=subject_of((*words, *names)),
        language=language,
        publish=_PUBLISH.search(sentence) is not None,
        commercial=_COMMERCIAL.search(_NOT_COMMERCIAL.sub("", sentence)) is not None,
    )


def queries(wish: Wanted, proposed: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Search terms, the most telling first, `proposed` before our own; short, as each word must be found."""
    pairs = [" ".join(pair) for pair in zip(wish.words, wish.words[1:], strict=False)]
    target = [f"{word} {wish.target[0]}" for word in wish.words[:1] if wish.target]
    others = list(wish.subject.others) if wish.subject else []
    mine = [" ".join(wish.words[:3]), *pairs, *others, *target, *wish.words, " ".join(wish.target)]
    asked = (re.sub(r"[^\w -]", " ", query)[:60].strip().lower() for query in (*proposed[:5], *mine))
    return tuple(dict.fromkeys(query for query in asked if query))[:MOST_QUERIES]


def _words(text: str) -> list[str]:
    return [_singular(word) for word in re.findall(r"[a-z0-9]+", text.lower())]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) and word != "news"
    return word[:-1] if plural else word
