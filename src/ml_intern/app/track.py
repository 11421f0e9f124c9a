"""Optional logging of a training's metrics with trackio, into its local database."""

import contextlib
import importlib.util
import sys
from collections.abc import Callable
from typing import Any

from ml_intern.records.errors import UsageProblem
from ml_intern.records.runs import Event, EventName

Listener = Callable[[Event], None]


def require_trackio() -> None:
    """See that trackio is installed.

    Raises:
        UsageProblem: it is not.
    """
    if importlib.util.find_spec("trackio") is None:
        raise UsageProblem(
            "--track needs trackio, which is not installed.",
            "Install it with: pip install 'ml-intern[track]'",
        )


def tracked(listen: Listener, project: str) -> Listener:
    """`listen`, with every metric event also logged to trackio's `project` under the run's id.

    A run that is taken up again goes on in the same place. What trackio prints goes to stderr, because
    stdout may be JSON.
    """
    run: Any = None

    def heard(event: Event) -> None:
        nonlocal run
        listen(event)
        with contextlib.redirect_stdout(sys.stderr):
            if event.event is EventName.METRIC:
                import trackio

                run = run or trackio.init(
                    project,
                    name=event.run,
                    resume="allow",
                    embed=False,
                    auto_log_gpu=False,
                    auto_log_cpu=False,
                )
                numbers = {k: v for k, v in event.data.items() if isinstance(v, int | float) and k != "step"}
                run.log(numbers, step=event.data["step"])
            elif run is not None and event.event in (EventName.STAGE_FINISHED, EventName.ERROR):
                run.finish()
                run = None

    return heard
