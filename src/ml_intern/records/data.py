"""What the data audit found and how the rows were split."""

from enum import StrEnum

from pydantic import Field

from ml_intern.records.base import Artifact, FileRef, Record


class SplitName(StrEnum):
    """The three parts of the data."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Severity(StrEnum):
    """How much a finding matters, least first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least severe."""
        return list(Severity).index(self)


class Finding(Record):
    """One thing about the data or the scores that a reader must know, with the rows that prove it.

    `rows` are numbers counted from 0 in the file of `split`, at most `MAX_ROWS` of them in a run and where
    the finding is about every row; `count` is always complete. `share` is `count` over the rows of that
    split (of all rows where `split` is None). `message` says what is so and what it does to training or
    evaluation, `action` what the product does about it.
    """

    id: str
    severity: Severity
    count: int
    share: float
    split: str | None
    rows: tuple[int, ...]
    examples: tuple[str, ...] = ()
    message: str
    action: str


MAX_ROWS = 1000
REFUSED = "A run refuses this file."
"""How the action of a finding begins that no run goes on with."""
LEAK_FINDING = "test_rows_repeat_training"
"""The id of the finding that test rows stand in the training data; reports open with it."""
NEAR_LEAK_FINDING = "test_rows_nearly_repeat_training"
"""The same where they are near-copies; reports open with it where no row is repeated."""


class ColumnProfile(Record):
    """One column over all rows. Lengths are in characters of the value's text form."""

    name: str
    dtype: str
    rows: int
    missing: int
    distinct: int
    mean_length: float
    max_length: int


class ColumnChoice(Record):
    """Which column plays a role, why, and which others could have."""

    name: str
    reason: str
    alternatives: tuple[str, ...] = ()


class DataFile(Record):
    """One file as it was read. `split` is None where the file was not named for a split."""

    name: str
    sha256: str
    rows: int
    split: SplitName | None


class LengthBin(Record):
    """How many texts have `low` to `high` words, both included; the last bin may have no upper end."""

    low: int
    high: int | None
    rows: int


class LongTexts(Record):
    """How many texts have more than `words` words, about what a model reads that takes `tokens` tokens."""

    tokens: int
    words: int
    rows: int


class TextLengths(Record):
    """How long the texts of all rows are, in words; `bins` follow one another without a gap."""

    bins: tuple[LengthBin, ...]
    longest: int
    longer: tuple[LongTexts, ...]


class Overlap(Record):
    """The rows of `part` whose text also stands in `other`, digits, case and punctuation masked.

    `rows` counts all of them, `exact` those whose text is the same to the letter.
    """

    part: str
    other: str
    rows: int
    exact: int


class DataReport(Artifact):
    """The audit of the whole data. `classes` counts rows by label and then by split.

    `lengths` and `overlaps` are for plots; `languages` are the shares of texts in each language, by its
    ISO 639-1 code, from a sample. Reports of earlier versions lack them.
    """

    rows: int
    files: tuple[DataFile, ...]
    columns: tuple[ColumnProfile, ...]
    text: ColumnChoice
    label: ColumnChoice
    splits: dict[str, int]
    classes: dict[str, dict[str, int]]
    median_words: float
    p95_words: float
    findings: tuple[Finding, ...]
    seconds: float
    seconds_by_check: dict[str, float] = Field(default_factory=dict)
    lengths: TextLengths | None = None
    overlaps: tuple[Overlap, ...] = ()
    languages: dict[str, float] = Field(default_factory=dict)


class Split(Artifact):
    """Which row is in which part, and where the parts lie in the run's folder.

    `manifest` lists every row used as one JSON line (split, file, row, SHA-256 of text and label);
    `fingerprint` is its SHA-256 and names the dataset version everywhere else. `test_inputs` has no
    labels; `sealed_test` has them and never enters a sandbox. `repeated_test_rows` are the ids of
    test rows whose normalised text stands in train or validation, `nearly_repeated_test_rows` of others that
    have a near-copy there. `test_columns` has those other columns by which test
    rows fall into a few groups, None where there are none. `policy` says which rows are left out; `left_out`
    names each, with the reason.
    """

    strategy: str
    seed: int
    rows: dict[str, int]
    excluded: dict[str, int]
    labels: tuple[str, ...]
    manifest: FileRef
    fingerprint: str
    train: FileRef
    validation: FileRef
    test_inputs: FileRef
    sealed_test: FileRef
    repeated_test_rows: tuple[str, ...]
    nearly_repeated_test_rows: tuple[str, ...] = ()
    test_columns: FileRef | None = None
    policy: str = ""
    left_out: FileRef | None = None

    @property
    def seen_test_rows(self) -> tuple[str, ...]:
        """The ids of the test rows that are not in the clean subset."""
        return self.repeated_test_rows + self.nearly_repeated_test_rows
