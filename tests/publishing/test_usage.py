"""The ways to use a packaged model that its card shows: each was executed, and each works for others, too."""

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ml_intern.publishing.usage import serve
from ml_intern.tools.package_model import harmless
from tests.conftest import Finished

HELLO = {"text": "I have a question about refund."}


@pytest.fixture(scope="module")
def bundle(finished: Finished) -> Path:
    return Path(finished.ended.result["bundle"])


def blocks(bundle: Path, language: str) -> list[tuple[str, str]]:
    """The commands of the card in blocks of a language, and what each printed, as the card says."""
    card = (bundle / "README.md").read_text()
    usage = card[card.index("## How to use it") : card.index("## Results")]
    return [
        (body[:end], body[end + 1 :])
        for body in re.findall(rf"```{language}\n(.*?)\n```", usage, re.S)
        if (end := body.rindex("\n"))
    ]


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """The server of a bundle, on a free port; its address."""
    command = [sys.executable, "serve.py", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    try:
        yield re.findall(r"http://[\d.]+:\d+", process.stdout.readline())[0]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def test_the_python_of_the_card_shows_what_the_card_says(bundle: Path) -> None:
    ((code, shown),) = blocks(bundle, "python")
    lines = "".join(line.removeprefix(">>> ") + "\n" for line in code.splitlines())
    *before, last = lines.splitlines()
    script = "\n".join([*before, f"print(repr({last}))"])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=bundle, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == shown


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_curl_of_the_card_answers_what_the_card_says(bundle: Path) -> None:
    (script, printed), (curl, shown) = blocks(bundle, "console")
    with serving(bundle) as url:
        command = curl.removeprefix("$ ").replace("http://127.0.0.1:8000", url)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == shown
    assert shown == printed and json.loads(shown)["label"].replace("_", " ") in script


def answer(url: str, body: bytes | None, **headers: str) -> tuple[int, Any]:
    asked = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as told:
            return told.status, json.load(told)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def raw(url: str, header: str) -> bytes:
    """The status line after a request of headers alone."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: here\r\n{header}\r\n".encode())
        return connection.recv(100).split(b"\r\n")[0]


def test_the_server_says_what_is_wrong_and_goes_on(bundle: Path) -> None:
    with serving(bundle) as url:
        for body in (b"", b"refund", b"[]", b'{"text": 1}', b'{"inputs": "refund"}', b"[" * 100_000):
            status, told = answer(url, body)
            assert status == 400 and "send JSON" in told["error"], body[:20]
        assert answer(url, None) == (405, {"error": serve.USAGE})
        assert b" 411 " in raw(url, "")
        assert b" 413 " in raw(url, f"Content-Length: {serve.LARGEST + 1}\r\n")
        assert b" 413 " in raw(url, "Content-Length: -1\r\n")
        status, told = answer(url, json.dumps(HELLO).encode())
        assert status == 200 and set(told) >= {"label", "probabilities"}
        status, told = answer(url, json.dumps({"text": "--always-answer"}).encode())
        assert status == 200 and "label" in told, "a text, and no option"


def test_a_port_in_use_is_said_so(bundle: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "serve.py", "--port", port]
        done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "choose another --port" in done.stderr and "Traceback" not in done.stderr
    command = [sys.executable, "serve.py", "--port", "99999"]
    done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "cannot listen on 127.0.0.1:99999" in done.stderr


def test_words_of_a_label_cannot_act_in_a_shell(tmp_path: Path) -> None:
    for label in (
        "$(touch done)",
        "`touch done`",
        "it's; touch done",
        '"; touch done #',
        "a\nb\x1b[31m",
        "日本_語",
    ):
        words = harmless(label)
        said = subprocess.run(["bash", "-c", f'echo "{words}"'], cwd=tmp_path, capture_output=True, text=True)
        assert said.stdout == f"{words}\n" and shlex.split(f"'{words}'") == [words]
    assert list(tmp_path.iterdir()) == []
    assert harmless("?!") == "something" and harmless("Lost_Card") == "lost card"
    assert len(harmless("a" * 1000)) == 80
    assert harmless("ग्राहक_सेवा") == "ग्राहक सेवा", "marks belong to their letters"


SCRIPT = """
import json, sys
words = sys.argv[3]
if words == "raise":
    raise KeyError(words)
sys.stdout.buffer.write((json.dumps({"label": words + chr(0x2028)}, ensure_ascii=False) + chr(10)).encode())
sys.exit("no" if words == "end" else 0)
"""


def test_a_changed_script_may_end_in_any_way_and_the_server_goes_on(bundle: Path, tmp_path: Path) -> None:
    shutil.copy(bundle / "serve.py", tmp_path)
    (tmp_path / "predict.py").write_text(SCRIPT)
    with serving(tmp_path) as url:
        asked = {
            text: answer(url, json.dumps({"text": text}).encode()) for text in ("raise", "end", "a", "\ud800")
        }
    assert asked["raise"] == (500, {"error": "KeyError: 'raise'"})
    assert asked["end"] == (500, {"error": "RuntimeError: predict.py ended with: no"})
    assert asked["a"] == (200, {"label": "a\u2028"})
    assert asked["\ud800"][0] == 500
