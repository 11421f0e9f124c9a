"""Scores that a card states for a dataset of the Hub, as far as they can be computed again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ml_intern.records.display import escape
from ml_intern.records.publication import Check

LONGEST: Final = 1 << 20
"""Characters of a card that are read."""
COARSEST: Final = 0.005
"""A score is compared at least this closely, however few digits the card shows."""
OTHER_MACHINE: Final = 0.01
"""A gap up to this is not told as a wrong score: another precision or way of cutting texts can make it."""
_METRICS: Final = {"accuracy": "accuracy", "macro f1": "macro_f1", "weighted f1": "weighted_f1"}
_AVERAGED: Final = {("f1", "macro"): "macro_f1", ("f1", "weighted"): "weighted_f1"}
_NUMBER: Final = re.compile(r"[0-9]{1,3}(?:\.([0-9]{1,20}))?")


@dataclass(frozen=True)
class Stated:
    """One score: `value` is a share of 1, `half` half a unit of the last digit that the card shows."""

    metric: str
    value: float
    half: float


@dataclass(frozen=True)
class NamedData:
    """What a card says of one dataset: `name` as a command takes it, and the split; each may be empty."""

    name: str
    split: str
    scores: tuple[Stated, ...]


def named_data_of(folder: Path) -> tuple[NamedData, ...]:
    """The datasets in a card's metadata that have scores with names of ours; empty where there are none.

    The card is a stranger's: whatever it holds, this returns, and what is malformed hides nothing else.
    """
    try:
        card = (folder / "README.md").read_text(encoding="utf-8")[:LONGEST]
        head = re.match(r"\ufeff?---\n(.*?)\n---", card, re.S)
        data = yaml.load(head[1], yaml.BaseLoader) if head else {}  # makes text, and nothing else
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return ()
    results = [result for model in _items(data, "model-index") for result in _items(model, "results")]
    found = (_named(result) for result in results)
    return tuple(each for each in found if each.scores)


def _items(value: Any, name: str) -> list[Any]:
    """The list under this name, where `value` is a mapping that has one."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _named(result: Any) -> NamedData:
    dataset = result.get("dataset") if isinstance(result, Mapping) else None
    told = {
        name: text for name, text in (dataset if isinstance(dataset, Mapping) else {}).items()
        if isinstance(text, str)
    }  # fmt: skip
    name = told.get("type", "")
    name += f":{told['config']}" if told.get("config", "default") != "default" else ""
    name += f"@{told['revision']}" if told.get("revision") else ""
    scores = [stated_score(metric) for metric in _items(result, "metrics")]
    return NamedData(name, told.get("split", ""), tuple(each for each in scores if each is not None))


def stated_score(metric: Any) -> Stated | None:
    """A score; one above 1 is a percentage. F1 without its average could be any, and is none of ours."""
    if not isinstance(metric, Mapping):
        return None
    shown = _NUMBER.fullmatch(str(metric.get("value")))
    if shown is None or not 0 <= float(shown[0]) <= 100:
        return None
    args = metric.get("args")
    averaged = (args.get("average") if isinstance(args, Mapping) else None) or metric.get("average")
    name = _METRICS.get(str(metric.get("name") or metric.get("type")).lower().replace("_", " "))
    name = name or _AVERAGED.get((str(metric.get("type")), str(averaged)))
    if name is None:
        return None
    value = float(shown[0])
    scale = 100 if value > 1 else 1
    half = 0.5 * 10 ** -len(shown[1] or "") / scale
    return Stated(name, value / scale, min(half, COARSEST))


def claims_hold(named: NamedData, recomputed: Mapping[str, float], rows: int, how: str) -> Check:
    """Whether what the card states is what came out on these rows, in the digits that it shows.

    One row more or less is the machine's doing. `how` says which columns were taken, and what was left out.
    """
    where = f"on the {rows:,} rows of the split {escape(named.split)} of {escape(named.name)} ({how})"
    gaps = {each: abs(recomputed[each.metric] - each.value) for each in named.scores}
    wrong = [each for each, gap in gaps.items() if gap > max(each.half, 1.5 / rows) + 1e-9]
    if not wrong:
        shown = ", ".join(
            f"{metric_words(each.metric)} {recomputed[each.metric]:.4f}" for each in named.scores
        )
        return Check(id="scores", ok=True, message=f"Computed again {where}, the scores hold: {shown}.")
    differ = "; ".join(
        f"{metric_words(each.metric)} is {each.value:.4g} in the card and {recomputed[each.metric]:.4f} here"
        for each in wrong
    )
    if all(gaps[each] <= OTHER_MACHINE for each in wrong):
        message = f"Computed again {where}, the scores are near, and not the same: {differ}."
        return Check(id="scores", ok=None, message=message)
    return Check(id="scores", ok=False, message=f"Computed again {where}, the scores differ: {differ}.")


def not_computed(why: Sequence[str]) -> Check:
    """That scores could not be computed again, and why not for each dataset."""
    return Check(id="scores", ok=None, message=f"Not computed again: {' '.join(why)}")


def metric_words(metric: str) -> str:
    """The name that people use."""
    return metric.replace("_f1", " F1")
