"""The locked task: what was asked for, as fields that code can check."""

from enum import StrEnum
from typing import Final, Literal

from ml_intern.records.base import Artifact, Record
from ml_intern.records.metrics import Metric


class TaskType(StrEnum):
    """Kinds of task this version can carry from a sentence to a packaged model."""

    TEXT_CLASSIFICATION = "text-classification"


Method = Literal["encoder", "linear", "probe"]
"""The kinds of model, each with a recipe of its name."""


class HubOrigin(Record):
    """Where on which Hub files were downloaded from. `config` is set where the dataset has several tables."""

    repo: str
    commit: str
    where: str
    config: str | None = None

    @property
    def name(self) -> str:
        """The dataset at its commit, as options name it: `OWNER/NAME[:CONFIG]@COMMIT`."""
        config = f":{self.config}" if self.config else ""
        return f"{self.repo}{config}@{self.commit}"


class DataSource(Record):
    """Where the rows come from. `location` is an absolute path; `sha256` pins the files' content.

    `hub` is set where they were downloaded; `location` is then the folder that holds them.
    """

    location: str
    sha256: str
    licence: str = "unknown"
    hub: HubOrigin | None = None

    @property
    def name(self) -> str:
        """The data as a command names it, precisely."""
        return self.hub.name if self.hub else self.location


class PretrainedModel(Record):
    """Pretrained weights that a training starts from. `folder` is an absolute path.

    `revision` is the commit of a Hub model, else `sha256:` and the hash of the folder's files; `sha256` is
    that hash in both cases.
    """

    name: str
    folder: str
    revision: str
    sha256: str
    licence: str
    source: str


class UnknownTarget(Record):
    """What the UNKNOWN answer is fitted for on validation rows: a share answered, or a share wrong of those.

    Exactly one of the two is set. With a coverage of 1 nothing is held back.
    """

    coverage: float | None = None
    error: float | None = None

    @property
    def option(self) -> str:
        """The target as an option of a command states it."""
        return f"coverage={self.coverage!r}" if self.coverage is not None else f"error={self.error!r}"

    @property
    def words(self) -> str:
        """The target as people say it."""
        if self.coverage is not None:
            return f"{100 * (1 - self.coverage):.3g} % of the validation rows held back"
        return f"at most {100 * (self.error or 0):.3g} % of the answers to validation rows wrong"


DEFAULT_UNKNOWN: Final = UnknownTarget(coverage=0.98)


class TaskSpec(Artifact):
    """The task as accepted. Later stages may only do what stands here; a change needs approval.

    `data` is None where the user named none: research then searches the Hub, and `DatasetChoice` pins what it
    chose. `target` holds the words that name what is predicted ("issue type"); `text_column`, `label_column`,
    `base_model` and `max_length` (tokens per text) are set only where the user named them.
    `budget_micro_usd` is in millionths of a US dollar. `time_limit_seconds` bounds one training job.
    `unknown` is what the UNKNOWN answer was asked to be fitted for, and `AnswerRule` says what it is fitted
    for; `unknown_data` are texts of no class to measure it on.
    `assumptions` are the fields that the request left open, each with the default that was taken.
    """

    sentence: str
    goal: str
    task_type: TaskType
    target: str
    data: DataSource | None
    text_column: str | None = None
    label_column: str | None = None
    metrics: tuple[Metric, ...]
    selection_metric: Metric
    confusion_matrix: bool = True
    method: Method
    base_model: PretrainedModel | None = None
    max_length: int | None = None
    deliverable: str
    budget_micro_usd: int = 0
    time_limit_seconds: int
    seed: int = 0
    unknown: UnknownTarget = DEFAULT_UNKNOWN
    unknown_data: DataSource | None = None
    assumptions: tuple[str, ...] = ()
    accepted_by: str


class AnswerRule(Artifact):
    """What the UNKNOWN answer is fitted for: at first as the task asks, later as an improvement changed it.

    It is no part of the locked task because it can change without a new training, at the user's own command.
    """

    unknown: UnknownTarget
