"""A process of its own that works on a job: `drive.py JOBS SPEC run|submit|runner`."""

import json
import sys
import time
from pathlib import Path

from ml_intern.compute.local import LocalBackend
from ml_intern.records.jobs import JobSpec


def main() -> None:
    backend = LocalBackend(Path(sys.argv[1]))
    spec = JobSpec.model_validate_json(sys.argv[2])
    if sys.argv[3] == "submit":
        print("ready", flush=True)
        backend.submit(spec)
        print("submitted", flush=True)
        time.sleep(60)
        return
    handle = backend.submit(spec)
    while not (status := backend.status(handle)).state.ended:
        time.sleep(0.02)
    lines = list(backend.logs(handle, 0))
    print(json.dumps({"status": status.model_dump(mode="json"), "lines": lines}))


if __name__ == "__main__":
    main()
