"""Scoring the model beside its baselines."""

from ml_intern.records.base import FileRef
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.training import Baselines
from ml_intern.tools.evaluate_model import is_the_model
from tests.runs import opened_run


def test_a_baseline_that_is_the_model_byte_for_byte_is_not_asked_again(finished):
    with opened_run(finished.home) as run:
        (linear,) = run.need(Baselines).models
        assert is_the_model(linear, run)  # in these tickets the default strength is the best, too
        evaluation = run.need(Evaluation)
    scored = {each.name: each.scores for each in evaluation.baselines}
    assert scored["linear"] == evaluation.scores
    assert not list((finished.folder / "jobs").glob("evaluate-baseline-*"))


def test_a_baseline_that_differs_in_a_byte_is_asked(finished):
    with opened_run(finished.home) as run:
        (linear,) = run.need(Baselines).models
        first, *others = linear.model
        other = FileRef(path=first.path, sha256="0" * 64, bytes=first.bytes)
        assert not is_the_model(linear.model_copy(update={"model": (other, *others)}), run)
        assert not is_the_model(linear.model_copy(update={"model": tuple(others)}), run)


def test_a_baseline_is_asked_where_the_model_answers_by_another_script(finished, monkeypatch, tmp_path):
    changed = tmp_path / "predict.py"
    changed.write_text("print('another')")
    monkeypatch.setattr("ml_intern.tools.evaluate_model.recipe_files", lambda name: {"predict.py": changed})
    with opened_run(finished.home) as run:
        assert not is_the_model(run.need(Baselines).models[0], run)
