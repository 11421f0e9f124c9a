"""Where a training may run, as the user lists it."""

from dataclasses import dataclass
from typing import Protocol

from ml_intern.ports.jobs import JobRunner
from ml_intern.records.jobs import Hardware, Place


@dataclass(frozen=True)
class Site:
    """One place that can be had now: its backend's name, the hardware with its price, a way to run jobs.

    `owner` is who rents the hardware out, `account` for whom, both empty where it is this machine. `started`:
    a job of the run may be running there by now.
    """

    place: Place
    backend: str
    hardware: Hardware
    jobs: JobRunner
    owner: str = ""
    account: str = ""
    started: bool = False


class Compute(Protocol):
    """The places of one run, in the user's order."""

    @property
    def places(self) -> tuple[Place, ...]:
        """In the order in which they are to be tried."""
        ...

    def site(self, place: Place, budget_micro_usd: int) -> Site:
        """The place, with its price of now; its jobs are paid from this budget.

        Raises:
            ComputeRefused: it cannot be had.
        """
        ...
