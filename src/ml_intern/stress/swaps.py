"""Pairs of texts that differ in whom they name."""

from collections.abc import Sequence

from ml_intern.stress.material import NO_ROWS, NOT_ENGLISH, Draft, Drafts, Material


def swapped(
    material: Material, name: str, frames: Sequence[str], ones: Sequence[str], others: Sequence[str]
) -> Drafts | str:
    """Rows in a frame with one of `others`, whose original is the row in the same frame with one of `ones`.

    In a frame, `{name}` is who is named and `{}` the row.
    """
    if not material.texts:
        return NO_ROWS
    if not material.english:
        return NOT_ENGLISH
    chance, drafts = material.chance(name), Drafts()
    for text, truth in material.rows(name):
        frame = chance.choice(frames)
        first, second = (
            frame.replace("{name}", chance.choice(names)).replace("{}", text) for names in (ones, others)
        )
        drafts.append(Draft(second, first, truth, same_answer=True))
    return drafts
