"""What a brain costs: tokens and micro-dollars, held against the run's budget."""

import math
import uuid
from collections.abc import Callable
from decimal import Decimal

from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.usage import RequestUsage

from ml_intern.ports.ledger import Ledger
from ml_intern.records.costs import Ask
from ml_intern.records.errors import ExitCode, InternError, OverBudget
from ml_intern.records.money import MICRO, budget_named
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.words import dollars
from ml_intern.workflow.run import Run


class NoMoneyForBrain(InternError):
    """A brain costs more than the run may spend, or nobody knows what it costs."""

    exit_code = ExitCode.NO_COMPUTE


class Meter:
    """Counts what is asked of a model.

    `free`: the model runs on this machine. `unpriced`: the user agreed to a model whose price is not known.
    `tell` gets a `cost` event after each answer. Before each question, what the dearest answer so far cost is
    set aside in the ledger.
    """

    def __init__(
        self, model: Model, free: bool, unpriced: bool, tell: Callable[..., None], ledger: Ledger
    ) -> None:
        self._name, self._free, self._unpriced, self._tell = model.model_name, free, unpriced, tell
        self._priced = free or has_price(model)
        self._ledger = ledger
        self._asked = ""
        self._dearest = 1

    def check(self, view: Run) -> None:
        """See that one more answer, as dear as the dearest so far, is within the budget.

        Raises:
            NoMoneyForBrain: it is not, or nobody knows.
        """
        otherwise = f"go on with the built-in procedure: ml-intern resume {view.record.id} --brain playbook"
        if self._free:
            return
        if not self._priced:
            if self._unpriced:
                return
            raise NoMoneyForBrain(
                f"The price of {self._name} is not known, so what it costs cannot be held against a budget.",
                f"Agree to that with --unpriced-brain, use a model on this machine, or {otherwise}",
            )
        budget = budget_of(view)
        self._asked = f"brain-{uuid.uuid4().hex}"
        try:
            basis = "as the dearest answer so far"
            ask = Ask(
                key=self._asked, what="an answer", where=self._name, micro_usd=self._dearest, basis=basis
            )
            self._ledger.reserve(ask, budget)
        except OverBudget as refused:
            spent = dollars(self._ledger.spoken_for())
            raise NoMoneyForBrain(
                f"The brain {self._name} costs money: {spent} of {dollars(budget)} are spent or set aside.",
                f"Give a budget with --budget USD, use a model on this machine, or {otherwise}",
            ) from refused

    def count(self, response: ModelResponse) -> None:
        """Add what `response` cost, and tell it."""
        cost = 0 if self._free else price(response)
        self._dearest = max(self._dearest, cost or 0)
        if self._asked and cost is not None:
            used = response.usage
            basis = f"{used.input_tokens} tokens in, {used.output_tokens} out, by pydantic's price data"
            self._ledger.settle(self._asked, cost, basis)
        self._tell(
            EventName.COST,
            what="brain",
            model=response.model_name or self._name,
            input_tokens=response.usage.input_tokens,
            output_tokens=response.usage.output_tokens,
            micro_usd=cost,
        )


def has_price(model: Model) -> bool:
    """Whether pydantic's price data know what `model` costs; of several that stand in, all of them."""
    if isinstance(model, FallbackModel):
        return all(has_price(each) for each in model.models)
    asked = ModelResponse(
        parts=[],
        usage=RequestUsage(input_tokens=1, output_tokens=1),
        model_name=model.model_name,
        provider_name=model.system,
        provider_url=model.base_url,
    )
    return price(asked) is not None


def price(response: ModelResponse) -> int | None:
    """What the answer cost in micro-dollars, rounded up, by pydantic's price data; None where not known."""
    try:
        total: Decimal = response.cost().total_price
    except (LookupError, ValueError, AssertionError):
        return None
    return math.ceil(total * MICRO)


def budget_of(view: Run) -> int:
    """What the run may spend, in micro-dollars; before the task is locked, what flag and sentence say."""
    spec = view.get(TaskSpec)
    if spec is not None:
        return spec.budget_micro_usd
    request = view.record.request
    said = request.budget_micro_usd
    return said if said is not None else budget_named(request.sentence) or 0
