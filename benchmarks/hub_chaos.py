"""Eight writers commit to the embedded Hub while its server is killed every few seconds.

python -m benchmarks.hub_chaos [SECONDS]

Each commit adds a small file and one over LFS. In the end every commit that was acknowledged must be there,
nothing half: each commit in the history holds both of its files, and each content is what its hash says.
"""

import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.command import keep

ML_INTERN = str(Path(sys.executable).with_name("ml-intern"))
REPO = "acme/chaos"


@dataclass
class Server:
    """A real server on a fixed port, killed and started again at will."""

    folder: Path
    port: int
    kills: int = 0
    process: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> None:
        where = ["--port", str(self.port), "--data", str(self.folder)]
        command = [ML_INTERN, "hub", "serve", *where, *options, "--json"]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert self.process.stdout
            if "url" in json.loads(self.process.stdout.readline()):
                return
            self.process.wait()  # the port was not free yet
            time.sleep(0.2)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        assert self.process and self.process.stdout
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.kills += 1


@dataclass
class Writer:
    """Commits as fast as it can; knows what was acknowledged and how often it was refused."""

    name: str
    api: Any
    until: float
    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: int = 0

    def run(self) -> None:
        from huggingface_hub import CommitOperationAdd

        rng, number = random.Random(self.name), 0
        while time.monotonic() < self.until:
            number += 1
            text, large = rng.randbytes(60).hex().encode(), rng.randbytes(rng.randrange(20_000, 200_000))
            files = {f"{self.name}/{number}.txt": text, f"{self.name}/{number}.bin": large}
            try:
                made = self.api.create_commit(
                    REPO,
                    [CommitOperationAdd(path, content) for path, content in files.items()],
                    commit_message=f"{self.name} {number}",
                )
            except Exception:  # whatever a killed server looks like
                self.failures += 1
                time.sleep(0.1)
            else:
                hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
                self.acknowledged[made.oid] = hashes


def chaos(folder: Path, seconds: float, every: float, writers: int = 8) -> dict[str, Any]:
    """Writes for so many seconds, with a kill each `every` seconds; says what was found in the end."""
    os.environ["HF_HUB_DISABLE_XET"] = os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    from huggingface_hub import HfApi

    from ml_intern.hub.server.app import open_hub_folder

    hub = open_hub_folder(folder)
    token = hub.catalogue.new_token("acme", "write")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = Server(folder, port)
    server.start()
    api = HfApi(endpoint=f"http://127.0.0.1:{port}", token=token)
    api.create_repo(REPO)
    until = time.monotonic() + seconds
    team = [Writer(f"w{number}", api, until) for number in range(writers)]
    threads = [threading.Thread(target=writer.run, daemon=True) for writer in team]
    for thread in threads:
        thread.start()
    while time.monotonic() + every < until:
        time.sleep(every)
        server.kill()
        server.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    server.kill()
    found = judge(hub, team)
    hub.catalogue.close()
    return {"seconds": seconds, "writers": writers, "kills": server.kills, **found}


def judge(hub: Any, team: list[Writer]) -> dict[str, Any]:
    """What the folder holds after the last kill, against what was acknowledged."""
    repo = hub.catalogue.repo("model", *REPO.split("/"))
    history = hub.catalogue.history(repo, "main")
    tree = hub.catalogue.commit(repo, "main").tree
    known, half = {commit.oid for commit in history}, 0
    for commit in history[:-1]:
        before = set(hub.catalogue.commit(repo, commit.parent).tree)
        half += len(set(hub.catalogue.commit(repo, commit.oid).tree) - before) != 2
    acknowledged = {oid: files for writer in team for oid, files in writer.acknowledged.items()}
    lost = [oid for oid in acknowledged if oid not in known]
    wrong = [
        path
        for files in acknowledged.values()
        for path, sha256 in files.items()
        if path not in tree or tree[path].sha256 != sha256
    ]
    torn = [
        path
        for path, entry in tree.items()
        if hashlib.sha256(hub.blobs.path(entry.sha256).read_bytes()).hexdigest() != entry.sha256
    ]
    return {
        "acknowledged": len(acknowledged),
        "unacknowledged_but_whole": len(history) - 1 - len(acknowledged),
        "refused_or_cut": sum(writer.failures for writer in team),
        "lost_commits": len(lost),
        "wrong_files": len(wrong),
        "half_commits": half,
        "torn_contents": len(torn),
    }


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        record = chaos(Path(folder), seconds, 4.0)
    print(json.dumps(record, indent=2))
    keep("hub_chaos", record)


if __name__ == "__main__":
    main()
