"""What a standing permission covers. Silence, doubt and malformed values all mean: ask."""

from ml_intern.records.approval import ApprovalPolicy
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import RunRequest
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingPlan


def covers_plan(policy: ApprovalPolicy, plan: TrainingPlan, spec: TaskSpec) -> list[str]:
    """Why `policy` does not allow this plan without asking; empty where it does."""
    if policy not in (ApprovalPolicy.PLAN, ApprovalPolicy.ALL):
        return ["plans are to be approved by a person"]
    reasons = []
    if plan.worst_case_micro_usd > spec.budget_micro_usd:
        reasons.append("the plan may cost more than the budget")
    if plan.minutes.high * 60 > spec.time_limit_seconds:
        reasons.append("the plan may take longer than the time limit")
    return reasons


def covers_publication(policy: ApprovalPolicy, plan: PublicationPlan, request: RunRequest) -> list[str]:
    """Why `policy` does not allow this publication without asking; empty where it does."""
    if policy is not ApprovalPolicy.ALL:
        return ["publications are to be approved by a person"]
    named = request.publish or ""
    reasons = []
    if plan.repo != named and plan.repo.partition("/")[2] != named:
        reasons.append("the destination is not the one that was named")
    if not plan.private and not request.public:
        reasons.append("nobody said that it may be public")
    if plan.space and not request.space:
        reasons.append("nobody asked for a demo beside it")
    return reasons
