"""A run, its approvals and its stream of events."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from ml_intern.records.approval import ApprovalPolicy, Verdict
from ml_intern.records.base import Record
from ml_intern.records.jobs import HERE, Place
from ml_intern.records.spec import UnknownTarget


class RunStatus(StrEnum):
    """Where a run stands when nobody drives it."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    UNSUPPORTED = "unsupported"
    INTERRUPTED = "interrupted"


class RunRequest(Record):
    """What the user typed, before anything was understood."""

    sentence: str
    data: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    base_model: str | None = None
    compute: tuple[Place, ...] = HERE
    """Where it may be trained, in the order in which that is tried."""
    budget_micro_usd: int | None = None
    """What may be spent; None where only the sentence may say so."""
    time_limit_seconds: int | None = None
    seed: int = 0
    licence: str = "unknown"
    unknown: UnknownTarget | None = None
    unknown_data: str | None = None
    policy: ApprovalPolicy = ApprovalPolicy.ASK
    track: str | None = None
    unsandboxed: bool = False
    """Whether the user agreed that jobs run without a sandbox."""
    brain: str = "playbook"
    share_rows: bool = False
    """Whether the user agreed that rows of the data are sent to a brain that does not run on this machine."""
    online: bool = False
    """Whether the user agreed that a brain's searches and pages go beyond the Hub that is configured."""
    mcp: tuple[str, ...] = ()
    """The MCP servers, by their names in the user's configuration, whose tools are offered to a brain."""
    unpriced_brain: bool = False
    """Whether the user agreed to a brain whose price is not known."""
    publish: str | None = None
    """The repository to publish to, with or without its owner; None publishes nothing."""
    public: bool = False
    model_licence: str | None = None
    """The licence that the model is given, by the Hub's identifier; None for that of the data."""
    space: bool = False
    """Whether a demo of the model is published beside it."""


class RunRecord(Record):
    """One run as the store knows it. Times are ISO 8601 in UTC."""

    id: str
    status: RunStatus
    request: RunRequest
    created: str
    updated: str
    error: str = ""
    hint: str = ""
    exit_code: int | None = None


class Approval(Record):
    """The answer given for exactly one artifact, told apart by its hash."""

    subject_kind: str
    subject_sha256: str
    verdict: Verdict
    by: str
    reason: str = ""
    time: str = ""


class EventName(StrEnum):
    """The names that events carry in `--json` output."""

    STAGE_STARTED = "stage_started"
    STAGE_FINISHED = "stage_finished"
    APPROVAL_REQUIRED = "approval_required"
    APPROVAL_GIVEN = "approval_given"
    APPROVAL_DENIED = "approval_denied"
    METRIC = "metric"
    FINDING = "finding"
    REPAIR = "repair"
    COMPUTE_REFUSED = "compute_refused"
    COST = "cost"
    MESSAGE = "message"
    SAID = "said"
    """Words of a model as they come; not stored."""
    HEARTBEAT = "heartbeat"
    """A job is being waited for; not stored."""
    TOOL_CALLED = "tool_called"
    ERROR = "error"


class Event(Record):
    """One thing that happened in a run; `data` holds what belongs to its name."""

    event: EventName
    run: str
    stage: str
    time: str
    data: dict[str, Any] = Field(default_factory=dict)
