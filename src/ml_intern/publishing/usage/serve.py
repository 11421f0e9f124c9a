# /// script
# requires-python = ">=3.11"
# ///
"""Answer texts over HTTP with the model in this folder, or from Python with `classify`.

    python serve.py [--host 127.0.0.1] [--port 8000]
    curl -s http://127.0.0.1:8000 -d '{"text": "where is my parcel"}'

The answer is what `predict.py . --text TEXT` prints. It needs what predict.py needs, one request is answered
at a time, and the model is read again for each, so it is meant for trying and for light use. There is no
password: whoever reaches the port may ask. So it listens to this machine alone unless told otherwise.
"""

import argparse
import contextlib
import io
import json
import runpy
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LARGEST = 1 << 20
"""Bytes of a request that are read."""
USAGE = 'send JSON such as {"text": "where is my parcel"}'


def printed(text: str) -> str:
    """What predict.py prints for one text.

    Raises:
        RuntimeError: it ended with an error of its own.
    """
    caught = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    before, sys.argv = sys.argv, ["predict.py", str(HERE), "--text", text]
    try:
        # The script that was evaluated answers here, too; what it imports stays loaded.
        with contextlib.redirect_stdout(caught):
            runpy.run_path(str(HERE / "predict.py"), run_name="__main__")
    except SystemExit as end:
        if end.code not in (0, None):
            raise RuntimeError(f"predict.py ended with: {end.code}") from end
    finally:
        sys.argv = before
    caught.seek(0)
    return caught.read()


def classify(text: str) -> dict[str, Any]:
    """The label of one text, which may be UNKNOWN, and the probabilities of the likeliest labels."""
    answer: dict[str, Any] = json.loads(printed(text).strip().split("\n")[-1])
    return answer


class Handler(BaseHTTPRequestHandler):
    """POST a text to any path, get its answer."""

    timeout = 30

    def do_POST(self) -> None:
        """Answer, or say what is wrong with the request."""
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            return self._say(HTTPStatus.LENGTH_REQUIRED, {"error": "Content-Length is missing"})
        if not 0 <= length <= LARGEST:
            return self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"at most {LARGEST} bytes"})
        try:
            asked = json.loads(self.rfile.read(length))
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
            return self._say(HTTPStatus.BAD_REQUEST, {"error": USAGE})
        try:
            answer = classify(asked["text"])
        except Exception as error:  # whatever the script cannot do with this text, the next one is answered
            return self._say(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"{type(error).__name__}: {error}"})
        return self._say(HTTPStatus.OK, answer)

    def do_GET(self) -> None:
        """Say how to ask."""
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, {"error": USAGE})

    def _say(self, status: HTTPStatus, answer: dict[str, Any]) -> None:
        body = (json.dumps(answer, ensure_ascii=False) + "\n").encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Answer texts over HTTP with the model in this folder.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8000, type=int)
    given = parser.parse_args()
    try:
        server = HTTPServer((given.host, given.port), Handler)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        sys.exit(f"cannot listen on {given.host}:{given.port} ({why}); choose another --port or --host")
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"Serving at http://{given.host}:{server.server_port}, Ctrl-C ends it", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
