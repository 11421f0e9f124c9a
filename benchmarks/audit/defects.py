"""The defects that are planted, which findings are expected of each, and what counts as found.

A planter changes rows of a copy of the base in place and returns what it planted. Of a pair, finding either
the copy or the text it was made of counts: an audit may call either of two like rows the copy. Rows that may
hold a kind of value by nature are left out of the base before that kind is planted (`carriers`, a coarser
rule than any check would use), so that a true find is not counted as a false alarm.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.audit import edits, rewrites, values
from benchmarks.audit.rows import Plant, Rows, free, relabel, sources

Planter = Callable[[dict[str, Rows], float, random.Random], list[Plant]]
RATES: Final = (0.01, 0.05, 0.10)
SURE: Final = (0.95, 0.90)
NEAR: Final = (0.90, 0.90)


@dataclass(frozen=True)
class Defect:
    """One kind of defect. `checks` are the modules in `data/checks` of which one at least must exist."""

    plant: Planter
    ids: tuple[str, ...]
    checks: tuple[str, ...]
    part: str = "train"
    goal: tuple[float, float] | None = None
    """Recall and precision to be reached; None where none was set."""
    rates: tuple[float, ...] = RATES
    carriers: str | None = None


def copies(edit: edits.Edit, into: str = "train") -> Planter:
    """Rows of `into` become edited copies, label included, of training rows that nothing else touches."""

    def plant(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
        train, target = parts["train"], parts[into]
        plants = []
        origins = sources(train, edit, round(rate * len(target)), chance)
        taken = {source for source, _ in origins} if into == "train" else set()
        places = free(target, len(origins), taken, chance)
        for row, (source, text) in zip(places, origins, strict=True):
            target.text[row], target.label[row] = text, train.label[source]
            plants.append(Plant(row, source if into == "train" else None))
        return plants

    return plant


def rewritten(rewrite: Callable[[str, str, random.Random], str]) -> Planter:
    """Training rows get another text, made of their own text and label."""

    def plant(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
        rows = parts["train"]
        places = free(rows, round(rate * len(rows)), set(), chance)
        for row in places:
            rows.text[row] = rewrite(rows.text[row] or "", rows.label[row] or "", chance)
        return [Plant(row) for row in places]

    return plant


def conflicts(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
    """Training rows become exact copies of others under another label."""
    plants = copies(edits.exact)(parts, rate, chance)
    relabel(parts["train"], [plant.row for plant in plants], chance)
    return plants


def noise(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
    """Training rows get one of the other labels, each as likely."""
    rows = parts["train"]
    places = free(rows, round(rate * len(rows)), set(), chance)
    relabel(rows, places, chance)
    return [Plant(row) for row in places]


def emptied(column: str) -> Planter:
    """Training rows lose text or label: an empty field or white space."""

    def plant(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
        rows = parts["train"]
        places = free(rows, round(rate * len(rows)), set(), chance)
        for row in places:
            getattr(rows, column)[row] = chance.choice((None, "", " ", "\t"))
        return [Plant(row) for row in places]

    return plant


def _personal(kind: str, value: Callable[[random.Random], str], carriers: str) -> Defect:
    plant = rewritten(rewrites.with_value(value))
    return Defect(plant, (f"personal_data_{kind}",), ("personal_data",), "train", SURE, carriers=carriers)


_REPEATS: Final = ("test_rows_repeat_training",)
_NEARLY: Final = ("test_rows_nearly_repeat_training",)
_DIGITS: Final = r"(?:\d\D{0,2}){7}"

DEFECTS: Final[dict[str, Defect]] = {
    "exact_copies": Defect(copies(edits.exact), ("exact_duplicates",), ("exact_duplicates",), goal=SURE),
    "normalised_copies": Defect(
        copies(edits.normalised), ("normalised_duplicates",), ("normalised_duplicates",), goal=SURE
    ),
    **{
        f"near_copies_{kind}": Defect(copies(edit), ("near_duplicates",), ("near_duplicates",), goal=NEAR)
        for kind, edit in {**edits.NEAR, "mixed": edits.mixed}.items()
    },
    "exact_copies_in_test": Defect(copies(edits.exact, "test"), _REPEATS, ("split_overlap",), "test", SURE),
    "normalised_copies_in_test": Defect(
        copies(edits.normalised, "test"), _REPEATS, ("split_overlap",), "test", SURE
    ),
    **{
        f"near_copies_in_test_{kind}": Defect(copies(edit, "test"), _NEARLY, ("near_overlap",), "test", NEAR)
        for kind, edit in {**edits.NEAR, "mixed": edits.mixed}.items()
    },
    "conflicting_labels": Defect(conflicts, ("conflicting_labels",), ("conflicting_labels",), goal=SURE),
    "missing_text": Defect(emptied("text"), ("missing_text",), ("missing",), goal=SURE),
    "missing_label": Defect(emptied("label"), ("missing_label",), ("missing",), goal=SURE),
    "markup": Defect(rewritten(rewrites.markup), ("markup",), ("markup",), goal=SURE, carriers=r"[<>]|&\w+;"),
    "personal_data_email": _personal("email", values.email, r"\S@\S+\.\S"),
    "personal_data_phone": _personal("phone", values.phone, _DIGITS),
    "personal_data_card": _personal("card", values.card, _DIGITS),
    "personal_data_iban": _personal("iban", values.iban, _DIGITS),
    "secrets": Defect(
        rewritten(rewrites.with_value(values.secret)), ("secrets",), ("secrets",), carriers=r"\S{24}"
    ),
    "placeholders": Defect(
        rewritten(rewrites.placeholder), ("placeholders",), ("placeholders",), carriers=r"[\[\]{}<>%#_]|XX"
    ),
    "mojibake": Defect(rewritten(rewrites.mojibake), ("mojibake",), ("mojibake",), carriers=r"[^\x00-\x7f]"),
    "gibberish": Defect(
        rewritten(lambda text, label, chance: values.gibberish(chance)), ("gibberish",), ("gibberish",)
    ),
    "text_equals_label": Defect(
        rewritten(rewrites.label_name), ("text_equals_label",), ("text_equals_label",)
    ),
    "other_language": Defect(
        rewritten(lambda text, label, chance: values.foreign(chance)),
        ("mixed_languages", "other_language", "other_script"),
        ("mixed_languages",),
    ),
    "template_families": Defect(rewrites.families, ("template_families",), ("template_families",)),
    "label_noise": Defect(noise, ("label_errors",), ("label_errors",), rates=(0.05,)),
    "shortcut_token": Defect(rewrites.shortcut, ("shortcut_tokens",), ("shortcut_tokens",)),
    "group_leakage": Defect(rewrites.groups, ("group_leakage",), ("group_leakage",), "test"),
}
