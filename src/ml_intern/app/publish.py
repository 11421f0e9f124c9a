"""Publishing the packaged model of a run that is already there."""

from dataclasses import dataclass
from typing import Any, Final

from ml_intern.app.drive import go_on
from ml_intern.app.home import Home
from ml_intern.app.shell import Shell
from ml_intern.hub.access import open_hub
from ml_intern.records.approval import ApprovalPolicy
from ml_intern.records.bundle import Bundle
from ml_intern.records.errors import UsageProblem
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import RunRequest
from ml_intern.store import runs
from ml_intern.tools.package_model import model_licence
from ml_intern.tools.plan_publication import check_licence, settle
from ml_intern.workflow.run import Run

DATA: Final = "data"
"""Stands for the licence of the data."""


@dataclass(frozen=True)
class PublishWish:
    """What the user says of a publication; None is as asked before.

    `licence` is that of the model, or `DATA` for that of the data.
    """

    to: str | None = None
    public: bool | None = None
    space: bool | None = None
    licence: str | None = None


def publish(home: Home, prefix: str | None, wish: PublishWish, shell: Shell) -> dict[str, Any]:
    """Ask for the publication of a run's packaged model, and publish it once that is approved.

    For another place than before: privately and without a Space, unless said. A standing permission ends
    where anything else is wished for than the request names: it was given for what stood there.

    Raises:
        UsageProblem: there is no packaged model, or nobody ever said where to.
    """
    record = home.resolve(prefix)
    request = record.request
    if wish.to not in (None, request.publish):  # what was agreed on for one place is not meant for another
        request = request.model_copy(update={"public": False, "space": False})
    asked = request.model_copy(
        update={
            "publish": wish.to or request.publish,
            "public": request.public if wish.public is None else wish.public,
            "space": request.space if wish.space is None else wish.space,
            "model_licence": _licence(wish, request),
        }
    )
    if asked != record.request and asked.policy is ApprovalPolicy.ALL:
        asked = asked.model_copy(update={"policy": ApprovalPolicy.PLAN})
    wished = record.model_copy(update={"request": asked})
    run = Run(home.engine, wished, home.folder(record.id), lambda event: None)
    if run.get(Bundle) is None:
        raise UsageProblem(
            f"Run {record.id} has no packaged model yet.", f"Go on with it: ml-intern resume {record.id}"
        )
    if asked.publish is None:
        raise UsageProblem(
            "Nobody said where to publish to.", "Name it with: ml-intern publish --to OWNER/NAME"
        )
    if wish.licence is not None:
        check_licence(run)
    renewed = _renewed(home, run)  # before the wish is stored: one that cannot be met is not remembered
    with home.engine.begin() as connection:
        runs.set_request(connection, record.id, asked)
    return go_on(home, wished, shell, lambda run: _keep(run, renewed))


def _licence(wish: PublishWish, request: RunRequest) -> str | None:
    """What the user says of the model's licence, `DATA` being that of the data; else as before."""
    if wish.licence is None:
        return request.model_licence
    return None if wish.licence == DATA else wish.licence


def _renewed(home: Home, run: Run) -> PublicationPlan | None:
    """A new plan where the one that is stored is for something else than is asked for now."""
    plan, request = run.get(PublicationPlan), run.record.request
    if plan is None or model_licence(run) != plan.licence:  # it is packaged again first
        return None
    named = request.publish or ""
    same_place = named in (plan.repo, plan.repo.partition("/")[2])
    if same_place and plan.private is not request.public:
        return None
    with open_hub(home.path) as access:
        return settle(run, access)


def _keep(run: Run, plan: PublicationPlan | None) -> None:
    if plan is not None:
        call = f"publish-{sum(1 for stored in run.history if stored.kind == PublicationPlan.kind)}"
        run.commit(call, "publish", f"To be published as {plan.repo}.", [plan])
