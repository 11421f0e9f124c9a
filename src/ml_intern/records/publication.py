"""What is to be made public, where, and how that was checked."""

from ml_intern.records.base import Artifact, FileRef, Record


class SpacePlan(Record):
    """The demo beside the model: its own repository, for the same eyes; paths are those in its folder."""

    repo: str
    files: tuple[FileRef, ...]
    bytes: int
    parent: str | None


class PublicationPlan(Artifact):
    """What a person is asked to agree to: exactly these files, to exactly this place.

    `parent` is the commit that the repository stood at, None where there was none; `bytes` is the sum over
    `files`, whose paths are those in the bundle.
    """

    endpoint: str
    repo: str
    private: bool
    licence: str
    bundle_sha256: str
    files: tuple[FileRef, ...]
    bytes: int
    parent: str | None
    notes: tuple[str, ...] = ()
    space: SpacePlan | None = None


class Check(Record):
    """One thing that was looked at; `ok` is None where it could not be."""

    id: str
    ok: bool | None
    message: str


class PublishedSpace(Record):
    """The demo's repository; `revision` is the commit that holds the approved files."""

    repo: str
    url: str
    revision: str


class Publication(Artifact):
    """A published model, and what a fresh download of it showed."""

    endpoint: str
    repo: str
    url: str
    revision: str
    private: bool
    bundle_sha256: str
    checks: tuple[Check, ...]
    seconds: float
    space: PublishedSpace | None = None
