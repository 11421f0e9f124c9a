"""Scoring one model and its baselines on the sealed test split."""

from collections.abc import Mapping
from dataclasses import dataclass

from ml_intern.evaluation.intervals import class_f1, paired_difference, score_all
from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.scores import Counts, precision, recall
from ml_intern.evaluation.truth import Truth
from ml_intern.records.evaluation import ClassScore
from ml_intern.records.metrics import Interval, Metric, ScoredModel, Scores

METRICS = tuple(Metric)


@dataclass(frozen=True)
class Scored:
    """All that is measured on one test split."""

    confusion: Counts
    scores: Scores
    clean: Scores | None
    clean_rows: int
    baselines: tuple[ScoredModel, ...]
    per_class: tuple[ClassScore, ...]
    gain_over_majority: Interval


def evaluate(truth: Truth, model: Predictions, baselines: Mapping[str, Predictions], seed: int) -> Scored:
    """Score `model` and `baselines` ("majority" among them) against `truth`; all on the same rows.

    `clean` is None where every row is clean, or none is.
    """
    confusion = truth.confusion(model)
    clean_rows = int(truth.clean.sum())
    some_repeat = 0 < clean_rows < len(truth.indices)
    rows = len(truth.indices)
    return Scored(
        confusion=confusion,
        scores=score_all(confusion, METRICS, seed),
        clean=score_all(truth.confusion(model, clean_only=True), METRICS, seed) if some_repeat else None,
        clean_rows=clean_rows,
        baselines=tuple(
            ScoredModel(name=name, rows=rows, scores=score_all(truth.confusion(each), METRICS, seed))
            for name, each in baselines.items()
        ),
        per_class=_per_class(truth, confusion, seed),
        gain_over_majority=paired_difference(
            truth.indices,
            model.answers,
            baselines["majority"].answers,
            len(truth.labels),
            Metric.ACCURACY,
            seed,
        ),
    )


def _per_class(truth: Truth, confusion: Counts, seed: int) -> tuple[ClassScore, ...]:
    columns = zip(
        truth.labels,
        precision(confusion),
        recall(confusion),
        class_f1(confusion, seed),
        confusion.sum(axis=1),
        confusion.sum(axis=0),
        strict=True,
    )
    return tuple(
        ClassScore(label=label, precision=float(p), recall=float(r), f1=f, support=int(s), predicted=int(a))
        for label, p, r, f, s, a in columns
    )
