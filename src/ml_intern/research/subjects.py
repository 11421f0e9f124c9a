"""What texts are about: words of a request, other names to search by, and words that such texts are full of.

A dataset's name says what its owner calls it; its texts say what it is. So a subject counts as found where
the texts use its words more than those of any other subject here. All words are in the singular and in lower
case.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Subject:
    """A kind of text. `words` ask for it, `others` are further search terms, `texts` its vocabulary."""

    name: str
    words: frozenset[str]
    others: tuple[str, ...]
    texts: frozenset[str]


def _subject(name: str, words: str, others: tuple[str, ...], texts: str) -> Subject:
    return Subject(name, frozenset(words.split()), others, frozenset(texts.split()))


SUBJECTS: Final = (
    _subject(
        "customer support",
        "support ticket helpdesk complaint servicedesk customer crm",
        ("customer service", "helpdesk"),
        "account order refund cancel delivery invoice shipping password payment subscription purchase help "
        "agent complaint address return newsletter login item customer support issue problem bill charged "
        "ticket shipment error install reset contact",
    ),
    _subject(
        "banking",
        "bank banking finance financial fintech",
        ("banking", "financial"),
        "card bank transfer atm cash balance exchange currency transaction pin fee money debit deposit loan "
        "credit statement withdrawal top account payment mortgage",
    ),
    _subject(
        "film reviews",
        "film movie imdb cinema",
        ("movie reviews",),
        "film movie plot actor actress scene character director acting story cast cinema script "
        "performance watch comedy drama ending",
    ),
    _subject(
        "product reviews",
        "review product amazon",
        ("product reviews",),
        "product bought quality price star recommend size fit battery cheap worth disappointed color "
        "work great love perfect broke material brand",
    ),
    _subject(
        "news",
        "news article headline journalism",
        ("news",),
        "president government minister election police company market percent official country said court "
        "shares oil united team season game champion leader attack economy",
    ),
    _subject(
        "social media",
        "tweet twitter social reddit post",
        ("tweets",),
        "rt lol user http tweet follow omg u ur today people love hate think really gonna fan",
    ),
    _subject(
        "mail and messages",
        "sms email mail spam message phishing",
        ("sms spam", "email"),
        "free call text win prize claim mobile txt reply urgent ok later tonight sorry lol meeting subject "
        "attached regards sent stop",
    ),
    _subject(
        "medicine",
        "medical clinical health patient disease symptom doctor",
        ("medical",),
        "patient pain doctor symptom blood disease treatment drug dose cancer chronic fever hospital surgery "
        "infection diagnosis clinical heart",
    ),
    _subject(
        "law",
        "legal law contract court clause",
        ("legal",),
        "agreement party shall court law section contract clause liability plaintiff defendant hereby "
        "termination provision breach right",
    ),
    _subject(
        "voice assistants",
        "assistant chatbot voice utterance dialogue conversational",
        ("virtual assistant",),
        "alarm timer weather song music play recipe calendar reminder temperature flight restaurant light "
        "joke calorie meeting traffic book tell translate mean gas insurance time",
    ),
)
_FEW: Final = 0.05
"""A subject that so few texts speak of is none."""


def subject_of(words: Sequence[str]) -> Subject | None:
    """The subject that most of the words ask for; None where none does."""
    hits = {subject: sum(word in subject.words for word in words) for subject in SUBJECTS}
    best = max(SUBJECTS, key=lambda subject: hits[subject])
    return best if hits[best] else None


def shares(texts: Sequence[str]) -> dict[str, float]:
    """For each subject, the share of the texts that use one of its words."""
    bags = [frozenset(_singular(word) for word in re.findall(r"[a-z]+", text.lower())) for text in texts]
    return {s.name: sum(not s.texts.isdisjoint(bag) for bag in bags) / max(1, len(bags)) for s in SUBJECTS}


def spoken_of(texts: Sequence[str]) -> tuple[str, float] | None:
    """The subject that the texts speak of most, and the share that does; None where no subject is theirs."""
    found = shares(texts)
    name = max(found, key=lambda each: found[each])
    return (name, found[name]) if found[name] > _FEW else None


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
