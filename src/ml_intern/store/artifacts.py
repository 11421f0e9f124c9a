"""Rows of the `artifacts` table: versions of what stages produced, each naming what it was made from."""

import json
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from ml_intern.records.base import Artifact, canonical_json, digest
from ml_intern.store.database import now
from ml_intern.store.schema import artifacts


class StoredArtifact(NamedTuple):
    """One version as stored. `inputs` maps the kind of each artifact it was made from to its hash."""

    kind: str
    version: int
    sha256: str
    content: str
    inputs: dict[str, str]
    time: str


def append(connection: Connection, run_id: str, artifact: Artifact, inputs: dict[str, str]) -> str:
    """Store the next version of `artifact.kind` and return its hash."""
    mine = (artifacts.c.run_id == run_id) & (artifacts.c.kind == artifact.kind)
    last = connection.execute(select(func.max(artifacts.c.version)).where(mine)).scalar() or 0
    sha256 = digest(artifact)
    connection.execute(
        insert(artifacts).values(
            run_id=run_id,
            kind=artifact.kind,
            version=last + 1,
            sha256=sha256,
            content=canonical_json(artifact),
            inputs=json.dumps(inputs, sort_keys=True),
            time=now(),
        )
    )
    return sha256


def history(connection: Connection, run_id: str) -> list[StoredArtifact]:
    """Every version of every kind, oldest first."""
    rows = connection.execute(select(artifacts).where(artifacts.c.run_id == run_id).order_by(artifacts.c.id))
    return [
        StoredArtifact(row.kind, row.version, row.sha256, row.content, json.loads(row.inputs), row.time)
        for row in rows
    ]
