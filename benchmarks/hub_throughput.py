"""1 GiB to the embedded Hub and back by the official client, beside a plain copy with hashing.

python -m benchmarks.hub_throughput [MEBIBYTES]

The server is a process of its own whose memory is watched; the client is one, too, as its users run it.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.command import keep
from benchmarks.hub_chaos import ML_INTERN

REPO = "acme/large"
CHUNK = 1 << 20
UP = """
import sys, time
from huggingface_hub import HfApi
api = HfApi()
api.create_repo(sys.argv[1], exist_ok=True)
start = time.perf_counter()
api.upload_file(path_or_fileobj=sys.argv[2], path_in_repo=sys.argv[3], repo_id=sys.argv[1])
print(time.perf_counter() - start)
"""
DOWN = """
import sys, time
from huggingface_hub import hf_hub_download
start = time.perf_counter()
hf_hub_download(sys.argv[1], sys.argv[2], local_dir=sys.argv[3])
print(time.perf_counter() - start)
"""


class Watch(threading.Thread):
    """The most memory that a process holds, in MiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process, self.ended = psutil.Process(pid), threading.Event()
        self.first = self.most = self.now()

    def now(self) -> float:
        return float(self.process.memory_info().rss) / (1 << 20)

    def run(self) -> None:
        while not self.ended.wait(0.05):
            self.most = max(self.most, self.now())


def plain_copy(source: Path, target: Path) -> float:
    """Seconds to read, hash, write and sync."""
    start, total = time.perf_counter(), hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            total.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    seconds = time.perf_counter() - start
    target.unlink()
    return seconds


def measure(folder: Path, mebibytes: int, rounds: int = 3) -> dict[str, Any]:
    """Medians of some rounds, each with new content."""
    command = [ML_INTERN, "hub", "serve", "--port", "0", "--data", str(folder / "hub"), "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        told = json.loads(server.stdout.readline())
        environment = os.environ | {
            "HF_ENDPOINT": told["url"], "HF_TOKEN": told["token"], "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HOME": str(folder / "cache"),
        }  # fmt: skip

        def client(code: str, *arguments: str) -> float:
            done = subprocess.run(
                [sys.executable, "-c", code, *arguments], env=environment, stdout=subprocess.PIPE, check=True
            )
            return float(done.stdout.split()[-1])

        watch, seconds = Watch(server.pid), []
        watch.start()
        for number in range(rounds):
            source, name = folder / "source.bin", f"{number}.bin"
            with source.open("wb") as file:
                for _ in range(mebibytes):
                    file.write(os.urandom(CHUNK))
            copy = plain_copy(source, folder / "copy.bin")
            up = client(UP, REPO, str(source), name)
            down = client(DOWN, REPO, name, str(folder / "down"))
            same = plain_hash(folder / "down" / name) == plain_hash(source)
            assert same, "what came back is not what went up"
            (folder / "down" / name).unlink()
            seconds.append({"copy": copy, "up": up, "down": down})
        watch.ended.set()
    finally:
        server.kill()
        server.wait()
    middle = {each: statistics.median(s[each] for s in seconds) for each in ("copy", "up", "down")}
    return {
        "mebibytes": mebibytes, "rounds": seconds, "seconds": middle,
        "up_ratio": middle["up"] / middle["copy"], "down_ratio": middle["down"] / middle["copy"],
        "server_mib_before": watch.first, "server_mib_most": watch.most,
    }  # fmt: skip


def plain_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_024
    with tempfile.TemporaryDirectory() as folder:
        record = measure(Path(folder), mebibytes)
    print(json.dumps(record, indent=2))
    keep("hub_throughput", record)


if __name__ == "__main__":
    main()
