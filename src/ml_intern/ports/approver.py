"""Asking the person in charge."""

from typing import Protocol

from ml_intern.records.base import Artifact
from ml_intern.records.runs import Approval


class Approver(Protocol):
    """Answers a request for approval, or says that nobody can be asked."""

    def __call__(self, subject: Artifact, sha256: str) -> Approval | None:
        """The answer for exactly this artifact; None where there is nobody to ask."""
        ...


class Asker(Protocol):
    """Puts a question to the user."""

    def __call__(self, question: str, options: tuple[str, ...]) -> str | None:
        """The answer, one of `options` where there are any; None where there is nobody to ask."""
        ...
