"""A server that speaks OpenAI's chat protocol on loopback and answers as a script says."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Call = tuple[str, dict[str, Any]]
"""A tool's name and its arguments."""


CUT = object()
"""An answer whose stream breaks off."""


@dataclass
class Asked:
    """One request to the model."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def tools(self) -> set[str]:
        """What may be called: as tools, or as the sentences of a schema."""
        called = {each["function"]["name"] for each in self.body.get("tools", [])}
        return called | {each["properties"]["tool"]["const"] for each in self.sentences}

    @property
    def sentences(self) -> list[dict[str, Any]]:
        """The calls that the schema of the answer allows; none where any answer will do."""
        form = self.body.get("response_format", {})
        return list(form["json_schema"]["schema"]["anyOf"]) if form else []

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


def _streamed(answer: Call | str, number: int) -> bytes:
    """The same as server-sent events: the words one by one, a call's arguments in two pieces."""
    whole = _completion(answer, number)
    message = whole["choices"][0]["message"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if message["content"]:
        deltas += [{"content": word} for word in re.findall(r"\S+\s*", message["content"])]
    for call in message.get("tool_calls", []):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        half = len(arguments) // 2
        begun = {**call, "index": 0, "function": {"name": name, "arguments": arguments[:half]}}
        deltas.append({"tool_calls": [begun]})
        deltas.append({"tool_calls": [{"index": 0, "function": {"arguments": arguments[half:]}}]})
    chunk = {"id": whole["id"], "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    chunks = [chunk | {"choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    chunks.append(chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    chunks.append(chunk | {"choices": [], "usage": whole["usage"]})
    return "".join(f"data: {json.dumps(each)}\n\n" for each in chunks).encode() + b"data: [DONE]\n\n"


@contextmanager
def serving(answer: Callable[[Asked], Any]) -> Iterator[Server]:
    server = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(body, {name.lower(): value for name, value in self.headers.items()})
            server.asked.append(asked)
            given = server.answer(asked)
            if given is CUT:  # the connection breaks within the answer
                content = _streamed("I was about to say something of use.", len(server.asked))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
                return
            status, headers = given if isinstance(given, tuple) and isinstance(given[0], int) else (200, {})
            number = len(server.asked)
            if asked.sentences and isinstance(given, tuple) and isinstance(given[0], str):
                given = json.dumps({"tool": given[0], "arguments": given[1]})
            kind = "application/json"
            if status != 200:
                content = json.dumps({"error": {"message": "no"}}).encode()
            elif body.get("stream"):
                content, kind = _streamed(given, number), "text/event-stream"
            else:
                content = json.dumps(_completion(given, number)).encode()
            self.send_response(status)
            for name, value in (headers | {"Content-Type": kind}).items():
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
