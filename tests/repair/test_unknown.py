"""What the catalogue must leave alone, whatever a log or a script says."""

import time

import pytest

from ml_intern.records.jobs import JobState
from ml_intern.training.recipes import defaults, recipe_files
from ml_intern.training.repair.catalogue import diagnose
from ml_intern.training.repair.entries.metric_name import same_metric
from ml_intern.training.repair.failure import Failure
from tests.repair.jobs import CONFIG, failure, write


@pytest.mark.parametrize("module", ["nunpy", "os.nothing", "_secret", "train", "json"])
def test_suspicious_packages_are_not_proposed(module, tmp_path):
    write(tmp_path / "job", "label_map")
    log = (f"ModuleNotFoundError: No module named '{module}'",)
    assert diagnose(failure(tmp_path / "job", log)) is None


TRACE = ("Traceback (most recent call last):", '  File "train.py", line 19, in <module>')


@pytest.mark.parametrize(
    "log",
    [
        (),
        ("Killed",),
        ("RuntimeError: something nobody has seen before",),
        (*TRACE, "ValueError: Only one class present in y_true. ROC AUC score is not defined in that case."),
        (*TRACE, "KeyError: 'macro_f1'"),
        (*TRACE, "IndexError: index 9 is out of bounds for axis 0 with size 3"),
        ('  File "/etc/passwd", line 1, in <module>', "ValueError: too many dimensions 'str'"),
        (
            '  File "/tmp/../train.py/../../etc/train.py", line 9999999',
            "ValueError: too many dimensions 'str'",
        ),
        ("x" * 1_000_000,),
        ("\x1b[31mloss" + " " * 50_000 + "nan",),
        ("'" * 900_000, "KeyError: '" + "a" * 900_000),
        ("loss " * 1000, "sequence length is longer than " * 1000) * 300,
    ],
)
def test_what_is_not_known_is_not_patched(log, tmp_path):
    write(tmp_path / "job", "missing_classes")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    began = time.monotonic()
    assert diagnose(failure(tmp_path / "job", log)) is None
    assert time.monotonic() - began < 5
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "script", ["(" * 100_000, "x = \x00", "def", "\ufeffx", "a = b" + ".c" * 50_000, "# " + "x" * 400_000]
)
def test_scripts_that_cannot_be_read_are_left_alone(script):
    log = (*TRACE, "ValueError: too many dimensions 'str'")
    config = CONFIG | {"batch_size": 1}
    state = JobState.FAILED
    found = Failure(step="train", state=state, log=log, files={"train.py": script}, config=config)
    assert diagnose(found) is None


HUGE = {
    "IndexError: index 9 is out of bounds for axis 0 with size 3": "m = confusion_matrix(a, b)\n",
    "KeyError: 'label'": "m = {'label': m['label']}\n",
    "KeyError: 'macro_f1'": f"m = {'f1' * 2000!r}\n",
    "IndexError: Target 9 is out of bounds.": "num_labels = set(labels) + f(num_labels=3)\n",
    "ValueError: too many dimensions 'str'": "m = torch.tensor(m)\n",
}


@pytest.mark.parametrize("line", HUGE)
def test_a_huge_script_takes_no_time(line):
    script = "import torch\n" + "m = 1\n" * 17 + HUGE[line] * (250_000 // len(HUGE[line]))
    log, state = (*TRACE, line), JobState.FAILED
    began = time.monotonic()
    diagnose(Failure(step="train", state=state, log=log, files={"train.py": script}, config=CONFIG))
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("recipe", ["linear", "encoder", "probe"])
def test_shipped_recipes_are_left_alone(recipe):
    files = {name: path.read_text() for name, path in recipe_files(recipe).items()}
    log = (*TRACE, "OSError: [Errno 28] No space left on device")
    state = JobState.FAILED
    assert diagnose(Failure(step="train", state=state, log=log, files=files, config=defaults(recipe))) is None


@pytest.mark.parametrize(
    ("asked", "known", "meant"),
    [
        ("f1_macro", ["accuracy", "macro_f1", "weighted_f1"], "macro_f1"),
        ("F1-Macro", ["f1_macro", "f1_micro"], "f1_macro"),
        ("macro_avg", ["micro", "macro", "weighted"], "macro"),
        ("acuracy", ["accuracy", "f1"], "accuracy"),
        ("f1_macro", ["f1_micro", "f1_weighted"], None),
        ("balanced_accuracy", ["accuracy", "f1"], None),
        ("accuracy", ["balanced_accuracy"], None),
        ("top_5_accuracy", ["top_1_accuracy"], None),
        ("f1", ["f1_micro", "f1_macro"], None),
    ],
)
def test_a_metric_is_never_exchanged_for_another(asked, known, meant):
    assert same_metric(asked, known) == meant
