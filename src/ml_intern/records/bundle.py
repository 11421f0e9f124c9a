"""The folder that is ready for the Hub."""

from ml_intern.records.base import Artifact, FileRef, Record


class Trace(Record):
    """One value of the card: the text as printed and the artifact field it was rendered from."""

    text: str
    source: str


class Bundle(Artifact):
    """A packaged model. Every number of its card stands in `traces`."""

    folder: str
    files: tuple[FileRef, ...]
    card: FileRef
    traces: tuple[Trace, ...]
    example_output: str
    licence: str
    seconds: float
