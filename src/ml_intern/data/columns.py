"""Which column is read and which is predicted, with the reason.

A wrong guess here makes every later number meaningless, so no choice is silent: each carries its
reason and the columns that lost, and where nothing decides the answer is `Ambiguous` and the user is
asked. What a request means by its words stands in `concepts`.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ml_intern.data import concepts
from ml_intern.data.evidence import Evidence, gather
from ml_intern.data.load import Tables
from ml_intern.data.words import asked_for, mentions, tokens
from ml_intern.records.data import ColumnChoice, ColumnProfile
from ml_intern.records.display import escape, listing
from ml_intern.records.errors import DataUnfit, UsageProblem

Role = Literal["text", "label"]
_NAMED: Final = "You named it."


@dataclass(frozen=True)
class Ambiguous:
    """Several columns could play a role and nothing in the request decides between them."""

    role: Role
    candidates: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class ColumnChoices:
    """The outcome for both roles."""

    text: ColumnChoice | Ambiguous
    label: ColumnChoice | Ambiguous


def profile(tables: Tables) -> tuple[ColumnProfile, ...]:
    """One profile for each column, over the rows of all files. White space alone counts as missing."""
    return tuple(evidence.profile for evidence in gather(tables))


def choose(
    tables: Tables, target: str, sentence: str, text: str | None = None, label: str | None = None
) -> ColumnChoices:
    """Find the text and the label column.

    Args:
        tables: the data.
        target: the words of the task that name what is predicted ("issue type"); may be empty.
        sentence: the whole request.
        text: the text column, where the user named it.
        label: the label column, where the user named it.

    Raises:
        UsageProblem: a named column does not exist, or is named for both roles.
        DataUnfit: no column can play one of the roles.
    """
    for role, name in (("text", text), ("label", label)):
        if name is not None and name not in tables.columns:
            raise _no_column(role, name, tables.columns)
    if text is not None and text == label:
        raise UsageProblem(
            f"The column '{escape(text)}' is named as text and as label.", "Name two different columns."
        )
    columns = gather(tables)
    reading = _text(columns, sentence, text, label)
    taken = reading.candidates if isinstance(reading, Ambiguous) else (reading.name,)
    others = [column for column in columns if column.name not in taken]
    return ColumnChoices(reading, _label(others, target, sentence, label))


def objection(tables: Tables, text: str | None, label: str | None) -> str:
    """What the values say against existing columns in these roles, where another fits; empty if nothing."""
    columns = {column.name: column for column in gather(tables)}
    texts = [name for name, column in columns.items() if column.reads_like_text]
    labels = [name for name, column in columns.items() if column.reads_like_label]
    if text is not None and texts and text not in texts:
        return f"{escape(text)!r} does not read like text, as {listing(texts)} does"
    if label is not None and label in texts and label not in labels and (others := set(labels) - {text}):
        return f"{escape(label)!r} reads like text; what reads like a label is {listing(sorted(others))}"
    return ""


def settle(
    tables: Tables,
    target: str,
    sentence: str,
    text: str | None,
    label: str | None,
    ask: Callable[[str, tuple[str, ...]], str | None],
) -> tuple[ColumnChoice, ColumnChoice]:
    """The columns that `choose` finds; where several fit, the user says, through `ask`.

    Raises:
        UsageProblem: nobody answers, or as `choose`.
        DataUnfit: as `choose`.
    """
    while True:
        found = choose(tables, target, sentence, text, label)
        if isinstance(found.text, Ambiguous):
            text = _which(found.text, ask)
        elif isinstance(found.label, Ambiguous):
            label = _which(found.label, ask)
        else:
            return found.text, found.label


def _which(open_choice: Ambiguous, ask: Callable[[str, tuple[str, ...]], str | None]) -> str:
    answer = ask(f"Which column is the {open_choice.role}? {open_choice.why}", open_choice.candidates)
    if answer is None:
        names = listing(open_choice.candidates)
        raise UsageProblem(
            f"Several columns could be the {open_choice.role}: {names}. {open_choice.why}",
            f"Name one with: --{open_choice.role} {open_choice.candidates[0]}",
        )
    return answer


def _no_column(role: str, name: str, columns: tuple[str, ...]) -> UsageProblem:
    near = difflib.get_close_matches(name.casefold(), [column.casefold() for column in columns], n=1)
    meant = next((column for column in columns if near and column.casefold() == near[0]), None)
    return UsageProblem(
        f"There is no column '{escape(name)}' to use as {role}. The columns are {listing(columns, 40)}.",
        f"Did you mean '{escape(meant)}'?" if meant else f"Name one of them with --{role}.",
    )


def _text(
    columns: list[Evidence], sentence: str, named: str | None, label: str | None
) -> ColumnChoice | Ambiguous:
    texts = [column for column in columns if column.reads_like_text and column.name != label]
    # In a small file, labels of several words read like texts, too; that they repeat tells them apart.
    pool = {c.name: c for c in texts if not c.reads_like_label} or {c.name: c for c in texts}
    if named is not None:
        return ColumnChoice(name=named, reason=_NAMED, alternatives=_without(pool, named))
    if not pool:
        raise DataUnfit(
            "No column reads like text: none holds mostly different values of several words. "
            f"The columns are {listing([column.name for column in columns], 40)}.",
            "If one of them is the text, name it with --text.",
        )
    quoted = [name for name in pool if asked_for(sentence, name)]
    best = min(_text_rank(name) for name in pool)
    ranked = [name for name in pool if _text_rank(name) == best]
    first = quoted if len(quoted) == 1 else ranked
    if len(first) > 1:
        return Ambiguous("text", tuple(first), f"{listing(first)} all hold texts of several words.")
    name = first[0]
    reason = f"It holds texts: {pool[name].words:.1f} words on average, {_distinct(pool[name])}."
    if len(quoted) == 1:
        reason += " The request names it."
    elif len(pool) > 1:
        reason += f" {_TEXT_REASONS[best]}"
    return ColumnChoice(name=name, reason=reason, alternatives=_without(pool, name))


_TEXT_REASONS: Final = (
    "Its name says that it is what somebody wrote, which is all a model has when it is used.",
    "The other texts are titles or answers by their names; answers are not there when a model is used.",
    "The other texts are answers by their names, which are not there when a model is used.",
    "No other column is a text that is there when a model is used.",
)


def _text_rank(name: str) -> int:
    """0 what somebody wrote, 1 unknown, 2 titles, 3 answers."""
    last = tokens(name)[-1:]
    kinds = (concepts.TEXTS_WRITTEN, frozenset[str](), concepts.TEXTS_SHORT, concepts.TEXTS_ANSWERED)
    return next((rank for rank, kind in enumerate(kinds) if kind & set(last)), 1)


def _label(others: list[Evidence], target: str, sentence: str, named: str | None) -> ColumnChoice | Ambiguous:
    pool = {column.name: column for column in others if column.reads_like_label}
    if named is not None:
        return ColumnChoice(name=named, reason=_NAMED, alternatives=_without(pool, named))
    # A name that the user wrote counts even where the values are unusual for a label.
    varied = [
        column.name
        for column in others
        if column.name in pool or (column.profile.distinct > 1 and not column.reads_like_text)
    ]
    for names, why in _opinions(varied, list(pool), target, sentence):
        if len(names) > 1:
            return Ambiguous("label", tuple(names), f"{why} {listing(names)}.")
        if names:
            alternatives = _without(pool, names[0])
            rest = f" {listing(alternatives)} could be labels, too." if alternatives else ""
            return ColumnChoice(name=names[0], reason=why + rest, alternatives=alternatives)
    if pool:
        why = "Nothing in the request says which is meant."
        if all(column.profile.distinct == 2 for column in pool.values()):
            why += " If they are one label spread over several columns, write one column with its names."
        return Ambiguous("label", tuple(pool), why)
    single = [column.name for column in others if column.profile.distinct == 1]
    raise DataUnfit(
        "No column reads like a label: none has at least two short values that repeat."
        + (f" The columns besides the text are {listing([c.name for c in others], 40)}." if others else "")
        + (f" Every row has the same value in {listing(single)}." if single else ""),
        "If one of them is the label, name it with --label; it needs at least two classes.",
    )


def _opinions(varied: list[str], pool: list[str], target: str, sentence: str) -> list[tuple[list[str], str]]:
    """What each rule would take, the strongest rule first."""
    target_words, words = tokens(target), tokens(sentence)
    shown = escape(target.strip())
    return [
        (_longest([n for n in varied if mentions(target_words, tokens(n))]), f"The task asks for '{shown}'."),
        (_longest([n for n in varied if asked_for(sentence, n)]), "The request names it."),
        (_by_concept(pool, target_words), f"It is what '{shown}' means here."),
        (_by_concept(pool, words), "It is what the words of the request mean here."),
        (
            [n for n in pool if " ".join(tokens(n)) in concepts.GENERIC_LABELS],
            "Its name says that it is the label.",
        ),
        (_longest([n for n in pool if mentions(words, tokens(n))]), "The request mentions it."),
        (pool if len(pool) == 1 else [], "It is the only column with few short values that repeat."),
    ]


def _longest(names: list[str]) -> list[str]:
    """The names with the most words: "issue type" means `issue_type` rather than `type`."""
    most = max((len(tokens(name)) for name in names), default=0)
    return [name for name in names if len(tokens(name)) == most]


def _by_concept(pool: list[str], words: tuple[str, ...]) -> list[str]:
    """Columns whose name belongs to a concept that `words` name; whole names before last words."""
    meant = [
        tuple(column.split())
        for concept in concepts.LABELS
        if any(mentions(words, tuple(word.split())) for word in concept.words)
        for column in concept.columns
    ]
    whole = [name for name in pool if tokens(name) in meant]
    return whole or [name for name in pool if any(tokens(name)[-len(m) :] == m for m in meant)]


def _without(pool: dict[str, Evidence], name: str) -> tuple[str, ...]:
    return tuple(other for other in pool if other != name)


def _distinct(column: Evidence) -> str:
    return f"{column.profile.distinct:,} different ones in {column.profile.rows:,} rows"
