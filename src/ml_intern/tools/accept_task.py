"""Tool: lock the task."""

from pathlib import Path

from ml_intern.data.load import resolve
from ml_intern.data.room import check_room
from ml_intern.records.approval import ApprovalPolicy
from ml_intern.records.display import escape
from ml_intern.records.errors import ExitCode, InternError, UsageProblem
from ml_intern.records.metrics import Metric
from ml_intern.records.money import MICRO, budget_named
from ml_intern.records.runs import EventName, RunRequest
from ml_intern.records.spec import DEFAULT_UNKNOWN, AnswerRule, DataSource, Method, TaskSpec, TaskType
from ml_intern.records.words import dollars
from ml_intern.tools.base_model import named_model
from ml_intern.tools.find_dataset import require_datasets
from ml_intern.tools.hub_data import HubShelf, is_on_hub, named_data
from ml_intern.training.base_models import require_torch
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


class TaskDeclined(InternError):
    """The user did not accept the task as it was understood."""

    exit_code = ExitCode.DENIED


@tool("define")
def accept_task(
    bench: Workbench,
    goal: str,
    target: str,
    metrics: list[Metric],
    selection_metric: Metric,
    method: Method,
    budget_usd: float = 0,
    time_limit_minutes: float = 60,
    assumptions: list[str] | None = None,
    base_model: str | None = None,
    max_length: int | None = None,
    data: str | None = None,
) -> Done:
    """Lock the task as you understood it. Everything later is held against these fields.

    Args:
        bench: Where the tool works.
        goal: The task in one sentence, in the user's words.
        target: The words that name what is predicted, such as "issue type".
        metrics: What is reported.
        selection_metric: The one of them that the best model is chosen by.
        method: The kind of model: linear, probe (a frozen encoder with a linear head) or encoder (a
            fine-tuned transformer).
        budget_usd: What may be spent; only an amount that the user named, else 0.
        time_limit_minutes: The longest a training may take.
        assumptions: What the user left open, each with what you took for it, as in "time limit: 60 minutes".
        base_model: A pretrained model by its name on the Hub, only if the user named it.
        max_length: Tokens per text, only if the user named a number.
        data: A dataset on the Hub as the user's sentence names it (OWNER/NAME); leave it empty where a flag
            names data, or where the user leaves the search to you.
    """
    request = bench.run.record.request
    if not metrics:
        raise Unfit(f"metrics must name at least one of {', '.join(Metric)}")
    if method == "linear" and request.base_model:
        raise UsageProblem(
            "A linear model starts from no base model, but --base-model names one.",
            "Leave the option out, or ask for a transformer.",
        )
    if method != "linear":
        require_torch()
    budget = _budget(bench, budget_usd)
    assumptions = _still_open(request, assumptions or [])
    source, about_data = _data(bench, data)
    spec = TaskSpec(
        sentence=request.sentence,
        goal=goal,
        task_type=TaskType.TEXT_CLASSIFICATION,
        target=target,
        data=source,
        text_column=request.text_column,
        label_column=request.label_column,
        metrics=tuple(dict.fromkeys(metrics)),
        selection_metric=selection_metric,
        method=method,
        base_model=named_model(bench, base_model) if method != "linear" else None,
        max_length=max_length,
        deliverable="a model folder ready for the Hugging Face Hub",
        budget_micro_usd=budget,
        time_limit_seconds=request.time_limit_seconds or round(time_limit_minutes * 60),
        seed=request.seed,
        unknown=request.unknown or DEFAULT_UNKNOWN,
        unknown_data=_unknown_data(bench),
        assumptions=tuple(assumptions),
        accepted_by=_acceptance(bench, goal, target, metrics, budget, assumptions),
    )
    text = f"The task is locked: {spec.goal}"
    news = [(EventName.MESSAGE, {"text": text, "spec": spec.model_dump(mode="json")})]
    if about_data:
        news.append((EventName.MESSAGE, {"text": about_data}))
    return Done(f"{text} {about_data}".strip(), [spec, AnswerRule(unknown=spec.unknown)], news)


def _data(bench: Workbench, proposed: str | None) -> tuple[DataSource | None, str]:
    """The data of the flag, else of the user's sentence, pinned; None where research is to search for some.

    Raises:
        UsageProblem: it cannot be had, or none is named and there is no Hub to search.
        Unfit: the brain proposes data that the user did not name.
    """
    request = bench.run.record.request
    if request.data is None and proposed is None:
        with bench.hub() as access:
            require_datasets(access)
        return None, ""
    if request.data is None and not (is_on_hub(proposed or "") and (proposed or "") in request.sentence):
        raise Unfit("the user named no such dataset: leave data empty, research will find one")
    shelf = HubShelf(bench.hub, bench.datasets)
    named = request.data if request.data is not None else proposed or ""
    remote = is_on_hub(named)
    if not remote:
        check_room(resolve(named), bench.run.folder)  # before all of it is read for its hash
    source, told = named_data(named, request.licence, shelf, bench.ask, request.sentence)
    if remote:
        check_room(Path(source.location), bench.run.folder)
    return source, told


def _unknown_data(bench: Workbench) -> DataSource | None:
    """The texts of no class, pinned by content. They are read only when the model is evaluated."""
    request = bench.run.record.request
    if request.unknown_data is None:
        return None
    shelf = HubShelf(bench.hub, bench.datasets)
    return named_data(request.unknown_data, "unknown", shelf, bench.ask, request.sentence)[0]


def _budget(bench: Workbench, proposed_usd: float) -> int:
    """The flag's budget, else the proposed one if the user's sentence names that very amount of money."""
    request = bench.run.record.request
    if request.budget_micro_usd is not None:
        return request.budget_micro_usd
    named = budget_named(request.sentence) or 0
    if proposed_usd != 0 and not abs(proposed_usd * MICRO - named) < 1:  # what is no number is not near any
        raise Unfit("budget_usd must be an amount that the user named, or 0")
    return named if proposed_usd else 0


def _still_open(request: RunRequest, assumptions: list[str]) -> list[str]:
    """The assumptions that no flag has settled."""
    flags = {"budget": request.budget_micro_usd, "time limit": request.time_limit_seconds}
    return [each for each in assumptions if flags.get(each.split(":")[0]) is None]


def _acceptance(
    bench: Workbench, goal: str, target: str, metrics: list[Metric], budget: int, assumptions: list[str]
) -> str:
    """Who accepted the task: the person at the terminal, or the command that was typed in full."""
    if not (bench.interactive and bench.run.record.request.policy is ApprovalPolicy.ASK):
        return "the command as given"
    shown = [f"Task: {goal}", f"Predict: {target}", f"Report: {', '.join(metrics)}"]
    shown += [f"May be spent: {dollars(budget)}"]
    shown += [f"Taken for granted: {each}" for each in assumptions]
    lines = map(escape, shown)  # each stays one line, so that a brain's words cannot look like ours
    answer = bench.ask("\n".join([*lines, "Is that the task?"]), ("yes", "no"))
    if answer != "yes":
        raise TaskDeclined(
            "The task was not accepted, so nothing was done.",
            "State it again in other words; flags such as --label and --text settle what words leave open.",
        )
    return "the user at the terminal"
