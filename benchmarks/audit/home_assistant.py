"""Sentences for a home assistant, written out from the grammar that home-assistant-intents carries.

The package holds no sentences but templates such as "turn (on|off) [the] {name}" (the syntax of hassil, the
parser of Home Assistant): `[x]` may be left out, `(a|b)` is one of several, `<rule>` stands for another
template, `{list}` for a value. Each template is written out a few times at random.
"""

import json
import random
import re
import zipfile
from pathlib import Path
from typing import Any, Final

EACH: Final = 4
_MEMBER: Final = "home_assistant_intents/data/en.json"
_TOKEN: Final = re.compile(r"[\[\]()|;]|\{[^}]*\}|<[^>]*>|[^\[\]()|;{}<>]+")
_OWN: Final = {
    "name": "lamp|fan|heater|bedside light|curtain|front door|garage door|air purifier|coffee machine|oven",
    "area": "kitchen|bedroom|living room|office|hallway|bathroom|garage|nursery|attic|dining room",
    "floor": "ground floor|first floor|basement|upper floor",
    "timer_name": "pasta|laundry|tea|nap|homework|bread",
    "shopping_list_item": "milk|eggs|olive oil|dog food|toilet paper|bananas|rye bread|batteries",
    "todo_list_item": "call the dentist|water the plants|renew the passport|pay rent|buy a gift",
    "search_query": "jazz|the evening news|Miles Davis|a podcast about history|Bohemian Rhapsody",
    "message": "dinner is ready|we leave in ten minutes|bedtime|the guests are here",
    "zone": "work|school|home|the gym",
    "person": "Anna|Marco|Grandma|Peter",
}
"""Values for lists that the package leaves to the user's home."""


def sentences(wheel: Path, chance: random.Random) -> list[tuple[str, str]]:
    """(sentence, intent), `EACH` tries for each template; equal ones once."""
    with zipfile.ZipFile(wheel) as archive:
        grammar = json.loads(archive.read(_MEMBER))
    found: dict[str, str] = {}
    for intent, body in grammar["intents"].items():
        for template in (text for item in body["data"] for text in item["sentences"]):
            for _ in range(EACH):
                text = " ".join(_Writer(grammar, chance).write(template).split())
                found.setdefault(text, intent)
    return list(found.items())


class _Writer:
    """Writes one template out."""

    def __init__(self, grammar: dict[str, Any], chance: random.Random):
        self.rules, self.lists, self.chance = grammar["expansion_rules"], grammar["lists"], chance

    def write(self, template: str) -> str:
        self.tokens = _TOKEN.findall(template)[::-1]
        return self._alternatives(end="")

    def _alternatives(self, end: str) -> str:
        """One of the alternatives up to `end`; ";" permutes, which here keeps the order."""
        options = [""]
        while self.tokens and (token := self.tokens.pop()) != end:
            if token == "|":
                options.append("")
            elif token == ";":
                options[-1] += " "
            else:
                options[-1] += self._one(token)
        return self.chance.choice(options)

    def _one(self, token: str) -> str:
        if token == "[":
            inner = self._alternatives("]")
            return inner if self.chance.random() < 0.5 else ""
        if token == "(":
            return self._alternatives(")")
        if token[0] == "<":
            rule = self.rules.get(token[1:-1].split(":")[0], "")
            return _Writer({"expansion_rules": self.rules, "lists": self.lists}, self.chance).write(rule)
        return self._value(token[1:-1].split(":")[0]) if token[0] == "{" else token

    def _value(self, name: str) -> str:
        if name in _OWN:
            return self.chance.choice(_OWN[name].split("|"))
        values = self.lists.get(name, {})
        if span := values.get("range"):
            return str(self.chance.randint(max(0, span["from"]), span["to"]))
        listed = [item if isinstance(item, str) else item["in"] for item in values.get("values", ["it"])]
        return _Writer({"expansion_rules": self.rules, "lists": self.lists}, self.chance).write(
            self.chance.choice(listed)
        )
