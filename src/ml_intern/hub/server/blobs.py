"""Contents by their SHA-256: written once, complete or not at all."""

import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool

from ml_intern.hub.server.refusals import Refused

_File: TypeAlias = "tempfile._TemporaryFileWrapper[bytes]"
CHUNK = 1 << 20
FORGOTTEN = 86_400
"""Seconds after which what came in and was never finished is thrown away; longer than an address works."""


class Blobs:
    """The folder with the contents of all repositories."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._incoming = folder / "blobs", folder / "incoming"
        for each in (self._folder, self._incoming):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, sha256: str) -> Path:
        """Where the content with this hash is, or would be."""
        return self._folder / sha256[:2] / sha256

    def has(self, sha256: str, size: int | None = None) -> bool:
        """Whether the content is there, with `size` bytes where that is given."""
        path = self.path(sha256)
        return path.is_file() and (size is None or path.stat().st_size == size)

    def put(self, content: bytes) -> str:
        """Keep a small content; returns its hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256, len(content)):
            with self._new() as file:
                file.write(content)
                self._keep(file, sha256)
        return sha256

    async def receive(self, chunks: AsyncIterator[bytes], sha256: str, size: int) -> None:
        """Keep what comes in, if it is exactly what was announced.

        Raises:
            Refused: it is longer, shorter, or has another hash.
        """
        with self._new() as file:
            found = await _copy(chunks, file, size, f"More than the announced {size} bytes came in.")
            if file.tell() != size or found != sha256:
                raise Refused(400, "What came in is not what was announced: send it again.")
            await run_in_threadpool(self._keep, file, sha256)

    async def receive_part(self, chunks: AsyncIterator[bytes], sha256: str, number: int, most: int) -> str:
        """Keep one part of a large content; returns the part's own hash.

        Raises:
            Refused: it is longer than `most` bytes.
        """
        with self._new() as file:
            found = await _copy(chunks, file, most, f"A part has at most {most} bytes.")
            file.flush()
            Path(file.name).replace(self._part(sha256, number))  # the whole is synced when joined
            return found

    def join(self, sha256: str, parts: int, size: int) -> None:
        """Make one content of its parts.

        Raises:
            Refused: a part is missing, or the whole is not what was announced.
        """
        paths = [self._part(sha256, number) for number in range(1, parts + 1)]
        with self._new() as file:
            total = hashlib.sha256()
            try:
                for chunk in (chunk for path in paths for chunk in _read(path)):
                    total.update(chunk)
                    file.write(chunk)
            except FileNotFoundError as error:
                raise Refused(400, "A part is missing: send it again.") from error
            if file.tell() != size or total.hexdigest() != sha256:
                raise Refused(400, "The parts do not add up to what was announced: send them again.")
            self._keep(file, sha256)
        for path in paths:
            path.unlink(missing_ok=True)

    def clean(self) -> None:
        """Throw away what killed servers left half received; others may be receiving now."""
        for path in self._incoming.iterdir():
            if time.time() - path.stat().st_mtime > FORGOTTEN:
                path.unlink(missing_ok=True)

    @contextmanager
    def _new(self) -> Iterator[_File]:
        """A file beside the others, gone again if something goes wrong."""
        with tempfile.NamedTemporaryFile(dir=self._incoming, delete=False) as file:
            try:
                yield file
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _part(self, sha256: str, number: int) -> Path:
        return self._incoming / f"{sha256}.{number}"

    def _keep(self, file: _File, sha256: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        target = self.path(sha256)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        Path(file.name).replace(target)
        if os.name == "nt":  # which syncs no folders
            return
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # or a power cut could take the name back
        finally:
            os.close(folder)


async def _copy(chunks: AsyncIterator[bytes], file: _File, most: int, else_say: str) -> str:
    total, seen = hashlib.sha256(), 0
    async for chunk in chunks:
        seen += len(chunk)
        if seen > most:
            raise Refused(400, else_say)
        total.update(chunk)
        file.write(chunk)
    return total.hexdigest()


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def git_oid(content: bytes) -> str:
    """The SHA-1 by which git knows a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
