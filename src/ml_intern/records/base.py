"""What every record has in common: frozen, strict about unknown fields, and hashable by content."""

import hashlib
import json
import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A value: never changed after it was made, and never carrying fields nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Artifact(Record):
    """A record that a stage of a run stores as its result.

    `kind` is the name it is stored under, derived from the class name (`TaskSpec` → `task_spec`).
    """

    kind: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.kind = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class FileRef(Record):
    """A file inside a run's folder, pinned by its content.

    `path` is relative to the run's folder and uses forward slashes.
    """

    path: str
    sha256: str
    bytes: int


def canonical_json(record: Record | dict[str, Any]) -> str:
    """The one JSON text of a record: sorted keys, no spaces, so that equal records hash alike."""
    value = record.model_dump(mode="json") if isinstance(record, Record) else record
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(record: Record | dict[str, Any]) -> str:
    """SHA-256 of `canonical_json`, as 64 hex digits."""
    return hashlib.sha256(canonical_json(record).encode()).hexdigest()
