"""From script to trained model."""

from typing import Any

from ml_intern.records.base import Artifact, FileRef, Record
from ml_intern.records.jobs import HERE, HF_JOBS, JobState, Place, Refusal
from ml_intern.records.metrics import ScoredModel


class FittedBaseline(Record):
    """A baseline that was fitted with the recipe of its name: `model` are the files below `folder`.

    `folder` lies in the run's folder. `train_rows` may be fewer than the training split has; `seconds`
    is the time of its job.
    """

    name: str
    folder: str
    model: tuple[FileRef, ...]
    train_rows: int
    seconds: float


class Baselines(Artifact):
    """Trivial, linear and frozen models, scored on the validation split before anything else is trained.

    The evaluation scores `models` on the test split beside the trained model.
    """

    scores: tuple[ScoredModel, ...]
    majority_label: str
    models: tuple[FittedBaseline, ...]
    note: str
    seconds: float


class Repair(Record):
    """One bug that a smoke test found, the line that proves it, and its fix as a unified diff."""

    bug: str
    explanation: str
    evidence: str
    diff: str
    packages: tuple[str, ...] = ()


class TrainingScript(Artifact):
    """The script and config that smoke test and training run, pinned by hash.

    `script_sha256` covers `files` in order of path; `config_sha256` the canonical config. `packages` are
    installed for it beside what the recipe needs; `repairs` made it from the recipe's own script.
    """

    recipe: str
    files: tuple[FileRef, ...]
    script_sha256: str
    config: dict[str, Any]
    config_sha256: str
    packages: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()


class Check(Record):
    """One thing that was tried, and whether it held."""

    id: str
    ok: bool
    message: str


class SmokeReport(Artifact):
    """The smoke test of exactly one script, config and dataset, told apart by their hashes.

    `rows_per_second` and `predict_rows_per_second` are what the sample's speed means for rows of the whole
    data; 0 where the recipe does not measure it. `sample_rows` is 0 where a static check failed, so that
    nothing was run. `repairs` are the bugs that earlier smoke tests of this run found, each with its fix.
    """

    script_sha256: str
    config_sha256: str
    dataset_fingerprint: str
    checks: tuple[Check, ...]
    sample_rows: int
    train_seconds: float
    startup_seconds: float
    peak_memory_bytes: int
    rows_per_second: float = 0.0
    predict_rows_per_second: float = 0.0
    repairs: tuple[Repair, ...] = ()
    state: JobState = JobState.SUCCEEDED
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

    `answers` holds the reasons for which earlier versions were turned down, oldest first, `changes` what
    is different from the version before. `places` are those the user listed, `refusals` those before this one
    that could not be had. `account` is for whom a rented machine is rented, and where.
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
    changes: tuple[str, ...] = ()
    places: tuple[Place, ...] = HERE
    refusals: tuple[Refusal, ...] = ()
    account: str = ""
    script_sha256: str
    config_sha256: str
    dataset_fingerprint: str

    @property
    def place(self) -> Place:
        """Where it runs, as the user lists places."""
        if self.backend == HF_JOBS:
            return Place(backend=HF_JOBS, flavour=self.flavour)
        return HERE[0]


class Alert(Record):
    """Something in the course of a training that a person should know, and what to do about it."""

    id: str
    step: int
    message: str
    action: str


class TrainingRun(Artifact):
    """A finished training: which job, which checkpoint, how the metrics went.

    `curve` has one row per log step, as the script wrote it. `model` are the files below `folder`, both
    within the run's folder.
    """

    intent_id: str
    backend: str
    script_sha256: str
    config_sha256: str
    curve: tuple[dict[str, Any], ...]
    best_step: int
    selection_metric: str
    best_value: float
    folder: str
    model: tuple[FileRef, ...]
    validation_predictions: FileRef
    figures: tuple[FileRef, ...]
    alerts: tuple[Alert, ...]
    seconds: float
    peak_memory_bytes: int
    versions: dict[str, str]
