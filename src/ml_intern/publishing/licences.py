"""Whether a model made from this data and these weights may be published under this licence.

A table of common licences with their sources; no legal advice. What is not in the table is not allowed.
"""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("licences.toml")


@dataclass(frozen=True)
class Terms:
    """What a licence asks of a model that is made from what it covers; `source` is its text."""

    source: str
    share_alike: bool = False
    also: tuple[str, ...] = ()
    non_commercial: bool = False
    no_derivatives: bool = False


@functools.cache
def table() -> dict[str, Terms]:
    """The licences that are known, by the Hub's identifiers."""
    read = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    # A bare key of TOML holds no dot.
    return {
        name.replace("_", "."): Terms(**terms | {"also": tuple(terms.get("also", ()))})
        for name, terms in read.items()
    }


def conflicts(made_from: dict[str, str], chosen: str) -> list[str]:
    """Why the licence `chosen` does not do; empty where it does.

    `made_from` maps a thing ("the data", "the base model") to its licence.
    """
    known, problems = table(), []
    if chosen.lower() not in known:
        problems.append(f"The licence {chosen} is not in the table of licences that were looked at.")
    for what, name in made_from.items():
        terms = known.get(name.lower())
        if terms is None:
            problems.append(
                f"The licence of {what}, {name}, is not in the table of licences that were looked at."
            )
        elif terms.no_derivatives:
            problems.append(f"The licence of {what}, {name}, allows nothing that is made from it.")
        elif terms.share_alike and chosen.lower() not in (name.lower(), *terms.also):
            problems.append(f"The licence of {what}, {name}, asks for the same licence, not {chosen}.")
        elif terms.non_commercial and not _forbids_trade(chosen):
            problems.append(f"The licence of {what}, {name}, forbids commercial use, and {chosen} allows it.")
    return problems


def _forbids_trade(name: str) -> bool:
    terms = table().get(name.lower())
    return terms is not None and terms.non_commercial
