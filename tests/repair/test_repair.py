"""Each entry of the catalogue against scripts that are really broken and really run, before and after."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.records.jobs import JobState
from ml_intern.training import smoke
from ml_intern.training.recipes import defaults, recipe_files
from ml_intern.training.repair.catalogue import bugs, diagnose
from ml_intern.training.repair.entries.metric_name import same_metric
from ml_intern.training.repair.failure import Failure, Patch
from tests.repair.launch import ENVIRONMENT, launch

BROKEN = Path(__file__).with_name("broken")
CASES = sorted(path.name for path in BROKEN.iterdir() if (path / "train.py").exists())
NEED_BERT = ("label_map-untold", "missing_text-tokenizer", "too_long", "too_long-positions")
LABELS = ["billing", "delivery", "login", "refund"]
SEEN = ["delivery", "refund"]
"""The classes in validation, which are not the first of all."""
CONFIG = {
    "text_column": "body", "label_column": "issue", "id_column": "row_id", "seed": 0, "epochs": 60,
    "learning_rate": 0.5, "batch_size": 8, "gradient_accumulation": 1, "max_length": 32,
    "selection_metric": "macro_f1", "base_model": "base",
}  # fmt: skip
CHANGED = {"nan_loss": {"learning_rate": 5.0}, "out_of_memory": {"batch_size": 32}}
ROOM = {"out_of_memory": 130 << 20}
MOST_REPAIRS = 5


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    pytest.importorskip("torch")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of one layer with 32 places that knows the words of the tickets."""
    pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("base")
    (folder / "train.py").write_text((BROKEN.parent / "make_base.py").read_text())
    words = {word for text, _ in tickets() for word in text.lower().split()}
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(words)])
    )
    code, log = launch(folder)
    assert code == 0, "\n".join(log)
    return folder / "base"


def tickets() -> list[tuple[str, str]]:
    """Texts with their labels, whose order is not that of the alphabet."""
    return [
        (f"{label} trouble number {i % 3} please help with {label}", label)
        for i in range(8)
        for label in reversed(LABELS)
    ]


def write(folder: Path, case: str) -> None:
    """The broken script with its config and data; as in a smoke test, validation lacks half the classes."""
    shutil.copytree(BROKEN / case, folder, dirs_exist_ok=True)
    shutil.copy(BROKEN / "bag.py", folder)
    (folder / "config.json").write_text(json.dumps(CONFIG | CHANGED.get(case, {})))
    (folder / "data").mkdir()
    rows = tickets()
    for part, chosen in (("train", rows), ("validation", [row for row in rows if row[1] in SEEN][:6])):
        texts: list[str | None] = [text for text, _ in chosen]
        if case.startswith("missing_text"):
            texts[1] = None
        if case.startswith("too_long"):
            texts[0] = f"{texts[0]} " * 8
        ids = [f"{part}-{i}" for i in range(len(chosen))]
        found = pl.DataFrame({"row_id": ids, "body": texts, "issue": [label for _, label in chosen]})
        found.write_parquet(folder / "data" / f"{part}.parquet")


def failure(folder: Path, log: tuple[str, ...], step: str = "train") -> Failure:
    return Failure(
        step=step,
        state=JobState.FAILED,
        log=log,
        files={path.name: path.read_text() for path in folder.glob("*.py")},
        config=json.loads((folder / "config.json").read_text()),
    )


def trouble(folder: Path, case: str) -> Failure | None:
    """Run the script and look at it as the smoke test does: its exit code, then what it leaves."""
    code, log = launch(folder, ROOM.get(case))
    if code:
        return failure(folder, log)
    script = SimpleNamespace(config=json.loads((folder / "config.json").read_text()))
    checks = smoke.left_behind(folder / "outputs", folder / "data", script, read_predictions)
    bad = next((check for check in checks[:3] if not check.ok), None)
    return failure(folder, (*log, bad.message), bad.id) if bad else None


def mend(folder: Path, case: str) -> list[Patch]:
    """Patch and run until nothing fails; the patches."""
    patches = []
    while broken := trouble(folder, case):
        patch = diagnose(broken)
        assert patch is not None, "\n".join(broken.log)
        assert patch.evidence in broken.log
        assert len(patches) < MOST_REPAIRS, [patch.explanation for patch in patches]
        apply(patch, folder)
        patches.append(patch)
    return patches


def apply(patch: Patch, folder: Path) -> None:
    for name, text in patch.files.items():
        (folder / name).write_text(text)
    config = json.loads((folder / "config.json").read_text()) | patch.config
    (folder / "config.json").write_text(json.dumps(config))


def answers(folder: Path) -> list[str]:
    return pl.read_parquet(folder / "outputs/predictions-validation.parquet")["label"].to_list()


@pytest.mark.parametrize("case", [case for case in CASES if case != "missing_package"])
def test_a_broken_script_is_mended(case, tmp_path, request):
    folder = tmp_path / "job"
    write(folder, case)
    if case in NEED_BERT:
        shutil.copytree(request.getfixturevalue("base"), folder / "base")
    patches = mend(folder, case)
    assert {patch.bug for patch in patches} == {case.split("-")[0]}
    truth = pl.read_parquet(folder / "data/validation.parquet")["issue"].to_list()
    wrong = sum(one != other for one, other in zip(answers(folder), truth, strict=True))
    assert wrong <= case.startswith("missing_text"), "only a row without text may be answered wrongly"
    if case == "out_of_memory":
        config = json.loads((folder / "config.json").read_text())
        assert config["batch_size"] * config["gradient_accumulation"] == 32


def test_two_bugs_are_mended_one_after_the_other(tmp_path):
    """The mended script gives the very probabilities that the healthy one gives."""
    healthy, broken = tmp_path / "healthy", tmp_path / "broken"
    for folder in (healthy, broken):
        write(folder, "label_map")
    for folder, labels in ((healthy, "len(labels)"), (broken, "2")):
        script = folder / "train.py"
        text = script.read_text().replace("num_labels = 2", f"num_labels = {labels}")
        script.write_text(text.replace("config = ", "torch.manual_seed(0)\nconfig = ", 1))
    script = broken / "train.py"
    mapped = '[place[label] for label in train[config["label_column"]]]'
    assert mapped in script.read_text()
    script.write_text(script.read_text().replace(mapped, 'train[config["label_column"]].to_list()'))
    assert [patch.bug for patch in mend(broken, "")] == ["string_labels", "label_map"]
    assert mend(healthy, "") == []
    found = [pl.read_parquet(each / "outputs/predictions-validation.parquet") for each in (healthy, broken)]
    assert found[0].equals(found[1])


def test_a_missing_package_is_named_as_pypi_names_it(tmp_path):
    write(tmp_path / "job", "missing_package")
    broken = trouble(tmp_path / "job", "")
    assert broken is not None
    patch = diagnose(broken)
    assert patch is not None
    assert (patch.bug, patch.packages, patch.files) == ("missing_package", ("umap-learn",), {})


def test_a_fresh_interpreter_logs_what_a_fork_logs(tmp_path):
    write(tmp_path / "job", "string_labels")
    forked = trouble(tmp_path / "job", "")
    command = [sys.executable, "train.py", "config.json"]
    done = subprocess.run(command, cwd=tmp_path / "job", text=True, stderr=subprocess.PIPE, timeout=100)
    assert forked is not None and done.returncode == 1
    fresh = failure(tmp_path / "job", tuple(done.stderr.splitlines()))
    assert diagnose(fresh) == diagnose(forked) is not None


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


def test_a_recipe_takes_the_name_that_the_config_gives_a_metric(tmp_path):
    """The config follows from the locked task, so the script is what changes."""
    folder = tmp_path / "job"
    write(folder, "missing_classes")
    for name, path in recipe_files("linear").items():
        shutil.copy(path, folder / name)
    config = defaults("linear") | CONFIG | {"selection_metric": "f1_macro", "min_df": 1}
    (folder / "config.json").write_text(json.dumps(config))
    assert [(patch.bug, patch.config) for patch in mend(folder, "")] == [("metric_name", {})]
    assert json.loads((folder / "outputs/result.json").read_text())["selection_metric"] == "f1_macro"


def test_a_recipe_is_told_the_length_that_its_encoder_takes():
    said = "max_length is 512, but '/models/tiny' takes at most 256 tokens"
    state, config = JobState.FAILED, defaults("encoder")
    patch = diagnose(Failure(step="train", state=state, log=(said,), files={}, config=config))
    assert patch is not None
    assert (patch.bug, patch.evidence, patch.config) == ("too_long", said, {"max_length": 256})


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


def test_every_entry_is_tried_on_a_broken_script():
    assert {case.split("-")[0] for case in CASES} == set(bugs())
