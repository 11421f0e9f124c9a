"""Typing errors, heavy: keys beside the right one, letters swapped, dropped or doubled, words run on."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed
from ml_intern.stress.typing_errors import HEAVY, with_typos


def make(material: Material) -> Drafts | str:
    """Rows with about half of their words mistyped."""
    return changed(
        material, "typos_heavy", lambda text, chance: with_typos(text, HEAVY, chance), english=False
    )


CAPABILITY = Capability(
    "typos_heavy",
    f"Typing errors in {HEAVY:.0%} of the words",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
