"""What the harness measured on the sealed test split."""

from ml_intern.records.base import Artifact, FileRef, Record
from ml_intern.records.data import Finding
from ml_intern.records.metrics import Interval, Metric, ScoredModel, Scores
from ml_intern.records.trust import Abstention, Calibration, ConfusedPair, Doubt, Slice


class ClassScore(Record):
    """One class on the test split. `support` counts its true rows, `predicted` the answers given."""

    label: str
    precision: float
    recall: float
    f1: Interval
    support: int
    predicted: int


class Comparison(Record):
    """The model beside one baseline on the same `rows` of the test split, those that repeat none in training.

    `gain` is the model's score less the baseline's, with its 95 % interval; `p_value` is that of McNemar's
    exact test on the rows that only one of the two has right. `better` holds where both speak for it.
    """

    baseline: str
    metric: Metric
    rows: int
    gain: Interval
    only_model_right: int
    only_baseline_right: int
    p_value: float
    better: bool


class Evaluation(Artifact):
    """Scores recomputed from predictions on the sealed test split.

    `clean` are the same scores without the test rows that repeat training rows, exactly or nearly; None
    where there is no such row. `confusion[i][j]` counts rows of true class `labels[i]` answered as
    `labels[j]`. `findings` opens with the leakage investigation where one was called for. `worth` says
    whether the model was worth training; empty for a linear model, which is its own baseline.

    `doubts`, `confused`, `slices` and what is said of confidence are of all test rows, but for
    `clean_calibration`; evaluations of earlier versions lack them.
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
    comparisons: tuple[Comparison, ...]
    worth: str
    verdict: str
    bootstrap_samples: int
    seed: int
    seconds: float
    calibration: Calibration | None = None
    clean_calibration: Calibration | None = None
    doubts: tuple[Doubt, ...] = ()
    confused: tuple[ConfusedPair, ...] = ()
    slices: tuple[Slice, ...] = ()
    abstention: Abstention | None = None
