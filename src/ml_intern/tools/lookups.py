"""What the research tools share: what may leave in a search, what comes back, and what was read.

A search leaves this machine, so it is a few plain words: credentials and personal data are left out, and a
longer text has no room. Each lookup is told as an event with the keys of its sources; by these a claim's
source is checked later.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from ml_intern.data.masking import mask
from ml_intern.hub.access import PUBLIC, HubAccess, is_configured
from ml_intern.records.display import escape, example
from ml_intern.records.errors import InternError
from ml_intern.records.runs import EventName
from ml_intern.research.citing import key
from ml_intern.workflow.workbench import Done, Unfit, Workbench

MOST_WORDS: Final = 12
MOST_CHARACTERS: Final = 120
LONGEST: Final = 5_500
"""Characters of one result, within what is passed on to a model in one piece."""
_WORD: Final = re.compile(r"[^\W_][\w.+#-]{0,39}")
_OPERATORS: Final = frozenset({"AND", "OR", "NOT", "ANDNOT"})
"""They mean something to a search, and all words are looked for anyway."""
_HIDDEN: Final = "•"
_REPO: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[\w.-]{1,96})?")
_TAG: Final = re.compile(r"[\w.+-]{1,60}")


def is_online(bench: Workbench) -> bool:
    """Whether lookups may go beyond the Hub."""
    return bench.online


def has_papers(bench: Workbench) -> bool:
    """Whether there is a place to look papers up: arXiv, or a Hub that is not our own."""
    return bench.online or is_configured()


def plain_words(query: str) -> list[str]:
    """The words of a query that may leave this machine.

    Raises:
        Unfit: none is left, or there are too many.
    """
    visible = (piece for piece in mask(query).split() if _HIDDEN not in piece)
    words = [word for piece in visible for word in _WORD.findall(piece) if word not in _OPERATORS]
    if not words:
        raise Unfit("say in a few plain words what to search for; credentials and personal data are left out")
    if len(words) > MOST_WORDS or len(" ".join(words)) > MOST_CHARACTERS:
        raise Unfit(f"a search is at most {MOST_WORDS} words and {MOST_CHARACTERS} characters: use fewer")
    return words


def repo_name(repo: str) -> str:
    """`repo` as a name on the Hub, taken out of its address where it is one.

    Raises:
        Unfit: it is none.
    """
    name = re.sub(r"^https://huggingface\.co/(?:datasets/|models/)?", "", repo.strip())
    if not _REPO.fullmatch(name) or mask(name) != name:
        raise Unfit(f"{example(repo)!r} is no name on the Hub: write it like OWNER/NAME")
    return name


def tag(name: str) -> str:
    """`name` as a filter of the Hub.

    Raises:
        Unfit: it is none.
    """
    if not _TAG.fullmatch(name) or mask(name) != name:
        raise Unfit(f"{example(name)!r} is no filter: write it like text-classification, apache-2.0 or en")
    return name


def looked_up(bench: Workbench, what: str, found: str, sources: Iterable[str]) -> Done:
    """What a lookup found. `what` completes the sentence "The brain …" and is told, with the sources."""
    keys = list(dict.fromkeys(key(each) for each in sources))
    news = [(EventName.MESSAGE, {"text": escape(f"The brain {what}."), "sources": keys})]
    return Done(found if len(found) <= LONGEST else f"{found[: LONGEST - 1]}…", (), news)


def out_of_order(what: str, problem: InternError) -> Done:
    """A lookup that came to nothing: the brain may go on without, and the run does not stop for it."""
    text = escape(f"The brain {what}, in vain: {problem.message}")
    return Done(f"{problem.message} {problem.hint}".strip(), (), [(EventName.MESSAGE, {"text": text})])


def quoted(words: Sequence[str]) -> str:
    """A query as it is told."""
    return f"“{' '.join(words)}”"


@contextmanager
def paper_hub(bench: Workbench) -> Iterator[HubAccess]:
    """The Hub to ask for papers: the run's, or, where that is our own, the public one without a token."""
    with bench.hub() as access:
        yield HubAccess(PUBLIC, None, embedded=False) if access.embedded and bench.online else access
