"""Base models through the official client, from a small server that speaks the Hub's protocol."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "tokenizer.json": b"{}",
    "model.safetensors": b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    "README.md": b"---\nlicense: mit\n---\nA model.",
    "pytorch_model.bin": b"pickle: must not be fetched",
    "modeling_evil.py": b"code: must not be fetched",
}
FETCH = """
import json, os, sys
from pathlib import Path
from ml_intern.hub.access import HubAccess
from ml_intern.hub.models import download_model
from ml_intern.records.errors import InternError
from ml_intern.training.base_models import hub_model
try:
    access = HubAccess(os.environ["HF_ENDPOINT"], None, embedded=False)
    found = hub_model(sys.argv[1], *download_model(sys.argv[1], Path(sys.argv[2]), access))
    print(json.dumps(found.model_dump()))
except InternError as error:
    print(json.dumps({"error": type(error).__name__, "message": error.message, "hint": error.hint}))
"""


class Handler(BaseHTTPRequestHandler):
    seen: list[str] = []  # noqa: RUF012

    def log_message(self, *arguments: object) -> None:
        pass

    def answer(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        self.seen.append(self.path)
        path = self.path.partition("?")[0]
        if path.startswith(f"/acme/tiny/resolve/{COMMIT}/"):
            content = FILES[path.rpartition("/")[2]]
            etag = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            self.answer(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})
        elif path in (
            "/api/models/acme/tiny",
            f"/api/models/acme/tiny/revision/{COMMIT}",
            "/api/models/acme/tiny/revision/v1",
        ):
            siblings = [{"rfilename": name} for name in FILES]
            self.json({"id": "acme/tiny", "sha": COMMIT, "siblings": siblings, "tags": [], "private": False})
        elif path == f"/api/models/acme/tiny/tree/{COMMIT}":
            oid = {
                name: hashlib.sha1(f"blob {len(c)}\0".encode() + c).hexdigest() for name, c in FILES.items()
            }
            self.json([{"type": "file", "path": n, "size": len(c), "oid": oid[n]} for n, c in FILES.items()])
        elif path.startswith("/api/models/acme/broken"):
            self.answer(503, b"{}", {"X-Error-Message": "under maintenance"})
        else:
            self.answer(
                404, b"{}", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            )

    do_HEAD = do_GET

    def json(self, value: object) -> None:
        self.answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def fetch(name: str, folder: Path, endpoint: str) -> dict[str, str]:
    environment = os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_XET": "1",
    }
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [sys.executable, "-c", FETCH, name, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", ["acme/tiny", "acme/tiny@v1"])
def test_a_model_is_pinned_and_fetched_without_code_or_pickles(name, tmp_path, endpoint):
    found = fetch(name, tmp_path, endpoint)
    assert found["revision"] == COMMIT and found["licence"] == "mit"
    assert f"the Hub at {endpoint}" in found["source"]
    names = {path.name for path in Path(found["folder"]).iterdir() if path.is_file()}
    assert names == {"config.json", "tokenizer.json", "model.safetensors", "README.md"}
    assert not any("evil" in path or "pytorch_model" in path for path in Handler.seen if "/resolve/" in path)


def test_what_is_not_there_is_a_usage_problem(tmp_path, endpoint):
    found = fetch("acme/nothing", tmp_path, endpoint)
    assert (found["error"], "no model acme/nothing" in found["message"]) == ("UsageProblem", True)


def test_a_hub_that_refuses_says_so(tmp_path, endpoint):
    found = fetch("acme/broken", tmp_path, endpoint)
    assert found["error"] == "UsageProblem" and "would not give acme/broken" in found["message"]


def test_no_hub_is_told_apart(tmp_path):
    assert fetch("acme/tiny", tmp_path, "http://127.0.0.1:9")["error"] == "HubUnreachable"
