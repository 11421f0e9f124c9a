"""The user's side as a script: one JSON line per event, and nobody to ask."""

from ml_intern.app.shell import Shell
from ml_intern.cli.options import print_json
from ml_intern.records.runs import Event


def json_shell() -> Shell:
    """Prints events; answers no question and approves nothing."""
    return Shell(
        listen=_print,
        ask=lambda question, options: None,
        approve=lambda subject, sha256: None,
        streams=True,
    )


def _print(event: Event) -> None:
    fixed = {"event": event.event.value, "run": event.run, "stage": event.stage, "time": event.time}
    print_json(event.data | fixed)
