"""The playbook as a pydantic-ai model: it looks at what is stored and says the next step."""

from collections.abc import Callable, Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from ml_intern.brains.playbook.debugging import Step, mend
from ml_intern.brains.playbook.objection import changes_from, misread
from ml_intern.brains.playbook.understand import understand
from ml_intern.brains.playbook.wishes import named_dataset
from ml_intern.records.approval import Verdict
from ml_intern.records.money import MICRO, budget_named
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.research import DatasetChoice
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import SmokeReport, TrainingPlan, TrainingScript
from ml_intern.workflow.run import Run

MOST_ALIKE = 3
"""So often one step is tried in a row; no stage needs more than two."""


class Playbook(Model):
    """Decides from the run's artifacts alone, so it can take a run over at any point."""

    def __init__(self, view: Run) -> None:
        super().__init__()
        self._view = view
        self._made: list[str] = []
        """The steps of this process: once what stood in the way was mended, a resumed run tries anew."""

    @property
    def model_name(self) -> str:
        """The name shown where a model is named."""
        return "playbook"

    @property
    def system(self) -> str:
        """The provider's name."""
        return "ml-intern"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The next tool call, or the closing sentence when every stage is done."""
        stage = self._view.stage()
        offered = {each.name for each in model_request_parameters.function_tools}
        if stage is None or "stop_run" not in offered:  # it is offered as long as there is something to do
            return ModelResponse([TextPart("Every stage is done.")], model_name=self.model_name)
        name, arguments = self._step(stage.name, messages)
        if name != "ask_user" and self._made[-MOST_ALIKE:] == [name] * MOST_ALIKE:
            # The same step again would end as before: a gate says what is wrong, and a person must mend it.
            name, arguments = "stop_run", {"reason": " ".join(self._view.objections(stage))}
        self._made.append(name)
        # The position makes the id the same when a crash makes us decide again, so nothing is done twice.
        call = ToolCallPart(name, arguments, tool_call_id=f"{len(messages)}-{name}")
        return ModelResponse([call], model_name=self.model_name)

    def _step(self, stage: str, messages: list[ModelMessage]) -> Step:
        if stage == "define":
            return self._define(messages)
        steps: dict[str, Callable[[], Step]] = {
            "research": self._research,
            "inspect": lambda: ("inspect_data", {}),
            "baseline": lambda: ("run_baselines", {}),
            "draft": lambda: ("draft_script", {}),
            "smoke": self._smoke,
            "plan": self._plan,
            "train": lambda: ("train_model", {}),
            "evaluate": lambda: ("evaluate_model", {}),
            "stress": lambda: ("stress_model", {}),
            "improve": lambda: ("suggest_improvements", {}),
            "package": lambda: ("package_model", {}),
            "demo": lambda: ("try_demo", {}),
            "publish": self._publish,
        }
        return steps[stage]()

    def _define(self, messages: list[ModelMessage]) -> Step:
        request = self._view.record.request
        words = " ".join([request.sentence, *_answers(messages)])
        read = understand(words, request.label_column, request.base_model)
        if read.unsupported:
            return "stop_run", {"reason": read.unsupported}
        if read.question:
            return "ask_user", {"question": read.question}
        return "accept_task", {
            "goal": read.goal,
            "target": read.target,
            "metrics": [metric.value for metric in read.metrics],
            "selection_metric": read.selection_metric.value,
            "method": read.method,
            "budget_usd": (budget_named(request.sentence) or 0) / MICRO,
            "time_limit_minutes": read.time_limit_seconds / 60,
            "assumptions": list(read.assumptions),
            "base_model": read.base_model,
            "max_length": read.max_length,
            "data": None if request.data else named_dataset(request.sentence),
        }

    def _research(self) -> Step:
        spec = self._view.need(TaskSpec)
        if spec.data is None and self._view.get(DatasetChoice) is None:
            return "find_dataset", {}
        return "compare_approaches", {"recipe": spec.method}

    def _smoke(self) -> Step:
        report = self._view.get(SmokeReport)
        if report is None or report.passed:
            return "run_smoke_test", {}
        return mend(report, self._view.need(TrainingScript), self._view.need(TaskSpec), self._view.folder)

    def _plan(self) -> Step:
        plan, answer = self._view.get(TrainingPlan), self._view.approval(TrainingPlan)
        if plan is None or plan.place not in self._view.record.request.compute:
            return "propose_plan", {}
        if answer is None or answer.verdict is Verdict.APPROVED:
            return "request_approval", {"plan_sha256": self._view.sha256(TrainingPlan)}
        changes = changes_from(answer.reason, self._view.need(TrainingScript).config)
        if not changes:
            problems = misread(answer.reason, self._view.need(TrainingScript).config)
            return "stop_run", {"reason": _no_change(answer.reason, problems)}
        return "edit_script", {"config": changes, "explanation": f"Changed as asked: {answer.reason}"}

    def _publish(self) -> Step:
        plan, answer = self._view.get(PublicationPlan), self._view.approval(PublicationPlan)
        if plan is None or (plan.space is not None) is not self._view.record.request.space:
            return "plan_publication", {}
        if answer is None:
            return "request_approval", {"plan_sha256": self._view.sha256(PublicationPlan)}
        if answer.verdict is Verdict.APPROVED:
            return "publish_model", {}
        return "stop_run", {"reason": _turned_down(answer.reason)}


def _turned_down(reason: str) -> str:
    said = f': "{reason}"' if reason else ""
    return f"The publication was turned down{said}. Nothing was uploaded; the packaged model is kept."


def _no_change(reason: str, problems: Sequence[str]) -> str:
    if not reason:
        return "The plan was denied without a reason, so nothing was trained."
    if problems:
        return f'The plan was denied: "{reason}". Nothing was changed: {"; ".join(problems)}.'
    return (
        f'The plan was denied: "{reason}". The playbook cannot turn that into a change; '
        "it understands settings (epochs=3, class_weight=balanced, C=1) and faster, balanced, words only."
    )


def _answers(messages: list[ModelMessage]) -> list[str]:
    parts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    return [str(p.content) for p in parts if isinstance(p, ToolReturnPart) and p.tool_name == "ask_user"]
