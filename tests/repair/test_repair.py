"""Each entry of the catalogue against scripts that are really broken and really run, before and after."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from ml_intern.records.jobs import JobState
from ml_intern.training.recipes import defaults, recipe_files
from ml_intern.training.repair.catalogue import bugs, diagnose
from ml_intern.training.repair.failure import Failure
from tests.forks import ENVIRONMENT, python
from tests.repair.jobs import BROKEN, CONFIG, answers, failure, mend, tickets, trouble, write

CASES = sorted(path.name for path in BROKEN.iterdir() if (path / "train.py").exists())
NEED_BERT = ("label_map-untold", "missing_text-tokenizer", "too_long", "too_long-positions")


pytest.importorskip("torch")


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
    done = python(folder, "train.py", strict=False)
    assert done.returncode == 0, done.stderr
    return folder / "base"


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
    done = subprocess.run(
        command,
        cwd=tmp_path / "job",
        env=os.environ | ENVIRONMENT,
        text=True,
        stderr=subprocess.PIPE,
        timeout=100,
    )
    assert forked is not None and done.returncode == 1
    fresh = failure(tmp_path / "job", tuple(done.stderr.splitlines()))
    assert diagnose(fresh) == diagnose(forked) is not None


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


def test_every_entry_is_tried_on_a_broken_script():
    assert {case.split("-")[0] for case in CASES} == set(bugs())
