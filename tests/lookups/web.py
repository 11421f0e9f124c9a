"""A web server on loopback that gives the recorded answers and keeps a log of what it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ANSWERS = Path(__file__).parent / "answers"
KINDS = {
    ".xml": "application/atom+xml",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown",
}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def recorded(name: str) -> Answer:
    path = ANSWERS / name
    return Answer(body=path.read_bytes(), headers={"Content-Type": KINDS[path.suffix]})


def redirect(to: str) -> Answer:
    return Answer(302, headers={"Location": to})


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class Web:
    """`routes` lead from a path to an answer, or to a function that gives one."""

    routes: dict[str, Answer | Callable[[Asked], Answer]]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def web(routes: Mapping[str, Any] | None = None) -> Iterator[Web]:
    served = Web(dict(routes or {}))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(parts.path, parse_qs(parts.query), headers)
            served.asked.append(asked)
            found = served.routes.get(parts.path, Answer(404))
            answer = found(asked) if callable(found) else found
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            try:
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # who asked has seen enough

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        served.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield served
        http.shutdown()
        thread.join()


ROUTES = {
    "/api/query": recorded("arxiv-search.xml"),
    "/html/2401.00001": recorded("arxiv-paper.html"),
    "/search/code": recorded("github-code.json"),
    "/docs.python.org/3/library/csv.html": recorded("sphinx-page.html"),
    "/api/papers/search": recorded("hub-papers.json"),
    "/api/papers/2401.00001": recorded("hub-paper.json"),
    "/papers/2401.00001.md": recorded("hub-paper.md"),
    "/api/models": recorded("hub-models.json"),
    "/api/datasets": recorded("hub-datasets.json"),
}
"""One server stands for all of them: their paths differ."""
