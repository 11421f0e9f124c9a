"""Columns that a brain proposes: what is wrong with them is the brain's to mend."""

import shutil
from pathlib import Path

import pytest

from ml_intern.records.data import DataReport
from ml_intern.tools.inspect_data import inspect_data
from ml_intern.workflow.workbench import Unfit, Workbench
from tests.runs import opened_run


@pytest.fixture
def bench(finished, tmp_path):
    home = shutil.copytree(finished.home, tmp_path / "home", symlinks=True)
    nowhere = Path("/nonexistent")
    with opened_run(home) as run:
        yield Workbench(run, None, None, None, lambda question, options: None, nowhere, nowhere, None)


@pytest.mark.parametrize(
    ("proposed", "said"),
    [
        ({"text_column": "the text column"}, "there is no column 'the text column'; there are: 'ticket', "),
        ({"text_column": "issue_type"}, "'issue_type' does not read like text, as 'ticket' does"),
        ({"label_column": "ticket"}, "'ticket' reads like text; what reads like a label is 'issue_type'"),
        ({"text_column": "ticket", "label_column": "ticket"}, "leave the columns out"),
    ],
)
def test_columns_that_the_values_speak_against_are_refused(bench, proposed, said):
    with pytest.raises(Unfit, match=said):
        inspect_data.function(bench, **proposed)


def test_a_column_that_the_model_proposed_is_not_said_to_be_the_users(bench):
    report = next(
        each for each in inspect_data.function(bench, "ticket").made if isinstance(each, DataReport)
    )
    assert report.text.reason == "The model proposed it, and its values allow it."
    assert "model" not in report.label.reason
