"""Typing errors, medium: keys beside the right one, letters swapped, dropped or doubled, words run on."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed
from ml_intern.stress.typing_errors import MEDIUM, with_typos


def make(material: Material) -> Drafts | str:
    """Rows with about a quarter of their words mistyped."""
    return changed(
        material, "typos_medium", lambda text, chance: with_typos(text, MEDIUM, chance), english=False
    )


CAPABILITY = Capability(
    "typos_medium",
    f"Typing errors in {MEDIUM:.0%} of the words",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
