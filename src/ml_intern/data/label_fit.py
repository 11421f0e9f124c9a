"""How well a label column answers a task, judged by its name."""

from typing import Literal

from ml_intern.data import concepts
from ml_intern.data.words import asked_for, mentions, tokens

Fit = Literal["named", "meant", "generic", "other", "only"]


def label_fit(column: str, target: str, sentence: str) -> Fit:
    """What speaks for `column` as the label of a task that asks for `target`.

    `named`: the task says its name. `meant`: both belong to one concept. `generic`: it is called a label.
    `other`: it belongs to another concept than the one asked for. `only`: its name says nothing.
    """
    name, wanted = tokens(column), tokens(target)
    if mentions(wanted, name) or asked_for(sentence, column):
        return "named"
    meant = [c for c in concepts.LABELS if any(mentions(wanted, tuple(w.split())) for w in c.words)]
    holding = [c for c in concepts.LABELS if " ".join(name) in c.columns or name[-1:] in _lasts(c)]
    if any(concept in meant for concept in holding):
        return "meant"
    if " ".join(name) in concepts.GENERIC_LABELS:
        return "generic"
    return "other" if meant and holding and not _akin(meant, holding) else "only"


def _lasts(concept: concepts.Concept) -> list[tuple[str, ...]]:
    return [tuple(each.split()) for each in concept.columns if " " not in each]


def _akin(meant: list[concepts.Concept], holding: list[concepts.Concept]) -> bool:
    """An intent says what a text is about as an issue type does, so that neither contradicts the other."""
    return {"issue type", "intent"} >= {concept.name for concept in (*meant, *holding)}
