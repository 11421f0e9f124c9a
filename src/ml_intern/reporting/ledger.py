"""Everything that was stored, with its hash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ml_intern.records.base import FileRef, Record
from ml_intern.records.bundle import Bundle
from ml_intern.reporting.dossier import Dossier, Version


@dataclass(frozen=True)
class Stored:
    """A file of the run's folder and the artifact that pins it."""

    path: str
    bytes: int
    sha256: str
    kind: str


@dataclass(frozen=True)
class Ledger:
    """The section on artifacts and files; files are sorted by path."""

    versions: tuple[Version, ...]
    files: tuple[Stored, ...]


def ledger(dossier: Dossier) -> Ledger | None:
    """The section on what was stored; None while there is nothing."""
    if not dossier.versions:
        return None
    found = {
        stored.path: stored
        for kind, artifact in dossier.artifacts.items()
        for stored in _files(kind, artifact)
    }
    return Ledger(dossier.versions, tuple(found[path] for path in sorted(found)))


def _files(kind: str, artifact: Record) -> Iterator[Stored]:
    # The paths of a bundle's files are relative to its own folder.
    root = f"{artifact.folder}/" if isinstance(artifact, Bundle) else ""
    for file in _pinned(artifact):
        yield Stored(root + file.path, file.bytes, file.sha256, kind)


def _pinned(value: object) -> Iterator[FileRef]:
    """Every pinned file anywhere in a record."""
    if isinstance(value, FileRef):
        yield value
    elif isinstance(value, Record):
        for name in type(value).model_fields:
            yield from _pinned(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _pinned(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _pinned(each)
