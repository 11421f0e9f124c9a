"""Defects of single rows and of whole groups of rows."""

import random
from collections.abc import Callable
from itertools import count

from benchmarks.audit.rows import Plant, Rows, free

_FAMILY = 10
_SLOTS = (
    "Berlin Paris Madrid London Oslo Vienna Dublin Lisbon Athens Warsaw Prague Rome Cairo Tokyo Delhi Lima "
    "Boston Denver Austin Dallas"
).split()
_FOREIGN_WORDS = ("café", "naïve", "don’t", "“quoted”", "Zürich", "señor", "20 €", "crème", "– right")
_PLACEHOLDERS = (
    "{{Order Number}}",
    "[NAME]",
    "<EMAIL>",
    "{{Customer Name}}",
    "[PHONE NUMBER]",
    "${user_name}",
    "XXXXXXXX",
)


def _into(text: str, piece: str, chance: random.Random) -> str:
    words = text.split()
    words.insert(chance.randint(0, len(words)), piece)
    return " ".join(words)


def with_value(value: Callable[[random.Random], str]) -> Callable[[str, str, random.Random], str]:
    """A made-up value somewhere in the text."""
    return lambda text, label, chance: _into(text, value(chance), chance)


def placeholder(text: str, label: str, chance: random.Random) -> str:
    """A template token somewhere in the text."""
    return _into(text, chance.choice(_PLACEHOLDERS), chance)


def markup(text: str, label: str, chance: random.Random) -> str:
    """HTML as scraping leaves it: an element about the text, a break, a link, an entity."""
    words = text.split()
    i = chance.randrange(len(words))
    linked = [*words[:i], f'<a href="https://acme.io/{i}">{words[i]}</a>', *words[i + 1 :]]
    bold = [*words[:i], f"<b>{words[i]}</b>", *words[i + 1 :]]
    forms = (f"<p>{text}</p>", f'<div class="post">{text}</div>', " ".join(linked), " ".join(bold))
    return chance.choice(
        (*forms, _into(text, "<br/>", chance), _into(text, "&nbsp;", chance), f"{text} &amp; more")
    )


def mojibake(text: str, label: str, chance: random.Random) -> str:
    """A word with a letter or a sign beyond ASCII, written as UTF-8 and read as Windows-1252."""
    word = chance.choice(_FOREIGN_WORDS).encode().decode("cp1252", errors="replace")
    return _into(text, word, chance)


def label_name(text: str, label: str, chance: random.Random) -> str:
    """The label's name as it is, or as words."""
    return chance.choice((label, label.replace("_", " "), label.lower()))


def families(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
    """Families of rows that are one template with another word in the same place; all of them count."""
    rows = parts["train"]
    wanted = max(1, round(rate * len(rows) / _FAMILY))
    long = [row for row in range(len(rows)) if len((rows.text[row] or "").split()) >= 6]
    patterns = chance.sample(long, wanted)
    places = free(rows, wanted * _FAMILY, set(patterns), chance)
    for number, pattern in enumerate(patterns):
        words = (rows.text[pattern] or "").split()
        i = chance.randrange(1, len(words))
        for slot, row in zip(chance.sample(_SLOTS, _FAMILY), places[number * _FAMILY :], strict=False):
            rows.text[row] = " ".join((*words[:i], slot, *words[i + 1 :]))
            rows.label[row] = rows.label[pattern]
    return [Plant(row) for row in places]


def shortcut(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
    """A ticket number with a prefix of its own in the rows of one class after another, as many as needed.

    Test rows of the class get it, too, as an accident of collection would have it.
    """
    train, left = parts["train"], round(rate * len(parts["train"]))
    plants: list[Plant] = []
    classes = sorted({label for label in train.label if label})
    for prefix, label in zip(count(1), chance.sample(classes, len(classes)), strict=False):
        if not left:
            break
        for name, rows in parts.items():
            mine = [row for row in range(len(rows)) if rows.label[row] == label]
            chosen = chance.sample(mine, min(left, len(mine))) if name == "train" else mine
            for row in chosen:
                token = f"q{chr(96 + prefix % 26)}x-{chance.randint(10000, 99999)}"
                rows.text[row] = f"{token} {rows.text[row]}"
            if name == "train":
                plants += [Plant(row) for row in chosen]
                taken = len(chosen)
        left -= taken
    return plants


def groups(parts: dict[str, Rows], rate: float, chance: random.Random) -> list[Plant]:
    """A column `customer_id`, four rows each, in which test rows get the customer of a training row."""
    for name, rows in parts.items():
        ids = [f"{name}-{row // 4}" for row in range(len(rows))]
        rows.more["customer_id"] = chance.sample(ids, len(ids))
    test = parts["test"]
    places = free(test, round(rate * len(test)), set(), chance)
    for row in places:
        test.more["customer_id"][row] = chance.choice(parts["train"].more["customer_id"])
    return [Plant(row) for row in places]
