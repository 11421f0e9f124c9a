"""What a standing permission covers. Silence, doubt and malformed values all mean: ask."""

from ml_intern.records.approval import ApprovalPolicy
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
