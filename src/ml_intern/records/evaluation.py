"""What the harness measured on the sealed test split."""

from ml_intern.records.base import Artifact, FileRef, Record
from ml_intern.records.data import Finding
from ml_intern.records.metrics import Interval, ScoredModel, Scores


class ClassScore(Record):
    """One class on the test split. `support` counts its true rows, `predicted` the answers given."""

    label: str
    precision: float
    recall: float
    f1: Interval
    support: int
    predicted: int


class Evaluation(Artifact):
    """Scores recomputed from predictions on the sealed test split.

    `clean` are the same scores without the test rows that repeat training rows; None where there is
    no such row. `confusion[i][j]` counts rows of true class `labels[i]` answered as `labels[j]`.
    `findings` opens with the leakage investigation where one was called for.
    """

    rows: int
    scores: Scores
    clean_rows: int
    clean: Scores | None
    baselines: tuple[ScoredModel, ...]
    labels: tuple[str, ...]
    per_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    predictions: FileRef
    figures: tuple[FileRef, ...]
    findings: tuple[Finding, ...]
    verdict: str
    bootstrap_samples: int
    seed: int
    seconds: float
