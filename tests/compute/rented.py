"""An embedded Hub that runs jobs, with a wire to it that can be made to fail."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ml_intern.compute.hf_jobs.backend import HfJobsBackend
from ml_intern.compute.hf_jobs.results import EmbeddedResults
from ml_intern.compute.local import LocalBackend
from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import make_app, open_hub_folder
from ml_intern.hub.server.context import Hub
from ml_intern.hub.server.serve import listen

OWNER = "acme"


@dataclass
class Fault:
    """What happens to the next `times` requests of this kind.

    `after`: only once the Hub has carried them out. `cut`: the answer breaks off after so many parts.
    """

    method: str
    part: str
    status: int = 500
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    cut: int | None = None


class Wire:
    """Passes requests on, and counts those that start a job."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.faults: list[Fault] = []
        self.posts = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        starts = scope["method"] == "POST" and scope["path"] == f"/api/jobs/{OWNER}"
        self.posts += starts
        fault = self._fault(scope)
        if fault is None or fault.cut is not None:
            await self._app(scope, receive, _cut_off(send, fault.cut or 0) if fault else send)
            return
        if fault.after:
            await self._app(scope, receive, _nowhere)
        body = json.dumps({"error": "made to fail"}).encode()
        headers = {"content-type": "application/json", **fault.headers}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": fault.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    def _fault(self, scope: Scope) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and scope["method"] == fault.method and fault.part in scope["path"]:
                fault.times -= 1
                return fault
        return None


async def _nowhere(message: Message) -> None:
    pass


def _cut_off(send: Send, parts: int) -> Send:
    """Lets the head and some parts of an answer through, then nothing more, as if the line were cut."""
    seen = []

    async def passing(message: Message) -> None:
        if message["type"] == "http.response.body":
            seen.append(message)
            if len(seen) > parts:
                raise ConnectionResetError("cut off")
        await send(message)

    return passing


@dataclass
class Rented:
    """The Hub, the wire to it, and where it runs its jobs."""

    hub: Hub
    url: str
    wire: Wire
    runner: LocalBackend
    token: str

    def access(self, role: str = "write", user: str = OWNER) -> HubAccess:
        return HubAccess(self.url, self.hub.catalogue.new_token(user, role), embedded=True)

    def backend(self, flavour: str = "cpu-basic", access: HubAccess | None = None) -> HfJobsBackend:
        access = access or self.access()
        results = EmbeddedResults(access.api, OWNER)
        return HfJobsBackend(access.api, OWNER, flavour, results, "the test Hub", pause=0.1)

    def environment(self) -> dict[str, str]:
        return {"HF_ENDPOINT": self.url, "HF_TOKEN": self.token}

    def jobs(self) -> list[Any]:
        assert self.hub.jobs is not None
        return self.hub.jobs.every(OWNER)


@contextmanager
def rented(folder: Path, credits: int = 5_000_000, slots: int = 2) -> Iterator[Rented]:
    """A Hub with `credits` micro-dollars for its one user."""
    runner = LocalBackend(folder / "jobs")
    hub = open_hub_folder(folder / "hub", runner=runner)
    assert hub.jobs is not None
    hub.jobs.set_credits(OWNER, credits)
    hub.jobs._slots = slots
    wire = Wire(make_app(hub))
    with listen("127.0.0.1", 0) as on:
        config = uvicorn.Config(wire, log_level="critical", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [on]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        token = hub.catalogue.new_token(OWNER, "write")
        yield Rented(hub, f"http://127.0.0.1:{on.getsockname()[1]}", wire, runner, token)
        server.should_exit = True
        thread.join(5)
    hub.catalogue.close()
