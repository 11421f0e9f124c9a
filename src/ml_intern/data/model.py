"""What a quick model thinks of each row that it has not seen: the ground of all model-based checks.

The model is multinomial naive Bayes on TF-IDF: a single wrong row cannot pull its counts far, so that it
ranks planted label errors better than logistic regression and takes a twentieth of the time. With few
classes, where logistic regression is quick, the mean of both is better still
(benchmarks/audit_label_errors.py).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.data.classifiers import logistic, naive_bayes
from ml_intern.data.evidence import MAX_CLASSES
from ml_intern.data.features import MAX_CHARACTERS, tfidf

MAX_ROWS: Final = 20_000
MAX_TOTAL: Final = 3_000_000
"""Characters over all rows: about 5 s of reading on one core."""

MIN_ROWS: Final = 5
"""Of a class; with fewer the model cannot know it, and every row of it would look wrong."""

FOLDS: Final = 10
REPEATS: Final = 3
MOST_WORK: Final = 12_000_000
"""Terms in all rows times classes up to which logistic regression is fitted, too: about 5 s on one core."""


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of every class for rows that the model had not seen.

    `rows` are those used: all usable ones, or a seeded sample where `sampled`; `y` (rows,) are their
    labels as places in `classes`, and `probabilities` is (rows, classes), the mean of `models` models.
    """

    rows: pl.DataFrame
    classes: tuple[str, ...]
    y: NDArray[np.intp]
    probabilities: NDArray[np.float32]
    sampled: bool
    models: int = 1

    @cached_property
    def quality(self) -> NDArray[np.float32]:
        """The probability of the given label, (rows,): the lower, the more suspect the label."""
        return self.probabilities[np.arange(len(self.y)), self.y]

    @cached_property
    def answers(self) -> NDArray[np.intp]:
        """The most probable class of each row, (rows,)."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.intp)

    @cached_property
    def accuracy(self) -> float:
        """How often the model answers with the given label."""
        return float((self.answers == self.y).mean())

    @cached_property
    def majority(self) -> float:
        """The share of the largest class: the accuracy of a model that reads nothing."""
        return float(np.bincount(self.y).max() / len(self.y))

    @property
    def skill(self) -> float:
        """How much of the way from the majority class to certainty the model goes: 0 none, 1 all."""
        return (self.accuracy - self.majority) / max(1 - self.majority, 1e-9)

    @property
    def scope(self) -> str:
        """A sentence for the message where only a sample was read, with a space before it, else nothing."""
        return f" (Judged on a random sample of {len(self.y):,} rows.)" if self.sampled else ""


def out_of_fold(usable: pl.DataFrame, seed: int = 0) -> OutOfFold | None:
    """The model's out-of-fold probabilities; None where fewer than two classes are large enough.

    Args:
        usable: rows with text and label, with the columns of `AuditTable.rows`.
        seed: of sample and folds.
    """
    pool = sample(usable, seed)
    sizes = pool["label"].value_counts().filter(pl.col("count") >= MIN_ROWS).sort("count", "label")
    classes = sorted(sizes["label"].tail(MAX_CLASSES).to_list())
    rows = pool.filter(pl.col("label").is_in(classes))
    if len(classes) < 2:
        return None
    y = rows["label"].cast(pl.Enum(classes)).to_physical().to_numpy().astype(np.intp)
    groups = rows["normal"].rank("dense").to_numpy().astype(np.intp) - 1
    features = tfidf(rows["text"].to_list())
    total = np.zeros((len(y), len(classes)), dtype=np.float32)
    for repeat in range(REPEATS):
        total += naive_bayes(features, y, deal(y, groups, seed + repeat), len(classes)) / REPEATS
    models = 2 if 0 < features.nnz * len(classes) <= MOST_WORK else 1
    if models == 2:
        total += logistic(features, y, deal(y, groups, seed) // 2, len(classes))
        total /= 2
    return OutOfFold(rows, tuple(classes), y, total, pool.height < usable.height, models)


def sample(usable: pl.DataFrame, seed: int) -> pl.DataFrame:
    """At most `MAX_ROWS` rows and about `MAX_TOTAL` characters, in file order."""
    mean = usable["text"].str.len_chars().clip(1, MAX_CHARACTERS).mean()
    most = MAX_ROWS if not isinstance(mean, float) else min(MAX_ROWS, int(MAX_TOTAL / mean))
    if usable.height <= most:
        return usable
    places = np.sort(np.random.default_rng(seed).choice(usable.height, most, replace=False))
    return usable[places]


def deal(y: NDArray[np.intp], groups: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """The fold of each row, (rows,): each class spread evenly, rows of a group together."""
    order = np.random.default_rng(seed).permutation(len(y))
    names, first = np.unique(groups[order], return_index=True)
    first = np.sort(first)  # the groups in random order, each by its first row
    ranked = order[first][np.argsort(y[order[first]], kind="stable")]
    fold = np.empty(len(names), dtype=np.intp)
    fold[np.searchsorted(names, groups[ranked])] = np.arange(len(names)) % FOLDS
    return fold[np.searchsorted(names, groups)]
