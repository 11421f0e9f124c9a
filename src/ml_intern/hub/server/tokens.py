"""Who has which token, and who has sent which large file."""

import hashlib
import secrets
from typing import Any

from sqlalchemy import select, text

from ml_intern.hub.server.database import TOKENS, UPLOADS, Database
from ml_intern.hub.server.values import Identity, TokenNote, now

TOKEN_ID = 12
"""Hexadecimal figures of a token's hash that name it without giving it away."""


class Tokens(Database):
    """The part of the database that says who may do what."""

    def note_upload(self, owner: str, sha256: str) -> None:
        """`owner` has sent this content."""
        with self.writing() as connection:
            connection.execute(
                text("INSERT OR IGNORE INTO uploads VALUES (:owner, :sha256)"),
                {"owner": owner, "sha256": sha256},
            )

    def has_sent(self, owner: str, sha256: str) -> bool:
        """Whether `owner` has sent this content. To know its hash is not enough to get it."""
        with self.reading() as connection:
            where = (UPLOADS.c.owner == owner, UPLOADS.c.sha256 == sha256)
            return connection.execute(select(UPLOADS.c.owner).where(*where)).first() is not None

    def new_token(self, user: str, role: str) -> str:
        """A new token; only its hash is kept."""
        token = f"hf_{secrets.token_hex(17)}"
        with self.writing() as connection:
            values = {"sha256": _hash(token), "user": user, "role": role, "created": now()}
            connection.execute(TOKENS.insert().values(**values))
        return token

    def identity(self, token: str) -> Identity | None:
        """Whose token this is, or None where it is nobody's."""
        with self.reading() as connection:
            row = connection.execute(select(TOKENS).where(TOKENS.c.sha256 == _hash(token))).first()
        return Identity(row.user, row.role) if row else None

    def tokens(self) -> list[TokenNote]:
        """All tokens, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(select(TOKENS).order_by(TOKENS.c.created))
            return [TokenNote(row.sha256[:TOKEN_ID], row.user, row.role, row.created) for row in rows]

    def revoke(self, token: str) -> bool:
        """Make a token nobody's; says whether it was somebody's."""
        return self._revoke(TOKENS.c.sha256 == _hash(token))

    def revoke_id(self, token_id: str) -> bool:
        """The same by the token's id."""
        known = len(token_id) == TOKEN_ID and set(token_id) <= set("0123456789abcdef")
        return known and self._revoke(TOKENS.c.sha256.startswith(token_id))

    def _revoke(self, which: Any) -> bool:
        with self.writing() as connection:
            return bool(connection.execute(TOKENS.delete().where(which)).rowcount)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
