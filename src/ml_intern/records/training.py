"""From script to trained model."""

from typing import Any

from ml_intern.records.base import Artifact, FileRef, Record
from ml_intern.records.metrics import ScoredModel


class Baselines(Artifact):
    """Trivial and linear models, scored on the validation split before anything else is trained.

    `linear_model` is the folder of the fitted linear baseline; the evaluation scores it on the test
    split beside the trained model.
    """

    scores: tuple[ScoredModel, ...]
    majority_label: str
    linear_model: tuple[FileRef, ...]
    note: str
    seconds: float


class TrainingScript(Artifact):
    """The script and config that smoke test and training run, pinned by hash.

    `script_sha256` covers `files` in order of path; `config_sha256` the canonical config.
    """

    recipe: str
    files: tuple[FileRef, ...]
    script_sha256: str
    config: dict[str, Any]
    config_sha256: str


class Check(Record):
    """One thing that was tried, and whether it held."""

    id: str
    ok: bool
    message: str


class SmokeReport(Artifact):
    """The smoke test of exactly one script, config and dataset, told apart by their hashes."""

    script_sha256: str
    config_sha256: str
    dataset_fingerprint: str
    checks: tuple[Check, ...]
    sample_rows: int
    train_seconds: float
    startup_seconds: float
    peak_memory_bytes: int
    log_tail: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every check held."""
        return all(check.ok for check in self.checks)


class Choice(Record):
    """One setting and why it has this value."""

    name: str
    value: str
    reason: str


class Prediction(Record):
    """A number foretold, with its range and what it is based on."""

    value: float
    low: float
    high: float
    basis: str


class TrainingPlan(Artifact):
    """What will be trained, where, at what price, and what is expected of it. Needs approval.

    `answers` holds the reasons for which earlier versions were turned down, oldest first.
    """

    summary: str
    hyperparameters: tuple[Choice, ...]
    checkpoints: str
    backend: str
    flavour: str
    expected: Prediction
    minutes: Prediction
    memory_bytes: int
    cost_micro_usd: int
    worst_case_micro_usd: int
    time_limit_seconds: int
    alternatives: tuple[str, ...]
    notes: tuple[str, ...]
    answers: tuple[str, ...] = ()
    script_sha256: str
    config_sha256: str
    dataset_fingerprint: str


class TrainingRun(Artifact):
    """A finished training: which job, which checkpoint, how the metrics went.

    `curve` has one row per log step, as the script wrote it.
    """

    intent_id: str
    backend: str
    script_sha256: str
    config_sha256: str
    curve: tuple[dict[str, Any], ...]
    best_step: int
    selection_metric: str
    best_value: float
    model: tuple[FileRef, ...]
    validation_predictions: FileRef
    seconds: float
    peak_memory_bytes: int
    versions: dict[str, str]
