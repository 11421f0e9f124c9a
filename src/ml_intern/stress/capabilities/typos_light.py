"""Typing errors, light: keys beside the right one, letters swapped, dropped or doubled, words run on."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed
from ml_intern.stress.typing_errors import LIGHT, with_typos


def make(material: Material) -> Drafts | str:
    """Rows with about a tenth of their words mistyped."""
    return changed(
        material, "typos_light", lambda text, chance: with_typos(text, LIGHT, chance), english=False
    )


CAPABILITY = Capability(
    "typos_light",
    f"Typing errors in {LIGHT:.0%} of the words",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
