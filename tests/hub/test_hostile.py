"""Strangers at the embedded Hub: forged names, tokens, uploads and bodies; a full disk; a killed server."""

import base64
import hashlib
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.hub_chaos import chaos, judge
from httpx2 import ConnectError
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, HfApi
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from ml_intern.hub.access import HubAccess, is_configured, open_hub
from ml_intern.hub.errors import HubDown, HubRefused, in_words
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.cards import BadCard, front_matter
from ml_intern.hub.server.serve import served
from ml_intern.hub.server.weights import parameters
from ml_intern.records.errors import UsageProblem
from tests.hub.conftest import Running


def ask(
    access: HubAccess, path: str, body: bytes | None = None, method: str = "", **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """A request as no client would write it."""
    given = {"authorization": f"Bearer {access.token}"} if access.token else {}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(access.endpoint + path, body, given, method=method or None)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


@pytest.fixture(scope="module")
def mine(running: Running) -> HubAccess:
    access = running.access()
    access.api.create_repo("acme/secret", private=True)
    access.api.create_commit(
        "acme/secret",
        [CommitOperationAdd("w.bin", b"\0secret weights"), CommitOperationAdd("a.txt", b"a")],
        commit_message="x",
    )
    return access


def line(key: str, **value: object) -> bytes:
    return json.dumps({"key": key, "value": value}).encode() + b"\n"


def wanted(oid: str, size: int) -> bytes:
    return json.dumps({"operation": "upload", "objects": [{"oid": oid, "size": size}]}).encode()


EVIL = [
    "../x", "/etc/passwd", "a/../../x", "a//b", "", ".", "a/./b", "a\\..\\b", ".git/config", "a\nb", "a\0b",
    "\u2028", "a" * 300, "/".join(["a" * 100] * 11), "a.txt/b",
]  # fmt: skip


@pytest.mark.parametrize("path", EVIL)
def test_a_path_that_leads_elsewhere_is_refused(mine: HubAccess, path: str) -> None:
    head = mine.api.model_info("acme/secret").sha
    said = line("header", summary="x") + line("file", path=path, content="eA==", encoding="base64")
    status, body, _ = ask(mine, "/api/models/acme/secret/commit/main", said)
    assert status == 400, body
    assert mine.api.model_info("acme/secret").sha == head


@pytest.mark.parametrize(
    "path",
    [
        "/acme/secret/resolve/main/../../../hub.db", "/acme/secret/resolve/main/%2e%2e%2f%2e%2e%2fhub.db",
        "/acme/secret/resolve/..%2f..%2fhub.db/x", "/..%2f..%2facme/secret/resolve/main/a.txt",
        "/acme/secret/resolve/main/%00", "/acme/secret/resolve/main/a%0d%0aX-Evil:%20yes",
        "/api/models/acme/secret/tree/main/%2e%2e", "/api/models/%2e%2e/secret",
        "/lfs/..%2f..%2fhub.db?part=0",
    ],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_finds_nothing(mine: HubAccess, path: str) -> None:
    status, body, headers = ask(mine, path)
    assert status in (400, 403, 404, 405), body
    assert "X-Evil" not in headers
    assert b"SQLite" not in body


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/repos/create", b'{"name": {"a": 1}}'), ("/api/repos/create", b"[1]"),
        ("/api/repos/create", b"[" * 50_000), ("/api/repos/create", b'{"name": "\\ud800"}'),
        ("/api/repos/create", b'{"name": "x", "type": "bucket"}'), ("/api/repos/move", b'{"fromRepo": "a"}'),
        ("/api/models/acme/secret/preupload/main", b'{"files": [3]}'),
        ("/api/models/acme/secret/preupload/main", b'{"files": [{"path": "a", "size": -1}]}'),
        ("/api/models/acme/secret/preupload/main", b'{"files": [{"path": "a", "sample": "?"}]}'),
        ("/api/models/acme/secret/commit/main", b"no json"), ("/api/models/acme/secret/commit/main", b"{}"),
        ("/api/models/acme/secret/commit/main", line("file", path="a", content="?", encoding="base64")),
        ("/api/models/acme/secret/commit/main", line("lfsFile", path="a", oid="../../hub.db")),
        ("/api/models/acme/secret/commit/main", line("lfsFile", path="a", oid="0" * 64)),
        ("/api/models/acme/secret/commit/main", line("file", path="\ud800", content="")),
        ("/api/models/acme/secret/tag/main", b'{"tag": "../x"}'),
        ("/api/models/acme/secret/branch/a%2f..%2fb", b"{}"),
        ("/api/models/acme/secret/paths-info/main", b"\xff\xfe"),
        ("/acme/secret.git/info/lfs/objects/batch", wanted("x", 1)),
        ("/acme/secret.git/info/lfs/objects/batch", wanted("0" * 64, 1 << 100)),
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_refused_and_changes_nothing(
    mine: HubAccess, path: str, body: bytes
) -> None:
    head = mine.api.model_info("acme/secret").sha
    status, _, _ = ask(mine, path, body, Content_Type="application/json")
    assert status in (400, 404)
    assert mine.api.model_info("acme/secret").sha == head


BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    "text",
    [
        BOMB, "a: &a [*a]", "a: " + "[" * 50_000, "a: !!python/object:os.system x", f"a: {'1' * 9_999}",
        "- a", "x" * 300_000,
    ],
)  # fmt: skip
def test_front_matter_cannot_blow_up(text: str) -> None:
    with pytest.raises(BadCard):
        front_matter(f"---\n{text}\n---\n")


def test_a_header_of_weights_cannot_lie_about_its_length(tmp_path: Path) -> None:
    hostile = [
        b"", b"\xff" * 8, (1 << 40).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"[]",
        *((len(head)).to_bytes(8, "little") + head for head in (
            b'{"a": {"dtype": "F32", "shape": [-1]}}', b'{"a": {"dtype": "F32", "shape": [1e400]}}',
            b'{"a": {"dtype": "F32", "shape": "x"}}', b"[" * 9_999, b'{"a": 3}', b"\xff\xfe",
        )),
    ]  # fmt: skip
    for number, content in enumerate(hostile):
        (tmp_path / str(number)).write_bytes(content)
        assert parameters(tmp_path / str(number)) == {}, content[:40]


def test_a_request_without_end_is_cut(mine: HubAccess) -> None:
    status, body, _ = ask(mine, "/api/repos/create", b" " * (65 << 20))
    assert status == 413, body


def test_an_upload_is_only_what_was_announced(mine: HubAccess) -> None:
    content = b"\0" * 1_000
    oid = hashlib.sha256(content).hexdigest()
    _, body, _ = ask(mine, "/acme/secret.git/info/lfs/objects/batch", wanted(oid, 1_000))
    href = json.loads(body)["objects"][0]["actions"]["upload"]["href"].removeprefix(mine.endpoint)
    nobody = replace(mine, token=None)
    assert ask(nobody, href, content + b"more", "PUT")[0] == 400
    assert ask(nobody, href, content[:-1] + b"x", "PUT")[0] == 400
    assert ask(nobody, href.replace("size=1000", "size=9999"), content, "PUT")[0] == 403
    assert ask(nobody, href.replace("owner=acme", "owner=evil"), content, "PUT")[0] == 403
    assert (
        ask(mine, "/acme/secret.git/info/lfs/verify", json.dumps({"oid": oid, "size": 1_000}).encode())[0]
        == 404
    )
    assert ask(nobody, href, content, "PUT")[0] == 200
    assert (
        ask(mine, "/acme/secret.git/info/lfs/verify", json.dumps({"oid": oid, "size": 1_000}).encode())[0]
        == 200
    )


def test_to_know_a_hash_is_not_enough_to_get_the_content(running: Running, mine: HubAccess) -> None:
    thief = running.access("thief")
    thief.api.create_repo("thief/loot")
    oid = hashlib.sha256(b"\0secret weights").hexdigest()
    said = line("header", summary="x") + line("lfsFile", path="w.bin", oid=oid, algo="sha256", size=15)
    assert ask(thief, "/api/models/thief/loot/commit/main", said)[0] == 400
    _, body, _ = ask(thief, "/thief/loot.git/info/lfs/objects/batch", wanted(oid, 15))
    assert "actions" in json.loads(body)["objects"][0], "it was told that others have this content"
    for path in ("/acme/secret/resolve/main/a.txt", "/api/models/acme/secret/refs"):
        assert ask(thief, path)[0] == 404
    assert ask(thief, "/api/models/acme/secret/settings", b'{"private": false}', "PUT")[0] == 404
    with pytest.raises(HfHubHTTPError):
        thief.api.create_repo("acme/theirs")


def test_a_token_for_reading_and_a_revoked_one_are_named(running: Running, mine: HubAccess) -> None:
    reader = running.access(role="read")
    assert reader.api.model_info("acme/secret").private
    with pytest.raises(HubRefused, match="may only read") as refused, in_words("write"):
        reader.api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="acme/secret")
    assert "role write" in refused.value.hint
    ended = running.access()
    running.hub.catalogue.revoke(ended.token or "")
    with pytest.raises(HubRefused, match="does not accept the token"), in_words("write"):
        ended.api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="acme/secret")


def test_a_page_in_a_browser_cannot_reach_a_hub_on_this_machine(mine: HubAccess) -> None:
    status, _, _ = ask(mine, "/api/models", Host="evil.example")
    assert status == 400
    _, _, headers = ask(mine, "/acme/secret/resolve/main/a.txt")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


def test_parts_make_one_content_and_a_copy_needs_no_upload(running: Running, tmp_path: Path) -> None:
    content = os.urandom(1_000_003)
    with served(replace(running.hub, multipart=500_000, part=300_000)) as url:
        api = replace(running.access(), endpoint=url).api
        api.create_repo("acme/parts")
        api.upload_file(path_or_fileobj=content, path_in_repo="big.bin", repo_id="acme/parts")
        api.create_commit("acme/parts", [CommitOperationCopy("big.bin", "again.bin")], commit_message="copy")
        path = api.hf_hub_download("acme/parts", "again.bin", cache_dir=tmp_path)
    assert Path(path).read_bytes() == content
    assert not list((running.hub.folder / "incoming").iterdir())


def test_a_full_disk_is_named_and_nothing_is_half(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        hub = open_hub_folder(disk / "hub")
        with served(hub) as url:
            api = Running(hub, url).access().api
            head = api.create_repo("acme/x") and api.model_info("acme/x").sha
            said = line("header", summary="x") + line(
                "file",
                path="a.txt",
                encoding="base64",
                content=base64.b64encode(os.urandom(5 << 20)).decode(),
            )
            access = Running(hub, url).access()
            status, body, _ = ask(access, "/api/models/acme/x/commit/main", said)
            assert (status, b"disk of this Hub is full" in body) == (507, True)
            large = os.urandom(5 << 20)
            with pytest.raises(HubDown, match="disk is full"), in_words("upload"):
                api.upload_file(path_or_fileobj=large, path_in_repo="w.bin", repo_id="acme/x")
            assert api.model_info("acme/x").sha == head
            assert not list((disk / "hub" / "incoming").iterdir()), "what could not be kept takes no room"
            with (disk / "ballast").open("wb") as ballast:  # now not even the database can grow
                with suppress(OSError):
                    ballast.write(b"\1" * (8 << 20))
                with pytest.raises(HubDown, match="disk is full"), in_words("create"):
                    for number in range(200):
                        api.create_repo(f"acme/more-{number}")
                assert api.model_info("acme/x").sha == head, "reading goes on"
            (disk / "ballast").unlink()
            api.upload_file(path_or_fileobj=b"small", path_in_repo="a.txt", repo_id="acme/x")
        hub.catalogue.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_what_was_acknowledged_survives_kills_of_the_server(tmp_path: Path) -> None:
    found = chaos(tmp_path / "hub", seconds=7, every=2.5, writers=8)
    assert found["kills"] >= 2
    assert found["acknowledged"] > 0
    for kind in ("lost_commits", "wrong_files", "half_commits", "torn_contents"):
        assert found[kind] == 0, found
    hub = open_hub_folder(tmp_path / "hub")
    tree = hub.catalogue.commit(hub.catalogue.repo("model", "acme", "chaos"), "main").tree
    hub.blobs.path(next(iter(tree.values())).sha256).write_bytes(b"torn")
    assert judge(hub, [])["torn_contents"] == 1  # the judge can see it
    hub.catalogue.close()


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    for name in ("HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "nobody"))
    yield monkeypatch


def test_which_hub_is_used_and_who_gets_the_token(nothing_set: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not is_configured()
    with open_hub(tmp_path) as one, open_hub(tmp_path) as two:  # two processes may share the folder
        one.api.create_repo("acme/x", private=True)
        assert two.api.repo_exists("acme/x")
        assert one.embedded and one.token and one.token not in repr(one)
    with pytest.raises(HubDown), in_words("look"):
        one.api.model_info("acme/x")
    with pytest.raises(HubDown), in_words("fetch"):  # what a download ends in after some tries
        raise LocalEntryNotFoundError("not in the cache either") from ConnectError("refused")
    with open_hub(tmp_path) as later, pytest.raises(HubRefused), in_words("look"):
        HfApi(endpoint=later.endpoint, token=one.token).whoami()
    (tmp_path / "nobody").mkdir()
    (tmp_path / "nobody" / "token").write_text("hf_stored\n")
    with open_hub(tmp_path) as access:
        assert (access.endpoint, access.token) == ("https://huggingface.co", "hf_stored")
    nothing_set.setenv("HF_ENDPOINT", "https://hub.example/")
    with open_hub(tmp_path) as access:  # the stored token is not for this host
        assert (access.endpoint, access.token) == ("https://hub.example", None)
    nothing_set.setenv("HF_TOKEN", "hf_set")
    with open_hub(tmp_path) as access:
        assert access.token == "hf_set"
    for inside in ("http://10.1.2.3:8765", "http://hub:8765", "http://localhost:1"):
        nothing_set.setenv("HF_ENDPOINT", inside)
        with open_hub(tmp_path) as access:
            assert access.token == "hf_set"
    nothing_set.setenv("HF_ENDPOINT", "http://hub.example")
    with pytest.raises(UsageProblem, match="unencrypted"), open_hub(tmp_path):
        pass
