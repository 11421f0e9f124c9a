"""Tool: plan the training."""

from ml_intern.records.approval import Verdict
from ml_intern.records.data import Split
from ml_intern.records.errors import ComputeRefused, OverBudget
from ml_intern.records.jobs import Place, Refusal
from ml_intern.records.research import ModelChoice
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines, SmokeReport, TrainingPlan, TrainingScript
from ml_intern.records.words import dollars, duration
from ml_intern.training.plan import affordable_seconds, make_plan
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("plan")
def propose_plan(bench: Workbench) -> Done:
    """Plan the training of the smoke-tested script: hardware, minutes, cost, expected score."""
    before = _before(bench.run)
    # Another list of places is another wish: what an earlier one ran into does not count for it.
    same = before is not None and before.places == bench.compute.places
    return plan_on(bench, before.refusals if before and same else ())


def plan_on(bench: Workbench, refusals: tuple[Refusal, ...]) -> Done:
    """A plan for the first of the user's places that can be had; `refusals` are those that could not.

    Raises:
        ComputeRefused: none is left.
    """
    known = len(refusals)
    for place in bench.compute.places:
        if any(refusal.place == place for refusal in refusals):
            continue
        try:
            plan = _plan_at(bench, place, refusals)
        except ComputeRefused as refused:
            refusals = (*refusals, Refusal(place=place, reason=refused.message, hint=refused.hint))
            if len(bench.compute.places) == 1:
                raise
            continue
        news = [(EventName.COMPUTE_REFUSED, told(refusal)) for refusal in refusals[known:]]
        return Done(plan.summary, [plan], news)
    for refusal in refusals[known:]:
        bench.run.emit(EventName.COMPUTE_REFUSED, **told(refusal))
    last = refusals[-1]
    reasons = " ".join(f"{each.place.words}: {each.reason}" for each in refusals)
    raise ComputeRefused(
        f"None of the places can be had. {reasons}",
        f"{last.hint} Or train here: ml-intern resume {bench.run.record.id} --compute local".strip(),
    )


def told(refusal: Refusal) -> dict[str, str]:
    """A refusal as its event tells it."""
    return {"place": refusal.place.words, "reason": refusal.reason, "hint": refusal.hint}


def _plan_at(bench: Workbench, place: Place, refusals: tuple[Refusal, ...]) -> TrainingPlan:
    """A plan for this place.

    Raises:
        ComputeRefused: it cannot be had, or costs more than the budget.
    """
    run = bench.run
    spec = run.need(TaskSpec)
    plans = [each.sha256 for each in run.history if each.kind == TrainingPlan.kind]
    denials = [
        answer.reason
        for answer in run.answers
        if answer.subject_sha256 in plans[-1:] and answer.verdict is Verdict.DENIED
    ]
    site = bench.compute.site(place, spec.budget_micro_usd)
    try:
        longest = affordable_seconds(site.hardware, spec)
    except ValueError as error:
        raise ComputeRefused(f"{place.words} is not used: {error}.") from error
    plan = make_plan(
        spec,
        run.need(TrainingScript),
        run.need(SmokeReport),
        run.need(Baselines),
        run.need(Split),
        site,
        longest,
        run.need(ModelChoice).base_model,
        denials,
        _before(run),
    )
    plan = plan.model_copy(update={"places": bench.compute.places, "refusals": refusals})
    if plan.time_limit_seconds < min(plan.minutes.value * 60, spec.time_limit_seconds):
        raise OverBudget(
            f"About {duration(plan.minutes.value * 60)} there cost {dollars(plan.cost_micro_usd)}, and the "
            f"budget of {dollars(spec.budget_micro_usd)} pays for {duration(plan.time_limit_seconds)}.",
            f"Go on here: ml-intern resume {run.record.id} --compute local; or start anew with --budget.",
        )
    return plan


def _before(run: Run) -> TrainingPlan | None:
    """The plan before this one, also where it is void by now."""
    plans = [stored.content for stored in run.history if stored.kind == TrainingPlan.kind]
    return TrainingPlan.model_validate_json(plans[-1]) if plans else None
