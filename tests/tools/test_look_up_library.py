"""What a brain is told of a library, and what it is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ml_intern.tools.look_up_library import look_up_library
from ml_intern.workflow.material import LONGEST
from ml_intern.workflow.workbench import Unfit

BENCH: Any = SimpleNamespace(run=SimpleNamespace(folder=Path("/nonexistent")))


def told(query: str, about: str = "") -> str:
    return look_up_library.function(BENCH, query, about).summary


def test_a_class_is_shown_as_installed():
    import transformers

    said = told("transformers.Trainer")
    assert f"class in transformers {transformers.__version__}, transformers/trainer.py line " in said
    assert "Trainer(model: " in said and "processing_class" in said
    assert "Members: " in said and "train" in said
    assert len(said) < LONGEST
    assert "site-packages" not in said


def test_one_argument_can_be_asked_for():
    said = told("transformers.TrainingArguments", about="eval_strategy")
    assert "eval_strategy: IntervalStrategy | str = " in said.splitlines()[1]
    assert "steps" in said and "weight_decay (" not in said


def test_methods_modules_and_libraries_are_symbols_too():
    assert "fit(X, y, sample_weight=None)" in told("sklearn.linear_model.LogisticRegression.fit")
    assert "LogisticRegression" in told("sklearn.linear_model")
    assert told("polars").startswith("polars: module in polars ")


def test_words_search():
    said = told("linear warmup schedule")
    assert "transformers.optimization.get_linear_schedule_with_warmup: " in said.splitlines()[1]
    assert "torch." in told("torch clip gradient norm").splitlines()[1]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("transformers.AdamW", "has no AdamW that can be read; near to it: torch.optim.adamw.AdamW"),
        ("sklearn.svm.LinearSVM", "sklearn.svm in scikit-learn .* has no LinearSVM .* LinearSVC"),
        ("sklearn.nothing.at.all", "has no nothing"),
        ("ml_intern.hub.access", "no library ml_intern to look up; there are: .*torch"),
        ("os.environ", "no library os"),
        ("../../etc/passwd", "a path is neither"),
        ("transformers/../../../etc", "a path is neither"),
        ("transformers.sys.modules", "has no sys"),
        ("sentence_transformers.huggingface_hub.get_token", "has no"),
        ("zzxxqq vvkkjj", "nothing is found"),
        ("", "a full name or a few words"),
        ("x" * 300, "at most 200 characters"),
    ],
)
def test_what_is_not_there_or_not_to_be_read_is_refused_with_advice(query, said):
    with pytest.raises(Unfit, match=said):
        told(query)
