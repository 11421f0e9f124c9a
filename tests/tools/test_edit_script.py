"""What a brain may change in a drafted script, and what not."""

from pathlib import Path

import pytest

from ml_intern.records.errors import UsageProblem
from ml_intern.tools.edit_script import edit_script
from ml_intern.workflow.workbench import Unfit, Workbench
from tests.runs import opened_run


@pytest.fixture
def bench(finished):
    with opened_run(finished.home) as run:
        yield Workbench(
            run=run,
            journal=None,
            jobs=None,
            compute=None,
            ask=lambda question, options: None,
            models=Path("/nonexistent"),
            datasets=Path("/nonexistent"),
            hub=None,
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"config": {"seed": 7}}, "seed follows from the locked task"),
        ({"config": {"label_column": "other"}}, "label_column follows from the locked task"),
        ({"config": {"selection_metric": "accuracy"}}, "selection_metric follows from the locked task"),
        ({"config": {"nonsense": 1}}, "there is no setting nonsense"),
        ({"files": {"../../evil.py": "x = 1"}}, "no name for a script"),
        ({"files": {"/etc/cron.py": "x = 1"}}, "no name for a script"),
        ({"files": {"train.sh": "rm -rf /"}}, "no name for a script"),
        ({"files": {"train.py": "def ("}}, "is not Python"),
        ({}, "changes nothing"),
    ],
)
def test_what_the_task_settles_and_what_is_no_script_cannot_change(bench, changes, said):
    before = {path: path.read_bytes() for path in (bench.run.folder / "script").iterdir()}
    with pytest.raises(Unfit, match=said):
        edit_script.function(bench, **changes)
    assert {path: path.read_bytes() for path in (bench.run.folder / "script").iterdir()} == before


def test_an_unknown_package_needs_the_users_word(bench):
    with pytest.raises(UsageProblem, match="obscure-thing, which is not on the approved list"):
        edit_script.function(bench, packages=["obscure-thing"], bug="missing_package")
