"""Runs inside the smoke test's sandbox: train, train again as if restarted, reload and predict.

Standard library only. Prints one JSON line per step on stdout; stops at the first that fails.
"""

import json
import subprocess
import sys
import time

STEPS = (
    ("train", ["train.py", "config.json"]),
    ("restart", ["train.py", "config.json"]),
    ("reload", ["predict.py", "outputs/model", "data/validation.parquet", "outputs/reloaded.parquet"]),
)


def main() -> int:
    """Run the steps in order; the exit code of the first that fails, else 0."""
    for name, arguments in STEPS:
        begin = time.monotonic()
        code = subprocess.run([sys.executable, *arguments]).returncode
        print(json.dumps({"smoke": name, "exit_code": code, "seconds": time.monotonic() - begin}), flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
