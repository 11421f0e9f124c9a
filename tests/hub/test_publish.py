"""Uploading when something goes wrong: the right words, nothing half there, and it goes well afterwards."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml_intern.hub.access import HubAccess
from ml_intern.hub.publish import Standing, fetch, make_repo, show_to_all, standing, upload
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.context import Hub
from ml_intern.hub.server.refusals import Refused
from ml_intern.hub.server.serve import served
from ml_intern.records.errors import InternError
from ml_intern.training.script import tree_refs

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")
REPO = "acme/model"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return open_hub_folder(tmp_path / "hub")


@pytest.fixture
def access(hub: Hub) -> Iterator[HubAccess]:
    with served(hub) as url:
        yield HubAccess(url, hub.catalogue.new_token("acme", "write"), embedded=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "bundle"
    (made / "sub").mkdir(parents=True)
    (made / "README.md").write_text("---\nlicense: mit\n---\n# A model\n")
    (made / "model.safetensors").write_bytes(b"\0weights" * 1_000)
    (made / "sub" / "empty.txt").write_text("")
    return made


def put(access: HubAccess, folder: Path) -> str:
    make_repo(access, REPO)
    there = standing(access, REPO)
    assert there is not None
    return upload(access, REPO, folder, tree_refs(folder, folder), there, "publish")


def test_one_commit_that_a_fresh_download_gives_back(access: HubAccess, folder: Path, tmp_path: Path) -> None:
    revision = put(access, folder)
    there = standing(access, REPO)
    assert there == Standing(revision, True, there.files if there else {})
    assert there is not None and there.holds(folder, tree_refs(folder, folder))
    assert fetch(access, REPO, None, tmp_path / "fresh") == revision
    assert tree_refs(tmp_path / "fresh", tmp_path / "fresh") == tree_refs(folder, folder)
    show_to_all(access, REPO)
    assert put(access, folder) == revision  # unchanged files make no commit
    (folder / "sub" / "empty.txt").unlink()
    (folder / "new.txt").write_text("new")
    again = put(access, folder)
    there = standing(access, REPO)
    assert again != revision and there is not None and there.holds(folder, tree_refs(folder, folder))


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (Refused(503, "Service Unavailable"), "in trouble"),
        (Refused(429, "Too Many Requests"), "no more requests"),
        (Refused(403, "You may not"), "You may not"),
        (Refused(409, "Busy"), "Busy"),
    ],
)
def test_trouble_in_the_middle_leaves_nothing_half_there(
    access: HubAccess, hub: Hub, folder: Path, trouble: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)

    def fail(content: bytes) -> str:
        raise trouble

    make_repo(access, REPO)
    before = standing(access, REPO)
    kept = hub.blobs.put
    hub.blobs.put = fail  # type: ignore[method-assign]  # the disk below the server
    with pytest.raises(InternError, match=words) as told:
        put(access, folder)
    assert told.value.hint
    assert standing(access, REPO) == before
    hub.blobs.put = kept  # type: ignore[method-assign]
    assert put(access, folder)


def test_a_revoked_token_and_somebody_elses_commit(access: HubAccess, hub: Hub, folder: Path) -> None:
    make_repo(access, REPO)
    stale: Any = standing(access, REPO)
    put(access, folder)
    (folder / "later.txt").write_text("later")
    with pytest.raises(InternError, match="somebody else changed it"):
        upload(access, REPO, folder, tree_refs(folder, folder), stale, "late")
    assert access.token is not None and hub.catalogue.revoke(access.token)
    with pytest.raises(InternError, match="does not accept the token"):
        put(access, folder)


def test_no_hub_at_all(folder: Path) -> None:
    with pytest.raises(InternError, match="does not answer"):
        put(HubAccess("http://127.0.0.1:9", "hf_x", embedded=False), folder)
