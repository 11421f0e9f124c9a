"""Scores that a card states for a dataset of the Hub, as far as they can be computed again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ml_intern.records.publication import Check

LONGEST: Final = 1 << 20
"""Characters of a card that are read."""
TEST: Final = "test"
_METRICS: Final = {"accuracy": "accuracy", "macro f1": "macro_f1", "weighted f1": "weighted_f1"}
_AVERAGED: Final = {("f1", "macro"): "macro_f1", ("f1", "weighted"): "weighted_f1"}


@dataclass(frozen=True)
class Stated:
    """One score: `value` is a share of 1, `half` half a unit of the last digit that the card shows."""

    metric: str
    value: float
    half: float


@dataclass(frozen=True)
class NamedData:
    """What a card says of one dataset: `name` as a command takes it, and the split that was scored."""

    name: str
    split: str
    scores: tuple[Stated, ...]


def named_data_of(folder: Path) -> tuple[NamedData, ...]:
    """The datasets in a card's metadata that have scores with names of ours; empty where there are none.

    The card is a stranger's: whatever it holds, this returns.
    """
    try:
        card = (folder / "README.md").read_text(encoding="utf-8")[:LONGEST]
        head = re.match(r"\ufeff?---\n(.*?)\n---", card, re.S)
        data = yaml.safe_load(head[1]) if head else {}
        results = [result for model in data.get("model-index") or [] for result in model.get("results") or []]
        found = [_named(result) for result in results]
    except (OSError, ValueError, OverflowError, AttributeError, TypeError, RecursionError, yaml.YAMLError):
        return ()
    return tuple(each for each in found if each is not None)


def _named(result: Mapping[str, Any]) -> NamedData | None:
    dataset = result.get("dataset") or {}
    config = dataset.get("config")
    name = str(dataset.get("type") or "")
    name += f":{config}" if config not in (None, "default") else ""
    name += f"@{dataset['revision']}" if dataset.get("revision") else ""
    scores = [stated_score(metric) for metric in result.get("metrics") or []]
    known = tuple(each for each in scores if each is not None)
    return NamedData(name, str(dataset.get("split") or TEST), known) if known else None


def stated_score(metric: Mapping[str, Any]) -> Stated | None:
    """A score; one above 1 is a percentage. F1 without its average could be any, and is none of ours."""
    value = metric.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    averaged = (metric.get("args") or {}).get("average") or metric.get("average")
    name = _METRICS.get(str(metric.get("name") or metric.get("type")).lower().replace("_", " "))
    name = name or _AVERAGED.get((str(metric.get("type")), str(averaged)))
    if name is None:
        return None
    digits = len(repr(float(value)).partition(".")[2])
    scale = 100 if value > 1 else 1
    return Stated(name, value / scale, 0.5 * 10**-digits / scale)


def claims_hold(named: NamedData, recomputed: Mapping[str, float], rows: int) -> Check:
    """Whether what the card states is what came out on these rows, in the digits that it shows."""
    where = f"on the {rows:,} rows of the split {named.split} of {named.name}"
    wrong = [each for each in named.scores if abs(recomputed[each.metric] - each.value) > each.half + 1e-9]
    if wrong:
        differ = "; ".join(
            f"{metric_words(each.metric)} is {each.value:.4g} in the card "
            f"and {recomputed[each.metric]:.4f} in truth"
            for each in wrong
        )
        return Check(id="scores", ok=False, message=f"Computed again {where}, the scores differ: {differ}.")
    shown = ", ".join(f"{metric_words(each.metric)} {recomputed[each.metric]:.4f}" for each in named.scores)
    return Check(id="scores", ok=True, message=f"Computed again {where}, the scores hold: {shown}.")


def not_computed(why: Sequence[str]) -> Check:
    """That the scores could not be computed again, and why not for each dataset."""
    return Check(id="scores", ok=None, message=f"The scores were not computed again: {' '.join(why)}")


def metric_words(metric: str) -> str:
    """The name that people use."""
    return metric.replace("_f1", " F1")
