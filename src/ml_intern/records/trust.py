"""How far the model's confidence can be trusted, and where it fails."""

from enum import StrEnum

from ml_intern.records.base import Record
from ml_intern.records.metrics import Interval


class ReliabilityBin(Record):
    """The rows whose confidence lies in `low` to `high`, `low` excluded; the means are 0 without rows."""

    low: float
    high: float
    rows: int
    confidence: float
    accuracy: float


class Calibration(Record):
    """How well confidence matches accuracy.

    `ece` is the expected calibration error over `bins` of equal width (Guo et al. 2017, eq. 5), `brier` the
    mean over rows of the squared distance between probabilities and truth, summed over classes (Brier 1950,
    0 to 2). `temperature` was fitted on the validation split by negative log-likelihood; `ece_scaled` is
    the error with it. 1 means that the probabilities are left as they are.
    """

    ece: Interval
    brier: Interval
    bins: tuple[ReliabilityBin, ...]
    temperature: float
    ece_scaled: float


class Doubt(Record):
    """A test row that the model nearly answered otherwise; `margin` is best less second probability."""

    row_id: str
    text: str
    truth: str
    answer: str
    second: str
    margin: float


class ConfusedPair(Record):
    """`rows` rows of class `truth` were answered `answer`; `examples` are some of their texts."""

    truth: str
    answer: str
    rows: int
    share: float
    examples: tuple[str, ...]


class Slice(Record):
    """The rows that share a property. `id` is stable, such as `length:long` or `column:country=DE`.

    `rest` is the accuracy on all other rows. `p_value` is that of Fisher's exact test against them, corrected
    by Holm's method for all slices looked at; `worse` holds where it is below 0.05 and the slice is worse.
    """

    id: str
    title: str
    rows: int
    accuracy: Interval
    rest: Interval
    p_value: float
    worse: bool


class RiskPoint(Record):
    """Of the rows, the share `coverage` with a score of at least `threshold` has the error rate `risk`."""

    threshold: float
    coverage: float
    risk: float


class ConfidenceScore(StrEnum):
    """What an answer can be held back by; for each, higher means surer."""

    MAX_SOFTMAX = "max_softmax"
    ENERGY = "energy"
    DISTANCE = "distance"

    @property
    def words(self) -> str:
        """The name people use."""
        return self.value.replace("_", " ")


class AbstentionScore(Record):
    """One score as a reason to answer UNKNOWN.

    `threshold` was chosen on the validation split. The rest is measured on the test split: `coverage` is the
    share answered, `accuracy` that of the answered, `kept_accuracy` that of all rows with UNKNOWN counted as
    wrong, `auroc_errors` how well the score tells right from wrong answers; `unknown_recall` and
    `auroc_unknown` how well it tells rows of no known class apart, None where there are none.
    """

    score: ConfidenceScore
    threshold: float
    coverage: Interval
    accuracy: Interval
    kept_accuracy: Interval
    auroc_errors: float | None
    unknown_recall: Interval | None
    auroc_unknown: float | None


class Abstention(Record):
    """The UNKNOWN answer: `scores` were compared, `chosen` is the one that the model carries.

    `target` says in words what the threshold was chosen for, such as "2 % of validation rows held back".
    """

    target: str
    chosen: ConfidenceScore
    threshold: float
    reason: str
    scores: tuple[AbstentionScore, ...]
    unknown_rows: int
    risk_coverage: tuple[RiskPoint, ...]
