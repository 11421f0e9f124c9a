"""What a brain may take for the task, above all for its budget."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ml_intern.records.runs import RunRequest
from ml_intern.records.spec import TaskSpec
from ml_intern.tools.accept_task import accept_task
from ml_intern.workflow.workbench import Unfit
from tests.brains.procedure import TASK_AS_READ
from tests.lookups.bench import opened

Accept = Callable[[str, int | None, float], TaskSpec]


@pytest.fixture
def shown() -> list[str]:
    """What the user was asked."""
    return []


@pytest.fixture
def accept(tmp_path: Path, tickets: Path, shown: list[str]) -> Iterator[Accept]:
    """The task that is locked for a sentence, a `--budget` in micro-dollars and a proposal in dollars."""

    def ask(question: str, options: Sequence[str]) -> str:
        shown.append(question)
        return "yes"

    with opened(tmp_path, ask=ask, interactive=True) as bench:

        def locked(sentence: str, flag: int | None, proposed: float) -> TaskSpec:
            request = RunRequest(sentence=sentence, data=str(tickets), budget_micro_usd=flag)
            bench.run.record = bench.run.record.model_copy(update={"request": request})
            task: dict[str, Any] = TASK_AS_READ | {"budget_usd": proposed, "assumptions": ["budget: open"]}
            spec = accept_task.function(bench, **task).made[0]
            assert isinstance(spec, TaskSpec)
            return spec

        yield locked


@pytest.mark.parametrize(
    ("sentence", "proposed"),
    [
        ("Label tickets into 77 topics", 77),
        ("Label tickets into 77 topics for at most $5", 77),
        ("Label tickets into 77 topics for at most $5", -5),
        ("Label tickets by topic", float("nan")),
    ],
)
def test_a_number_that_is_not_named_as_money_is_no_budget(
    accept: Accept, sentence: str, proposed: float
) -> None:
    with pytest.raises(Unfit, match="an amount that the user named"):
        accept(sentence, None, proposed)


@pytest.mark.parametrize(
    ("sentence", "flag", "proposed", "budget"),
    [
        ("Label tickets into 77 topics for at most $2.50", None, 2.5, 2_500_000),
        ("Label tickets into 77 topics for at most $2.50", None, 0, 0),
        ("Label tickets for at most 5 dollars", 0, 5, 0),
        ("Label tickets for at most 5 dollars", 1_000_000, 5, 1_000_000),
    ],
)
def test_the_flag_binds_and_else_the_money_in_the_sentence_and_both_are_shown(
    accept: Accept, shown: list[str], sentence: str, flag: int | None, proposed: float, budget: int
) -> None:
    spec = accept(sentence, flag, proposed)
    assert spec.budget_micro_usd == budget
    assert f"May be spent: ${budget / 1_000_000:.2f}\n" in shown[0]
    assert ("budget: open" in spec.assumptions) is ("budget: open" in shown[0]) is (flag is None)
