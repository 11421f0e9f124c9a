"""What was published where, who agreed to it, and what a fresh download showed."""

from dataclasses import dataclass

from ml_intern.records.publication import Publication, PublicationPlan
from ml_intern.records.runs import Approval
from ml_intern.reporting.dossier import Dossier


@dataclass(frozen=True)
class Published:
    """The section on the publication. `made` is None until the files are where they were meant to go."""

    plan: PublicationPlan
    made: Publication | None
    where: str
    approvals: tuple[Approval, ...]


def publication(dossier: Dossier) -> Published | None:
    """The section on the publication; None where nobody asked for one."""
    plan, made = dossier.get(PublicationPlan), dossier.get(Publication)
    if plan is None:
        return None
    same = made is not None and (made.repo, made.private) == (plan.repo, plan.private)
    return Published(
        plan=plan,
        made=made if same else None,
        where="the embedded Hub" if plan.endpoint == "embedded" else plan.endpoint,
        approvals=tuple(a for a in dossier.approvals if a.subject_kind == PublicationPlan.kind),
    )
