"""What rented jobs are paid from."""

import math
from dataclasses import dataclass

from ml_intern.ports.ledger import Ledger
from ml_intern.records.costs import Ask
from ml_intern.records.errors import ComputeRefused
from ml_intern.records.jobs import Hardware, JobSpec, JobState, JobStatus


@dataclass(frozen=True)
class Purse:
    """What jobs are paid from: the ledger, the price of the hardware, the run's budget in micro-dollars."""

    ledger: Ledger
    hardware: Hardware
    budget_micro_usd: int
    place: str

    def reserve(self, job: JobSpec) -> None:
        """Set aside what the job costs if it uses all of its time.

        Raises:
            OverBudget: that is more than there is.
            ComputeRefused: nobody knows what it costs.
        """
        seconds = job.limits.seconds
        try:
            worst = self.hardware.cost(seconds)
        except ValueError as error:
            raise ComputeRefused(
                f"{self.place} is not used: {error}.", "Update ML Intern, or choose another place."
            ) from error
        price = f"{self.hardware.micro_usd_per_unit} micro-dollars per {self.hardware.unit}"
        basis = f"at worst {seconds} s at {price}"
        ask = Ask(
            key=job.intent_id,
            what=job.purpose,
            where=self.place,
            micro_usd=worst,
            basis=basis,
            price_micro_usd=self.hardware.micro_usd_per_unit,
            unit=self.hardware.unit,
        )
        self.ledger.reserve(ask, self.budget_micro_usd)

    def settle(self, job: JobSpec, status: JobStatus) -> None:
        """Enter what the job came to. One that nobody can time any more counts as its worst case."""
        if status.state is JobState.LOST:
            self.ledger.settle(
                job.intent_id, self.hardware.cost(job.limits.seconds), "it is gone: its worst case"
            )
            return
        spent = self.hardware.cost(status.seconds)
        self.ledger.settle(job.intent_id, spent, f"{math.ceil(status.seconds)} s, as {self.place} timed it")
