"""The Hub's protocol as the official client speaks it: unmodified, against the embedded Hub.

With `--live` the same tests run against the endpoint and token that the environment names, in the namespace
of the token's owner. Nobody has run them live yet.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi, ModelCard
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.serve import served

# The client itself uploads in a way that its own HTTP library warns about.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")

CARD = """---
license: apache-2.0
language: en
pipeline_tag: text-classification
library_name: transformers
datasets: [acme/tickets]
tags: [support]
---
# A model
"""


@pytest.fixture(scope="module")
def access(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubAccess]:
    if request.config.getoption("--live"):
        yield HubAccess(
            os.environ.get("HF_ENDPOINT", "https://huggingface.co"), os.environ["HF_TOKEN"], False
        )
        return
    hub = open_hub_folder(tmp_path_factory.mktemp("hub"))
    with served(hub) as url:
        yield HubAccess(url, hub.catalogue.new_token("acme", "write"), embedded=True)


@pytest.fixture(scope="module")
def api(access: HubAccess) -> HfApi:
    return access.api


@pytest.fixture(scope="module")
def me(api: HfApi) -> str:
    return str(api.whoami()["name"])


@pytest.fixture
def repo(api: HfApi, me: str) -> Iterator[str]:
    name = f"{me}/contract-{uuid.uuid4().hex[:8]}"
    yield api.create_repo(name, private=True).repo_id
    api.delete_repo(name, missing_ok=True)


def add(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, content)


def test_a_commit_is_one_step_with_small_and_large_files(api: HfApi, repo: str, tmp_path: Path) -> None:
    weights = os.urandom(300_000)
    before = api.model_info(repo).sha
    made = api.create_commit(
        repo,
        [add("README.md", CARD.encode()), add("model.safetensors", weights), add("empty.txt", b"")],
        commit_message="first",
        commit_description="why",
        parent_commit=before,
    )
    info = api.model_info(repo, files_metadata=True)
    assert info.sha == made.oid != before
    assert api.model_info(repo, revision=made.oid[:7]).sha == made.oid
    sizes = {file.rfilename: file.size for file in info.siblings or []}
    assert sizes["model.safetensors"] == 300_000
    assert sizes["empty.txt"] == 0
    assert info.pipeline_tag == "text-classification"
    assert {"license:apache-2.0", "dataset:acme/tickets", "support"} <= set(info.tags or [])
    folder = Path(api.snapshot_download(repo, cache_dir=tmp_path))
    assert (folder / "model.safetensors").read_bytes() == weights
    assert (folder / "empty.txt").read_bytes() == b""
    titles = [commit.title for commit in api.list_repo_commits(repo)]
    assert titles == ["first", "initial commit"]
    with pytest.raises(HfHubHTTPError) as stale:
        api.create_commit(repo, [add("x", b"1")], commit_message="late", parent_commit=before)
    assert stale.value.response.status_code == 412
    assert not api.file_exists(repo, "x")


def test_the_same_upload_twice_makes_no_commit(api: HfApi, repo: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "sub" / "model.safetensors").write_bytes(os.urandom(2_000))
    first = api.upload_folder(repo_id=repo, folder_path=tmp_path)
    again = api.upload_folder(repo_id=repo, folder_path=tmp_path)
    assert first.oid == again.oid
    assert len(api.list_repo_commits(repo)) == 2


def test_copies_and_deletions(api: HfApi, repo: str) -> None:
    big = os.urandom(5_000)
    api.create_commit(
        repo, [add("a.txt", b"one"), add("d/b.bin", big), add("d/c.txt", b"c")], commit_message="files"
    )
    api.create_commit(
        repo,
        [CommitOperationCopy("d/b.bin", "copy.bin"), CommitOperationDelete("a.txt")],
        commit_message="copy and delete",
    )
    assert set(api.list_repo_files(repo)) - {".gitattributes"} == {"copy.bin", "d/b.bin", "d/c.txt"}
    api.delete_folder("d", repo)
    assert set(api.list_repo_files(repo)) - {".gitattributes"} == {"copy.bin"}
    with pytest.raises(EntryNotFoundError):
        api.delete_file("never.txt", repo)


def test_branches_tags_and_revisions(api: HfApi, repo: str) -> None:
    first = api.upload_file(path_or_fileobj=b"1", path_in_repo="v.txt", repo_id=repo).oid
    api.create_tag(repo, tag="v1", tag_message="one")
    api.create_branch(repo, branch="feature/x", revision="v1")
    api.upload_file(path_or_fileobj=b"2", path_in_repo="v.txt", repo_id=repo, revision="feature/x")
    refs = api.list_repo_refs(repo)
    assert {branch.name for branch in refs.branches} == {"main", "feature/x"}
    assert [(tag.name, tag.target_commit) for tag in refs.tags] == [("v1", first)]
    assert Path(api.hf_hub_download(repo, "v.txt", revision="v1")).read_text() == "1"
    assert Path(api.hf_hub_download(repo, "v.txt", revision="feature/x")).read_text() == "2"
    with pytest.raises(HfHubHTTPError):
        api.create_tag(repo, tag="v1")
    api.create_tag(repo, tag="v1", exist_ok=True)
    api.delete_tag(repo, tag="v1")
    api.delete_branch(repo, branch="feature/x")
    with pytest.raises(RevisionNotFoundError):
        api.model_info(repo, revision="v1")


def test_trees_and_paths(api: HfApi, repo: str) -> None:
    api.create_commit(
        repo,
        [add("a/b/c.txt", b"c"), add("a/d.safetensors", b"\0" * 9), add("e f.txt", b"e")],
        commit_message="x",
    )
    flat = {item.path for item in api.list_repo_tree(repo)}
    assert flat - {".gitattributes"} == {"a", "e f.txt"}
    deep = {item.path: item for item in api.list_repo_tree(repo, recursive=True, expand=True)}
    assert {"a", "a/b", "a/b/c.txt", "a/d.safetensors"} <= set(deep)
    assert deep["a/d.safetensors"].lfs.size == 9
    assert deep["a/b/c.txt"].last_commit.title == "x"
    assert [item.path for item in api.list_repo_tree(repo, "a/b")] == ["a/b/c.txt"]
    api.create_commit(
        repo, [add(f"many/{number}.txt", b"x") for number in range(60)], commit_message="more than a page"
    )
    assert len(list(api.list_repo_tree(repo, "many", expand=True))) == 60
    found = api.get_paths_info(repo, ["e f.txt", "a", "never"])
    assert [type(item).__name__ for item in found] == ["RepoFile", "RepoFolder"]


def test_metadata_and_ranges(access: HubAccess, api: HfApi, repo: str) -> None:
    from huggingface_hub import get_hf_file_metadata, get_session, hf_hub_url

    content = bytes(range(256)) * 40
    commit = api.upload_file(path_or_fileobj=content, path_in_repo="w.bin", repo_id=repo).oid
    url = hf_hub_url(repo, "w.bin", endpoint=access.endpoint)
    told = get_hf_file_metadata(url, token=access.token)
    assert (told.commit_hash, told.size) == (commit, len(content))
    assert told.etag and len(told.etag) == 64
    for asked, wanted in (
        ("bytes=10-19", content[10:20]),
        ("bytes=-7", content[-7:]),
        ("bytes=10200-", content[10200:]),
    ):
        answer = get_session().get(url, headers={"Range": asked, "authorization": f"Bearer {access.token}"})
        assert (answer.status_code, answer.content) == (206, wanted)


def test_files_as_a_file_system(access: HubAccess, repo: str) -> None:
    from huggingface_hub import HfFileSystem

    fs = HfFileSystem(endpoint=access.endpoint, token=access.token, skip_instance_cache=True)
    with fs.open(f"{repo}/data/x.csv", "w") as file:
        file.write("text,label\nhello,greeting\n")
    assert fs.read_text(f"{repo}/data/x.csv").startswith("text,label")
    assert [entry["name"] for entry in fs.ls(f"{repo}/data", refresh=True)] == [f"{repo}/data/x.csv"]
    assert fs.glob(f"{repo}/**/*.csv") == [f"{repo}/data/x.csv"]
    fs.rm(f"{repo}/data/x.csv")
    assert not fs.exists(f"{repo}/data/x.csv")


def test_cards_are_checked_and_pushed(access: HubAccess, api: HfApi, repo: str) -> None:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    api.upload_file(path_or_fileobj=CARD.encode(), path_in_repo="README.md", repo_id=repo)
    card = ModelCard.load(api.hf_hub_download(repo, "README.md"))
    assert card.data.license == "apache-2.0"
    with pytest.raises(ValueError, match="Invalid metadata"):
        api.upload_file(path_or_fileobj=b"---\na: [\n---\n", path_in_repo="README.md", repo_id=repo)


def test_searching_and_sorting(api: HfApi, me: str) -> None:
    mark = uuid.uuid4().hex[:8]
    names = [f"{me}/{mark}-tickets", f"{me}/{mark}-reviews"]
    cards = [
        "---\nlicense: mit\ntask_categories: [text-classification]\nlanguage: [en]\n---\n",
        "---\nlicense: cc-by-4.0\ntask_categories: [summarization]\nlanguage: [de]\n---\n",
    ]
    for name, card in zip(names, cards, strict=True):
        api.create_repo(name, repo_type="dataset")
        api.upload_file(
            path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id=name, repo_type="dataset"
        )
    try:
        assert {each.id for each in api.list_datasets(search=mark)} == set(names)
        for asked in (
            {"task_categories": "text-classification"},
            {"language": "en"},
            {"filter": "license:mit"},
        ):
            assert [each.id for each in api.list_datasets(search=mark, **asked)] == names[:1]
        newest = api.list_datasets(search=mark, sort="created_at", limit=1, full=True)
        assert [each.id for each in newest] == names[1:]
        assert [each.id for each in api.list_datasets(search=mark, author="nobody-at-all")] == []
        assert api.dataset_info(names[0]).card_data.license == "mit"
    finally:
        for name in names:
            api.delete_repo(name, repo_type="dataset")


def test_who_may_see_and_write(access: HubAccess, api: HfApi, repo: str, tmp_path: Path) -> None:
    stranger = HfApi(endpoint=access.endpoint, token=False)
    with pytest.raises(RepositoryNotFoundError):
        stranger.model_info(repo)
    api.update_repo_settings(repo, private=False)
    assert stranger.model_info(repo).private is False
    api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo)
    api.update_repo_settings(repo, gated="manual")
    with pytest.raises(GatedRepoError):
        stranger.hf_hub_download(repo, "x.txt", cache_dir=tmp_path)
    with pytest.raises(HfHubHTTPError) as refused:
        stranger.upload_file(path_or_fileobj=b"x", path_in_repo="y.txt", repo_id=repo)
    assert refused.value.response.status_code == 401


def test_making_moving_and_deleting(api: HfApi, repo: str) -> None:
    with pytest.raises(HfHubHTTPError) as taken:
        api.create_repo(repo)
    assert taken.value.response.status_code == 409
    assert api.create_repo(repo, exist_ok=True).repo_id == repo
    api.move_repo(repo, f"{repo}-moved")
    assert not api.repo_exists(repo)
    assert api.repo_exists(f"{repo}-moved")
    api.delete_repo(f"{repo}-moved")
    with pytest.raises(RepositoryNotFoundError):
        api.delete_repo(f"{repo}-moved")
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("no-such-model-anywhere-5c1")
    with pytest.raises(HfHubHTTPError):
        api.create_commit(f"{repo}-moved", [add("x", b"x")], commit_message="x", create_pr=True)
    space = api.create_repo(f"{repo}-space", repo_type="space", space_sdk="gradio").repo_id
    assert api.space_info(space).sdk == "gradio"
    api.delete_repo(space, repo_type="space")
