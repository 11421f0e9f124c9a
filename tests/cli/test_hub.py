"""The commands of the embedded Hub, as their users type them."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi
from typer.testing import CliRunner

from ml_intern.app.hub import ImportRequest, import_files, list_repos, revoke, serve
from ml_intern.cli.main import app
from ml_intern.hub.server.serve import listen
from ml_intern.records.errors import UsageProblem
from tests.runs import ML_INTERN, environment


def test_import_list_token_and_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, source = tmp_path / "home", tmp_path / "rows"
    monkeypatch.setenv("ML_INTERN_HOME", str(home))
    source.mkdir()

    def hub(*command: str | Path) -> Any:
        ended = CliRunner().invoke(app, ["hub", *map(str, command), "--json"])
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.stdout)

    (source / "train.csv").write_text("text,label\nhello,greeting\n")
    (source / ".secret").write_text("stays here")
    (source / "README.md").write_text("---\ntask_categories: [text-classification]\n---\n# Rows\n")
    command = ("import", source, "acme/rows", "--licence", "mit")
    made = hub(*command)
    assert made == hub(*command), "the same files make no new commit"
    assert (made["repo"], made["files"]) == ("acme/rows", 2)
    (source / "train.csv").rename(source / "test.csv")
    assert hub(*command, "--private")["revision"] != made["revision"]
    listed = hub("list")
    assert [(repo["id"], repo["type"], repo["private"]) for repo in listed] == [
        ("acme/rows", "dataset", True)
    ]

    token = hub("token", "--read", "--user", "acme")["token"]
    serving = subprocess.Popen(
        [ML_INTERN, "hub", "serve", "--port", "0", "--json"],
        env=environment(home), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert serving.stdout
        told = json.loads(serving.stdout.readline())
        api = HfApi(endpoint=told["url"], token=token)
        info = api.dataset_info("acme/rows")
        assert {file.rfilename for file in info.siblings or []} == {"README.md", "test.csv"}
        assert {"license:mit", "task_categories:text-classification"} <= set(info.tags or [])
        assert (
            HfApi(endpoint=told["url"], token=told["token"]).whoami()["auth"]["accessToken"]["role"]
            == "write"
        )
        (known,) = (t for t in hub("token") if t["user"] == "acme")
        assert hub("token", "--revoke", known["id"]) == {"revoked": True}
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0
    finally:
        serving.kill()
        serving.wait()
        serving.stdout.close()
    assert hub("token") == [], "its own token ends with it"


def test_large_files_are_imported_whatever_the_client_would_do(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(os.urandom(50_000))
    given = environment(tmp_path / "home")
    given.pop("HF_HUB_DISABLE_XET")  # which these tests set for the clients within them
    command = [ML_INTERN, "hub", "import", weights, "acme/model", "--type", "model", "--json"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (repo,) = list_repos(tmp_path / "home" / "hub")
    assert (repo["id"], repo["type"], repo["bytes"]) == ("acme/model", "model", 50_000)


def test_what_cannot_be_imported_or_served_is_said(tmp_path: Path) -> None:
    source, data = tmp_path / "rows", tmp_path / "hub"
    source.mkdir()

    def refused(name: str, words: str, card: Path | None = None) -> None:
        with pytest.raises(UsageProblem, match=words) as problem:
            import_files(ImportRequest(source, name, card=card, licence="mit"), data)
        assert problem.value.hint

    refused("rows", "no files")
    (source / "passwd").symlink_to("/etc/passwd")
    refused("rows", "leads out of the folder")
    (source / "passwd").unlink()
    (source / "a.txt").write_text("a")
    refused("../../rows", "would not import")
    (tmp_path / "card.md").write_text("---\na: [\n---\n")
    refused("rows", "front matter", tmp_path / "card.md")
    refused("rows", "cannot be read", tmp_path / "none.md")
    assert list_repos(data) == []
    with pytest.raises(UsageProblem, match="no such token"):
        revoke("0" * 12, data)
    with listen("127.0.0.1", 0) as taken, pytest.raises(UsageProblem, match="cannot listen"):
        serve("127.0.0.1", taken.getsockname()[1], data, lambda url, token: None)
