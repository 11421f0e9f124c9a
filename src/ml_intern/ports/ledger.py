"""The one place that knows what money is spoken for."""

from typing import Protocol

from ml_intern.records.costs import Ask


class Ledger(Protocol):
    """Sets money aside before it can be spent. An amount that cannot be read means that nothing is spent."""

    def reserve(self, ask: Ask, budget_micro_usd: int) -> None:
        """Set it aside, in one step with seeing that it fits; does nothing where its key is reserved.

        Raises:
            OverBudget: with it the run would go over `budget_micro_usd`, or all runs over their common limit.
        """
        ...

    def is_open(self, key: str) -> bool:
        """Whether something is set aside under `key`: it may have been started."""
        ...

    def settle(self, key: str, micro_usd: int, basis: str) -> None:
        """Put what it came to in the place of what was reserved; does nothing where `key` is unknown."""
        ...

    def release(self, key: str, why: str) -> None:
        """Give back what was reserved: nothing was started."""
        ...

    def spoken_for(self) -> int:
        """What the run has spent, and has set aside, in micro-dollars."""
        ...
