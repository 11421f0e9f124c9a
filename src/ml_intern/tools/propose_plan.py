"""Tool: plan the training."""

from ml_intern.records.approval import Verdict
from ml_intern.records.data import Split
from ml_intern.records.research import ModelChoice
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines, SmokeReport, TrainingPlan, TrainingScript
from ml_intern.training.plan import make_plan
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("plan")
def propose_plan(bench: Workbench) -> Done:
    """Plan the training of the smoke-tested script: hardware, minutes, cost, expected score."""
    run = bench.run
    denials = [
        answer.reason
        for answer in run.answers
        if answer.subject_kind == TrainingPlan.kind and answer.verdict is Verdict.DENIED
    ]
    plan = make_plan(
        run.need(TaskSpec),
        run.need(TrainingScript),
        run.need(SmokeReport),
        run.need(Baselines),
        run.need(Split),
        bench.backend,
        bench.hardware,
        run.need(ModelChoice).base_model,
        denials,
        _before(run),
    )
    return Done(plan.summary, [plan])


def _before(run: Run) -> TrainingPlan | None:
    """The plan before this one, also where it is void by now."""
    plans = [stored.content for stored in run.history if stored.kind == TrainingPlan.kind]
    return TrainingPlan.model_validate_json(plans[-1]) if plans else None
