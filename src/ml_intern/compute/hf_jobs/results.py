"""How a job's outputs come back."""

import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ml_intern.compute.outputs import copy_out
from ml_intern.records.errors import ComputeRefused

if TYPE_CHECKING:
    from huggingface_hub import HfApi

MOST_BYTES = 20 << 30


class Results(Protocol):
    """Where jobs leave their outputs."""

    def prepare(self, bucket: str) -> None:
        """Make the place, private to its owner.

        Raises:
            ComputeRefused: that cannot be.
        """
        ...

    def fetch(self, bucket: str, path: str, job_id: str, into: Path) -> None:
        """Bring everything below `path` into the new folder `into`, empty where there is nothing."""
        ...

    def forget(self, bucket: str) -> None:
        """Delete the place."""
        ...


class BucketResults:
    """A bucket of the public Hub, which needs the package hf_xet."""

    def __init__(self, api: "HfApi") -> None:
        self._api = api

    def prepare(self, bucket: str) -> None:
        """Make the bucket, private to its owner.

        Raises:
            ComputeRefused: hf_xet is missing, or the bucket can be seen by others.
        """
        from importlib.util import find_spec

        if find_spec("hf_xet") is None:
            raise ComputeRefused(
                "Results come back from rented machines through a bucket, which needs the package hf_xet.",
                "Install it with: pip install hf_xet",
            )
        self._api.create_bucket(bucket, private=True, exist_ok=True)
        if not self._api.bucket_info(bucket).private:
            raise ComputeRefused(
                f"The bucket {bucket}, to which the model would go, can be seen by everybody.",
                "Make it private, or delete it.",
            )

    def fetch(self, bucket: str, path: str, job_id: str, into: Path) -> None:
        """Bring everything below `path` into the new folder `into`."""
        from huggingface_hub import BucketFile

        with tempfile.TemporaryDirectory(dir=_parent(into)) as work:
            place = Path(work) / "outputs"
            place.mkdir()
            found = self._api.list_bucket_tree(bucket, prefix=path, recursive=True)
            files = [each for each in found if isinstance(each, BucketFile)]
            wanted: list[tuple[str | BucketFile, str | Path]] = [
                (each, _inside(place, each.path, path)) for each in files
            ]
            self._api.download_bucket_files(bucket, wanted, raise_on_missing_files=True)
            copy_out(Path(work), into, MOST_BYTES)

    def forget(self, bucket: str) -> None:
        """Delete the bucket."""
        self._api.delete_bucket(bucket, missing_ok=True)


class EmbeddedResults:
    """Our own Hub, which hands out what a job wrote to its bucket as an archive."""

    def __init__(self, api: "HfApi", namespace: str) -> None:
        self._api, self._namespace = api, namespace

    def prepare(self, bucket: str) -> None:
        """It makes buckets by itself, and nobody else sees them."""

    def fetch(self, bucket: str, path: str, job_id: str, into: Path) -> None:
        """Bring everything that the job wrote into the new folder `into`."""
        from huggingface_hub import get_session
        from huggingface_hub.utils._http import hf_raise_for_status

        url = f"{self._api.endpoint}/api/jobs/{self._namespace}/{job_id}/outputs"
        headers = self._api._build_hf_headers()
        with tempfile.TemporaryDirectory(dir=_parent(into)) as work:
            archive = Path(work) / "outputs.tar"
            with get_session().stream("GET", url, headers=headers, timeout=60.0) as response:
                hf_raise_for_status(response)
                with archive.open("wb") as file:
                    for chunk in response.iter_bytes():
                        file.write(chunk)
            place = Path(work) / "outputs"
            place.mkdir()
            _unpack(archive, place)
            copy_out(Path(work), into, MOST_BYTES)

    def forget(self, bucket: str) -> None:
        """It goes with its jobs."""


def _unpack(archive: Path, place: Path) -> None:
    """Write the regular files of an archive; links and devices are left out. Its names come from the job.

    By hand, since the safe filter of the standard library is missing before Python 3.11.4.

    Raises:
        ComputeRefused: a name leads elsewhere.
    """
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile() and (source := opened.extractfile(member)) is not None:
                target = _inside(place, member.name, "")
                target.parent.mkdir(parents=True, exist_ok=True)
                with source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)


def _parent(into: Path) -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    return into.parent


def _inside(place: Path, path: str, prefix: str) -> Path:
    """Where a file of a bucket goes; names come from the job.

    Raises:
        ComputeRefused: its name leads elsewhere.
    """
    target = place / path.removeprefix(prefix).lstrip("/")
    if not target.resolve().is_relative_to(place.resolve()):
        raise ComputeRefused(f"The job left a file with the forbidden name {path!r}.")
    return target
