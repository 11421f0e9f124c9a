"""What a report is made of: records and plain values, gathered by the caller."""

from collections.abc import Mapping
from dataclasses import dataclass

from ml_intern.ports.artifacts import A
from ml_intern.records.base import Artifact
from ml_intern.records.runs import Approval, RunRecord


@dataclass(frozen=True)
class Step:
    """One stage. `objections` say why it is not done; `seconds` is None where it never ended."""

    name: str
    does: str
    objections: tuple[str, ...]
    seconds: float | None

    @property
    def done(self) -> bool:
        """Whether its gate is open."""
        return not self.objections


@dataclass(frozen=True)
class Version:
    """One stored version of an artifact; not `current` where a later one took its place or voided it."""

    kind: str
    number: int
    sha256: str
    time: str
    current: bool


@dataclass(frozen=True)
class Dossier:
    """A run as it stands. `artifacts` holds the current ones by kind, `versions` all that were stored.

    `commands` are the ways to go on, none where there is nothing left to do; `product` names this software
    with its version.
    """

    run: RunRecord
    folder: str
    steps: tuple[Step, ...]
    artifacts: Mapping[str, Artifact]
    versions: tuple[Version, ...]
    approvals: tuple[Approval, ...]
    commands: tuple[str, ...]
    spent_usd: float
    product: str

    def get(self, kind: type[A]) -> A | None:
        """The current artifact of this kind, or None."""
        found = self.artifacts.get(kind.kind)
        assert found is None or isinstance(found, kind)  # they are kept under their own kind
        return found
