"""A server that speaks OpenAI's chat protocol on loopback and answers as a script says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Call = tuple[str, dict[str, Any]]
"""A tool's name and its arguments."""


@dataclass
class Asked:
    """One request to the model."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def tools(self) -> set[str]:
        return {each["function"]["name"] for each in self.body.get("tools", [])}

    @property
    def system(self) -> str:
        return "\n".join(
            str(m["content"]) for m in self.body["messages"] if m["role"] in ("system", "developer")
        )

    @property
    def returned(self) -> str:
        """What the last tool call returned."""
        last = self.body["messages"][-1]
        return str(last["content"]) if last["role"] == "tool" else ""


@dataclass
class Server:
    """`answer` gives a tool call, the closing words, or a status with headers to refuse with."""

    answer: Callable[[Asked], Call | str | tuple[int, dict[str, str]]]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    @property
    def brain(self) -> str:
        return f"{self.url}/v1#scripted"


def _completion(answer: Call | str, number: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if isinstance(answer, str):
        message["content"] = answer
    else:
        function = {"name": answer[0], "arguments": json.dumps(answer[1])}
        message["tool_calls"] = [{"id": f"call-{number}", "type": "function", "function": function}]
    return {
        "id": f"c-{number}", "object": "chat.completion", "created": 1, "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }  # fmt: skip


@contextmanager
def serving(answer: Callable[[Asked], Any]) -> Iterator[Server]:
    server = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(body, {name.lower(): value for name, value in self.headers.items()})
            server.asked.append(asked)
            given = server.answer(asked)
            status, headers = given if isinstance(given, tuple) and isinstance(given[0], int) else (200, {})
            shown = {"error": {"message": "no"}} if status != 200 else _completion(given, len(server.asked))
            content = json.dumps(shown).encode()
            self.send_response(status)
            for name, value in (headers | {"Content-Type": "application/json"}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield server
        http.shutdown()
        thread.join()
