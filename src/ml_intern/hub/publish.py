"""Putting a folder on the Hub in one commit, and taking it down again to look at it."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ml_intern.hub.access import HubAccess
from ml_intern.hub.errors import HubRefused, in_words
from ml_intern.records.base import FileRef
from ml_intern.records.errors import NoRoom, UsageProblem
from ml_intern.records.words import storage

BY_HUB: Final = frozenset({".gitattributes"})
"""Files that a Hub itself puts into a new repository."""
MOST: Final = 20 << 30
"""Bytes of a model that is downloaded to be looked at; this product makes small ones."""


RepoKind = Literal["model", "space"]


@dataclass(frozen=True)
class Standing:
    """What a repository holds: its commit, and files by path with the hash that the Hub knows them by."""

    commit: str
    private: bool
    files: Mapping[str, str]

    def holds(self, folder: Path, files: tuple[FileRef, ...]) -> bool:
        """Whether it holds exactly these files, which lie in `folder`."""
        if set(self.files) != {file.path for file in files}:
            return False
        return all(self.files[file.path] in (file.sha256, git_sha1(folder / file.path)) for file in files)


def full_name(access: HubAccess, name: str) -> str:
    """`owner/name`; without an owner it is the one whose token we have.

    Raises:
        UsageProblem: that is no name.
        HubRefused: there is no token, or the Hub does not accept it.
    """
    if access.token is None:
        raise HubRefused(
            f"There is no token for {access.place}, so nothing can be published there.",
            "Set HF_TOKEN to one that may write, or run: hf auth login",
        )
    with in_words("say whose token this is"):
        user = str(access.api.whoami()["name"])
    repo = name if "/" in name else f"{user}/{name}"
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise UsageProblem(f"{name!r} is no name for a repository.", "Write it like OWNER/NAME.") from error
    return repo


def standing(access: HubAccess, repo: str, kind: RepoKind = "model") -> Standing | None:
    """What the repository holds now, or None where there is none."""
    with in_words(f"look at {repo}"):
        if not access.api.repo_exists(repo, repo_type=kind):
            return None
        look = access.api.space_info if kind == "space" else access.api.model_info
        info = look(repo, files_metadata=True)
    files = {
        each.rfilename: (each.lfs.sha256 if each.lfs else each.blob_id) or ""
        for each in info.siblings or []
        if each.rfilename not in BY_HUB
    }
    return Standing(str(info.sha), bool(info.private), files)


def make_repo(access: HubAccess, repo: str, kind: RepoKind = "model") -> None:
    """Make the repository, private; it is no trouble where it exists."""
    with in_words(f"make {repo}"):
        sdk = "gradio" if kind == "space" else None
        access.api.create_repo(repo, repo_type=kind, space_sdk=sdk, private=True, exist_ok=True)


def upload(
    access: HubAccess,
    repo: str,
    folder: Path,
    files: tuple[FileRef, ...],
    there: Standing,
    message: str,
    kind: RepoKind = "model",
) -> str:
    """Make the repository hold exactly these files, in one commit on top of what is `there`; returns it.

    Raises:
        HubRefused: somebody else changed the repository meanwhile; nothing of ours is in it.
        HubDown: the Hub is in trouble; nothing of ours is in it, or all of it.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    wanted: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationAdd(file.path, folder / file.path) for file in files
    ]
    gone = sorted(set(there.files) - {file.path for file in files})
    wanted += [CommitOperationDelete(path) for path in gone]
    with in_words(f"take the files for {repo}"):
        try:
            made = access.api.create_commit(
                repo, wanted, repo_type=kind, commit_message=message, parent_commit=there.commit
            )
        except RuntimeError as error:  # the client wraps what went wrong with one large file
            raise (error.__cause__ or error) from error
    return str(made.oid)


def show_to_all(access: HubAccess, repo: str, kind: RepoKind = "model") -> None:
    """Make the repository public."""
    with in_words(f"make {repo} public"):
        access.api.update_repo_settings(repo, repo_type=kind, private=False)


def hide_from_all(access: HubAccess, repo: str, kind: RepoKind = "model") -> None:
    """Make the repository private."""
    with in_words(f"make {repo} private"):
        access.api.update_repo_settings(repo, repo_type=kind, private=True)


def fetch(access: HubAccess, repo: str, revision: str | None, into: Path) -> str:
    """Download a model afresh, with no cache; returns its commit.

    Raises:
        UsageProblem: there is none, or it may not be seen.
        NoRoom: it is too large.
        HubDown: the Hub does not answer.
    """
    with in_words(f"give {repo}"):
        info = access.api.model_info(repo, revision=revision, files_metadata=True)
        commit, size = str(info.sha), sum(each.size or 0 for each in info.siblings or [])
        into.mkdir(parents=True, exist_ok=True)
        if size > min(MOST, shutil.disk_usage(into).free // 2):
            raise NoRoom(
                f"{repo} has {storage(size)}, too much to download here.",
                "Free some space, or verify it on a larger machine.",
            )
        access.api.snapshot_download(repo, revision=commit, local_dir=into, force_download=True)
    shutil.rmtree(into / ".cache", ignore_errors=True)  # the client's own notes
    for name in BY_HUB:
        (into / name).unlink(missing_ok=True)
    return commit


def git_sha1(path: Path) -> str:
    """The hash by which git, and so the Hub, knows a small file."""
    total = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total.update(chunk)
    return total.hexdigest()
