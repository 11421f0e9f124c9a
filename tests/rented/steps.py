"""Steps that the tests of rented trainings share."""

import signal
import subprocess
import time
from pathlib import Path

from tests.compute.rented import Rented
from tests.runs import ML_INTERN, Ended, environment


def named(ended: Ended, name: str) -> list[dict[str, object]]:
    return [event for event in ended.events if event["event"] == name]


def killed_while_it_trains(home: Path, place: Rented) -> None:
    """Approve, and die as soon as the rented machine has a job."""
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    environ = environment(home) | place.environment()
    process = subprocess.Popen([ML_INTERN, "approve", "--json"], env=environ, **given)
    while not place.jobs() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
