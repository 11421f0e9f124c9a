"""The main job on built-in data."""

from ml_intern.app.home import Home
from ml_intern.demo.tickets import write_splits
from ml_intern.records.approval import ApprovalPolicy
from ml_intern.records.runs import RunRequest

TASK = "Label customer support tickets by issue type; report accuracy, macro F1 and a confusion matrix."


def demo_request(home: Home) -> RunRequest:
    """Write the built-in tickets into the state folder and make a request of them.

    The plan is approved beforehand: it costs nothing and takes seconds.
    """
    folder = home.path / "demo" / "tickets"
    write_splits(folder)
    return RunRequest(sentence=TASK, data=str(folder), licence="apache-2.0", policy=ApprovalPolicy.PLAN)
