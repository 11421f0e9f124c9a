"""Running the server: for others from the command line, or for ourselves while we need it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from ml_intern.hub.server.app import make_app
from ml_intern.hub.server.context import Hub
from ml_intern.records.errors import InternError, UsageProblem

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
PATIENCE: Final = 20.0
"""Seconds for the server to come up."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one.

    Raises:
        UsageProblem: that address cannot be had.
    """
    try:
        found = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageProblem(
            f"The Hub cannot listen on {host}:{port}: {error.strerror}.",
            "Choose another with --host and --port.",
        ) from error
    return found


def address(host: str, on: socket.socket) -> str:
    """Where clients reach what listens there."""
    port = on.getsockname()[1]
    if host in ("0.0.0.0", "::", ""):
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(hub: Hub, host: str) -> uvicorn.Server:
    hosts = [*LOOPBACK, "[::1]"] if host in LOOPBACK else ["*"]
    config = uvicorn.Config(
        make_app(hub, hosts), log_level="error", access_log=False, lifespan="off", timeout_keep_alive=30
    )
    return uvicorn.Server(config)


def serve(hub: Hub, on: socket.socket, host: str) -> None:
    """Answer until interrupted."""
    _server(hub, host).run(sockets=[on])


@contextmanager
def served(hub: Hub) -> Iterator[str]:
    """Answer on loopback in a thread, which dies with us; gives the address.

    Raises:
        InternError: the server did not come up.
    """
    with listen("127.0.0.1", 0) as on:
        server = _server(hub, "127.0.0.1")
        thread = threading.Thread(target=server.run, kwargs={"sockets": [on]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise InternError("The embedded Hub did not start.", "See that nothing blocks 127.0.0.1.")
            time.sleep(0.01)
        try:
            yield address("127.0.0.1", on)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
