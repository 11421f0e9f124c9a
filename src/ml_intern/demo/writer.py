"""Writing one readable ticket after the other from the phrase bank."""

import random
import re
import tomllib
from pathlib import Path
from typing import Any, Final

_ALTERNATIVES: Final = re.compile(r"\[([^\[\]]*)\]")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final = re.compile(r"\b[1-9][\d.]*\d\b")  # not the 12 of "12th"

_VAGUE: Final = 0.18
"""Share of main sentences that would fit a second issue as well."""
_DETAIL, _ASIDE, _FILLER = 0.35, 0.15, 0.2
_ASIDE_FIRST: Final = 0.4
_CLOSER: Final = 0.5
_TYPO: Final = 0.1
_ATTEMPTS: Final = 1000


class TicketWriter:
    """Writes tickets that all differ in their letters, so that none repeats another by accident."""

    def __init__(self, chance: random.Random):
        text = Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8")
        self._phrases: dict[str, Any] = tomllib.loads(text)
        self._chance = chance
        self._seen: set[str] = set()
        self._used: dict[str, list[str]] = {}
        self.issues: list[str] = list(self._phrases["issues"])
        vague = [set(group["issues"]) for group in self._phrases["vague"]]
        self.partners = {
            issue: sorted(set().union(*(pair for pair in vague if issue in pair)) - {issue})
            for issue in self.issues
        }
        """The issues that people mix up with each issue."""

    def write(self, issue: str) -> str:
        """A new ticket about `issue`.

        Raises:
            ValueError: the phrase bank has no more tickets to give.
        """
        for _ in range(_ATTEMPTS):
            tones = self._phrases["tones"]
            name = self._chance.choices(list(tones), [tone["weight"] for tone in tones.values()])[0]
            self._used = {}
            text = self._typo(self._terse(issue) if name == "terse" else self._letter(issue, name))
            letters = "".join(filter(str.isalpha, text.casefold()))
            if letters not in self._seen:
                self._seen.add(letters)
                return text
        raise ValueError(f"there are no more different tickets about {issue}; ask for fewer rows")

    def alter(self, text: str) -> str:
        """The text with other digits, another case or other punctuation, and the same words."""
        renumbered = _NUMBER.sub(self._digits, text)
        if renumbered != text and self._chance.random() < 0.5:
            return renumbered
        ending = self._chance.choice(["", "!", "...", " !!"])
        options = {text.upper(), text.lower(), text.rstrip(".!?") + ending} - {text}
        return self._chance.choice(sorted(options))

    def _terse(self, issue: str) -> str:
        tone = self._phrases["tones"]["terse"]
        main = self._fill(self._main(issue, "terse"))
        opener = self._fill(self._chance.choice(tone["openers"]))
        if self._chance.random() >= _CLOSER:
            return opener + main
        gap = " " if main.endswith((".", "?")) else ", "
        return opener + main + gap + self._fill(self._chance.choice(tone["closers"]))

    def _letter(self, issue: str, name: str) -> str:
        """An opener, the main sentence and up to two more."""
        tone, draw = self._phrases["tones"][name], self._chance.random()
        opener = self._fill(self._chance.choice(tone["openers"]))
        main, more = self._fill(self._main(issue, "problems")), ""
        if draw < _DETAIL:
            more = self._fill(self._chance.choice(self._phrases["issues"][issue]["details"]))
        elif draw < _DETAIL + _ASIDE:
            main, more = self._with_aside(issue, main)
        elif draw < _DETAIL + _ASIDE + _FILLER:
            more = self._fill(self._filler())
        if name == "angry" and self._chance.random() < 0.5:
            main = main.upper() if self._chance.random() < 0.3 else main.rstrip(".") + "!"
        closer = self._fill(self._chance.choice(tone["closers"])) if self._chance.random() < _CLOSER else ""
        first = opener + (main if opener.endswith((", ", ": ", "but ")) else _capital(main))
        return " ".join(filter(None, [_capital(first), _capital(more), _capital(closer)]))

    def _main(self, issue: str, kind: str) -> str:
        vague = [group for group in self._phrases["vague"] if issue in group["issues"]]
        if vague and self._chance.random() < _VAGUE:
            return str(self._chance.choice(self._chance.choice(vague)["sentences"]))
        return str(self._chance.choice(self._phrases["issues"][issue][kind]))

    def _with_aside(self, issue: str, main: str) -> tuple[str, str]:
        """The main sentence beside a mention of another issue, often one that it is mixed up with."""
        near = self.partners[issue] if self._chance.random() < 0.5 else []
        other = self._chance.choice(near or [name for name in self.issues if name != issue])
        aside = self._chance.choice(self._phrases["issues"][other]["asides"])
        first = self._chance.random() < _ASIDE_FIRST
        frame = self._chance.choice(self._phrases["aside"]["before" if first else "after"])
        self._used.clear()  # the other issue is about another order and another thing
        said = self._fill(frame.replace("{aside}", aside))
        return (said + main, "") if first else (main, said)

    def _filler(self) -> str:
        """A sentence about nothing, which names nothing that was named already."""
        sentences = self._phrases["filler"]["sentences"]
        return str(self._chance.choice([s for s in sentences if not set(_SLOT.findall(s)) & set(self._used)]))

    def _fill(self, phrase: str) -> str:
        """The phrase with its alternatives chosen and its slots filled."""
        phrase = _ALTERNATIVES.sub(lambda match: self._chance.choice(match[1].split("|")), phrase)
        return _SLOT.sub(lambda match: self._draw(match[1]), phrase)

    def _draw(self, name: str) -> str:
        """A value for a slot: a ticket is about one item and one order; other values do not come twice."""
        used = self._used.setdefault(name, [])
        if name in ("item", "order") and used:
            return used[0]
        if name in self._phrases["slots"]:
            fresh = [value for value in self._phrases["slots"][name] if value not in used]
            value = self._chance.choice(fresh)
            used.append(value)
            filled = self._fill(value)
            used[-1] = filled if name in ("item", "order") else value
            return filled
        return self._figure(name)

    def _figure(self, name: str) -> str:
        if name == "digits":
            return str(self._chance.randint(10_000, 99_999))
        if name == "price":
            return f"{self._chance.randint(5, 240)}.{self._chance.choice(['00', '50', '90', '95', '99'])}"
        if name == "ordinal":
            day = self._chance.randint(4, 20)  # all end in "th"
            return f"{day}th"
        raise KeyError(f"the phrase bank has no slot {name!r}")

    def _digits(self, number: re.Match[str]) -> str:
        other = re.sub(r"\d", lambda _: str(self._chance.randint(1, 9)), number[0])
        return other if other != number[0] else self._digits(number)

    def _typo(self, text: str) -> str:
        """Now and then two letters of a word swapped, one left out or one doubled."""
        words = list(re.finditer(r"[a-z]{5,}", text))
        if not words or self._chance.random() >= _TYPO:
            return text
        at = self._chance.choice(words).start() + self._chance.randint(1, 2)
        a, b = text[at], text[at + 1]
        return text[:at] + self._chance.choice([b + a, b, a + a + b]) + text[at + 2 :]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
