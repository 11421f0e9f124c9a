"""The walkthrough's kind of data: what is wrong with it is said first, unasked."""

import pytest

from tests.runs import TASK, ml_intern


@pytest.mark.long
def test_bitext_opens_with_the_rows_that_repeat_training_rows(datasets, tmp_path):
    data = datasets / "bitext-support"
    ended = ml_intern(
        tmp_path, "run", TASK, "--data", data, "--label", "category", "--approve", "plan", "--json"
    )
    assert ended.code == 0, ended.err
    result = ended.result
    first, second = result["findings"][:2]
    assert (first["id"], first["split"]) == ("test_rows_repeat_training", "test")
    assert first["count"] >= 77 and len(first["rows"]) == first["count"]
    assert "remain: accuracy is 1.000" in first["message"]
    assert second["id"] == "score_too_good" and second["severity"] == "critical"
    assert result["clean_metrics"]["accuracy"]["value"] == pytest.approx(1.0, abs=0.01)
    assert result["baselines"]["linear"]["accuracy"]["value"] == pytest.approx(1.0, abs=0.005)


@pytest.mark.long
def test_banking77_reaches_the_known_score_of_linear_models(datasets, tmp_path):
    ended = ml_intern(
        tmp_path,
        "run",
        TASK,
        "--data",
        datasets / "banking77",
        "--label",
        "category",
        "--approve",
        "plan",
        "--json",
    )
    assert ended.code == 0, ended.err
    result = ended.result
    assert result["metrics"]["accuracy"]["value"] == pytest.approx(0.91, abs=0.01)
    first = result["findings"][0]
    assert first["id"] == "test_rows_repeat_training" and "rows remain: accuracy is" in first["message"]
    assert result["clean_metrics"]["accuracy"]["value"] < result["metrics"]["accuracy"]["value"]


def test_the_label_column_that_the_words_mean_is_taken_and_said(datasets, tmp_path):
    ended = ml_intern(
        tmp_path, "run", TASK, "--data", datasets / "bitext-support", "--until", "inspect", "--json"
    )
    assert ended.code == 0
    said = " ".join(event.get("text", "") for event in ended.events)
    assert "Label: category." in said and "issue type" in said
