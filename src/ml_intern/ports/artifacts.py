"""Reading what a run has stored so far."""

from pathlib import Path
from typing import Protocol, TypeVar

from ml_intern.records.base import Artifact
from ml_intern.records.runs import Approval, RunRequest

A = TypeVar("A", bound=Artifact)


class ArtifactReader(Protocol):
    """A read-only view of one run's artifacts."""

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        ...

    @property
    def request(self) -> RunRequest:
        """What the user asked for."""
        ...

    def get(self, kind: type[A]) -> A | None:
        """The current artifact of this kind, or None where there is none or it was invalidated."""
        ...

    def need(self, kind: type[A]) -> A:
        """The current artifact of this kind.

        Raises:
            LookupError: there is none.
        """
        ...

    def sha256(self, kind: type[Artifact]) -> str | None:
        """The hash of the current artifact of this kind."""
        ...

    def approval(self, kind: type[Artifact]) -> Approval | None:
        """The answer given for the current artifact of this kind, if any."""
        ...
