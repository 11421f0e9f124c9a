"""Work that runs outside our own process."""

import math
from enum import StrEnum
from typing import Final

from pydantic import Field

from ml_intern.records.base import Record

PACKAGES = "/packages"
"""A mount that a job's Python looks for packages in."""

LOCAL = "local"
"""The backend whose jobs run on this machine, in a sandbox."""
HF_JOBS = "hf-jobs"
"""The backend whose jobs run on machines rented from the Hub."""
UNSANDBOXED = "unsandboxed"
"""The backend whose jobs are ordinary processes."""
SECONDS_PER: Final = {"minute": 60, "hour": 3600}
"""The units that prices may be in."""
NO_SANDBOX = (
    "without a sandbox a training script can read and change every file that you can, use the network, "
    "and look up the sealed test labels; limits of time, memory and disk are kept only by watching"
)
"""What is lost without one, for people who are asked about it."""


class Limits(Record):
    """Hard limits of one job; the backend stops the whole job when one is reached."""

    seconds: int
    memory_bytes: int = 4 << 30
    disk_bytes: int = 2 << 30
    processes: int = 64


class JobSpec(Record):
    """A job, complete: the same spec always means the same work.

    `argv[0]` is the word `python` (the backend puts its own interpreter there). `inputs` maps a path
    inside the job's folder to a file or folder to copy there; `mounts` maps an absolute path inside
    the sandbox to a folder shown read-only. Outputs are whatever the job leaves under `outputs/`.
    `links` maps an absolute path inside the sandbox to a folder of the job, for programs that write to a
    fixed place. `intent_id` is derived from all of this: submitting it twice must not run it twice.
    """

    intent_id: str
    run: str
    purpose: str
    argv: tuple[str, ...]
    inputs: dict[str, str]
    mounts: dict[str, str] = Field(default_factory=dict)
    links: dict[str, str] = Field(default_factory=dict)
    limits: Limits


class JobHandle(Record):
    """How a backend calls a job that it has accepted."""

    backend: str
    job_id: str


class JobEntry(Record):
    """What is recorded of a job; `handle` is None until its start is recorded.

    `account` is the owner of a rented job and the Hub that knows it, None where that was not recorded.
    """

    run: str
    purpose: str
    backend: str
    intent_id: str
    handle: JobHandle | None
    account: str | None = None


class JobState(StrEnum):
    """Where a job stands. `LOST`: it was started, did not end, and is no longer there."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    LOST = "lost"

    @property
    def ended(self) -> bool:
        """Whether nothing of the job runs any more."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class JobStatus(Record):
    """A job's state. `seconds` is wall time, `peak_memory_bytes` the largest seen for its whole tree."""

    state: JobState
    exit_code: int | None = None
    reason: str = ""
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    launches: int = 0


class Hardware(Record):
    """One flavour a backend offers; prices are integer micro-dollars per `unit` ("minute", "hour")."""

    flavour: str
    micro_usd_per_unit: int
    unit: str
    cpus: int
    memory_bytes: int
    accelerator: str | None = None

    def cost(self, seconds: float) -> int:
        """What `seconds` cost in micro-dollars; see `cost`.

        Raises:
            ValueError: the price is not understood; nothing may be launched then.
        """
        return cost(self.micro_usd_per_unit, self.unit, seconds)


def cost(micro_usd_per_unit: int, unit: str, seconds: float) -> int:
    """What `seconds` cost in micro-dollars, each begun second paid for in full, rounded up.

    Raises:
        ValueError: the unit is not known, or the price is negative.
    """
    if unit not in SECONDS_PER or micro_usd_per_unit < 0:
        raise ValueError(f"the price {micro_usd_per_unit} micro-dollars per {unit!r} is not understood")
    return -(-micro_usd_per_unit * math.ceil(seconds) // SECONDS_PER[unit])


class Place(Record):
    """Where the user lets a training run: a backend and, where it has several, the hardware."""

    backend: str
    flavour: str | None = None

    @property
    def words(self) -> str:
        """As `--compute` writes it."""
        return self.backend if self.flavour is None else f"{self.backend}:{self.flavour}"


HERE: Final = (Place(backend=LOCAL),)
"""Where trainings run unless the user says otherwise."""


class Refusal(Record):
    """A backend that would not take a training, in its own words, and what would help."""

    place: Place
    reason: str
    hint: str = ""


class JobResult(Record):
    """An ended job: its status, the folder with its outputs (absolute path) and its last log lines."""

    status: JobStatus
    outputs: str
    log_tail: tuple[str, ...]
