"""Scores with their uncertainty."""

from enum import StrEnum
from typing import Final

from ml_intern.records.base import Record


class Metric(StrEnum):
    """The scores the harness computes for single-label classification; for each, higher is better."""

    ACCURACY = "accuracy"
    MACRO_F1 = "macro_f1"
    WEIGHTED_F1 = "weighted_f1"

    @property
    def words(self) -> str:
        """The name people use."""
        return _TITLES[self]


_TITLES: Final = {
    Metric.ACCURACY: "accuracy",
    Metric.MACRO_F1: "macro F1",
    Metric.WEIGHTED_F1: "weighted F1",
}


class Interval(Record):
    """A point estimate with the ends of its 95 % interval, all on the metric's own scale."""

    value: float
    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether `value` lies within the interval, ends included."""
        return self.low <= value <= self.high


Scores = dict[Metric, Interval]
"""One interval per metric, all computed on the same rows."""


class ScoredModel(Record):
    """A named model's scores on `rows` rows."""

    name: str
    rows: int
    scores: Scores
