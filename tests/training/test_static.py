"""Each static check convicts a planted fault and is silent on its sound twin."""

from pathlib import Path
from typing import get_args

import pytest

from ml_intern.records.spec import Method
from ml_intern.training.packages import install
from ml_intern.training.recipes import names, recipe_files
from ml_intern.training.repair.catalogue import diagnose
from ml_intern.training.static.checks import CHECKS, IMPORTS, SYNTAX, static_checks
from tests.repair.jobs import BROKEN, failure
from tests.training.test_packages import wheel


def problems(*texts: str, packages: Path | None = None) -> dict[str, str]:
    """What is said of scripts, the first of which is train.py, by check."""
    files = dict(zip(("train.py", "helper.py"), texts, strict=False))
    return {check.id: check.message for check in static_checks(files, packages) if not check.ok}


@pytest.mark.parametrize("recipe", names())
def test_shipped_recipes_are_sound(recipe):
    files = {name: path.read_text() for name, path in recipe_files(recipe).items()}
    checks = static_checks(files, None)
    assert [check.message for check in checks if not check.ok] == []
    assert [check.id for check in checks] == [SYNTAX, *CHECKS]


@pytest.mark.parametrize(
    "case", sorted(path.name for path in BROKEN.glob("*") if (path / "train.py").exists())
)
def test_scripts_whose_faults_only_show_when_they_run_are_run(case):
    """What the catalogue of repairs mends by a job's log must come to a job."""
    found = problems((BROKEN / case / "train.py").read_text(), (BROKEN / "bag.py").read_text())
    found.pop(IMPORTS, "")  # bag.py has another name here
    assert found == {}


def test_what_is_no_python_is_said_with_its_line():
    assert problems("x = 1\ndef (\n") == {
        SYNTAX: "train.py line 2: is not Python: invalid syntax; mend that line"
    }


TRAINER = "from transformers import TrainingArguments\nTrainingArguments({})\n"
FAULTS = [
    ("imports", "import nunpyy", "import numpy", "imports nunpyy, which is not installed"),
    ("imports", "from transformers import AdamW", "from torch.optim import AdamW", "has no such name"),
    (
        "imports", "from sklearn.metrics import f1_scores", "from sklearn.metrics import f1_score",
        "near to it: f1_score",
    ),
    ("imports", "import sklearn.linear", "import sklearn.linear_model", "has no module linear"),
    ("imports", "import ml_intern", "import json", "must do without"),
    ("imports", "from . import helper", "import helper", "without the dots"),
    ("imports", "from helper import gone", "from helper import HERE", "helper.py, which does not define it"),
    ("imports", "def f():\n    import gone", "try:\n    import gone\nexcept ImportError:\n    f = 1", "gone"),
    (
        "arguments", TRAINER.format("'o', evaluation_strategy=0"), TRAINER.format("'o', eval_strategy=0"),
        "line 2: transformers.TrainingArguments takes no argument evaluation_strategy; "
        "near to it: eval_strategy",
    ),
    (
        "arguments", "from sklearn import linear_model as m\nm.LogisticRegression(c=1)",
        "from sklearn import linear_model as m\nm.LogisticRegression(C=1)",
        "takes no argument c; near to it: C",
    ),
    (
        "arguments", "from sklearn.svm import LinearSVC\nLinearSVC('l2', 'hinge', 1.0)",
        "from sklearn.svm import LinearSVC\nLinearSVC('l2', 'hinge', C=1.0)",
        "arguments without a name, not 3",
    ),
    (
        "arguments", "import torch\ntorch.optim.AdamW([], learning_rate=1)",
        "import torch\ntorch.optim.AdamW([], **{'learning_rate': 1})", "takes no argument learning_rate",
    ),
    (
        "arguments", "import torch.nn.functional as F\nF.cross_entropy(1, 2, smoothing=0.1)",
        "import torch.nn.functional as F\nF.cross_entropy(1, 2, label_smoothing=0.1)", "label_smoothing",
    ),
    (
        "test-data", "import polars as pl\npl.read_parquet('data/test.parquet')",
        "import polars as pl\npl.read_parquet('data/validation.parquet')", "uses the test split",
    ),
    (
        "test-data", "for part in ('train', 'test'):\n    print(part)",
        "for part in ('train', 'validation'):\n    print(part)", "line 1: uses the test split",
    ),
    ("test-data", "def read(split): ...\nread(split='test')", "import re\nre.compile('test')", "test split"),
    ("network", "import requests", "import urllib.parse", "imports requests, but a job has no network"),
    ("network", "from urllib import request", "from http import HTTPStatus", "imports urllib.request"),
    (
        "network", "from huggingface_hub import snapshot_download as get\nget('a/b')",
        "from huggingface_hub import split_torch_state_dict_into_shards as s\ns({})", "snapshot_download",
    ),
    (
        "network", "from transformers import AutoModel\nAutoModel.from_pretrained('bert-base-uncased')",
        "from transformers import AutoModel\nAutoModel.from_pretrained('/models/base')", "would download",
    ),
    (
        "network", "from transformers import AutoModel\nAutoModel.from_pretrained('acme/bert')",
        "from transformers import AutoModel as A\nA.from_pretrained('outputs/model')\nopen('outputs/x', 'w')",
        "load config['base_model']",
    ),
    ("network", "model = 1\nmodel.push_to_hub('a/b')", "model = 1\nmodel.save_pretrained('a/b')", "uploads"),
    ("pickle", "import pickle", "import json", "imports pickle; a model is stored without pickle"),
    ("pickle", "import joblib\njoblib.dump(1, 'm')", "import joblib\njoblib.Parallel(2)", "joblib.dump"),
    (
        "pickle", "import torch\ntorch.load('m.pt')", "import torch\ntorch.load('m.pt', weights_only=True)",
        "add weights_only=True",
    ),
    (
        "pickle", "import torch\nmodel = 1\ntorch.save(model, 'm')",
        "import torch\nmodel = 1\ntorch.save(model.state_dict(), 'm')", "saves a whole model",
    ),
    (
        "pickle", "how = {'trust_remote_code': True}", "how = {'trust_remote_code': False}",
        "trusts code that comes with a model",
    ),
    ("pickle", "eval(open('x').read())", "class M: ...\nm = M()\nm.eval()", "runs text as code with eval"),
    (
        "pickle", "import numpy\nnumpy.load('x', allow_pickle=True)", "import numpy\nnumpy.load('x')",
        "allows pickle in numpy.load",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("check", "fault", "twin", "said"), FAULTS)
def test_a_fault_is_found_and_its_sound_twin_is_not(check, fault, twin, said):
    helper = "HERE = 1\n"
    found = problems(fault, helper)
    assert list(found) == [f"static-{check}"], found
    assert said in found[f"static-{check}"] and found[f"static-{check}"].startswith("train.py line ")
    assert problems(twin, helper) == {}


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ndef torch_like(torch): return torch.optim.AdamW(nonsense=1)",  # not the import
        "from transformers import AutoTokenizer\nAutoTokenizer.from_pretrained('/m', whatever=1)",
        "from sklearn.svm import LinearSVC\ndef f(*a): return LinearSVC(*a)",
        "import polars as pl\npl.read_parquet('x', row_count_name='n')",  # the old name of an argument
        "import torch\ntorch.tensor([1], dtype=torch.float32)",  # compiled: there is no source
        "import sys\nif sys.platform == 'win32':\n    import winonly",
        "print('a test b'.split('test'))",
        "'''Reads data/train.parquet, never data/test.parquet.'''",
        "from sklearn.model_selection import train_test_split\ntrain_test_split([1], test_size=0.1)",
    ],
)
def test_where_it_cannot_tell_or_all_is_well_it_is_silent(text):
    assert problems(text) == {}


def test_a_missing_package_is_mended_as_before_and_then_found(tmp_path, monkeypatch):
    """The catalogue knows the words of the static check, and the run's own packages count."""
    wheels, job = tmp_path / "wheels", tmp_path / "job"
    wheels.mkdir()
    job.mkdir()
    wheel(wheels, "sevenish")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    text = "import json\nimport sevenish\nfrom sevenish import VALUE\n"
    (job / "train.py").write_text(text)
    (job / "config.json").write_text("{}")
    said = problems(text, packages=tmp_path / "packages")[IMPORTS]
    patch = diagnose(failure(job, (said,), IMPORTS))
    assert patch is not None
    assert (patch.bug, patch.packages, patch.evidence) == ("missing_package", ("sevenish",), said)
    install(patch.packages, tmp_path / "packages")
    assert problems(text, packages=tmp_path / "packages") == {}
    assert (
        "has no such name" in problems("from sevenish import NONE", packages=tmp_path / "packages")[IMPORTS]
    )


def test_a_slip_of_a_known_name_is_no_package_to_install(tmp_path):
    (tmp_path / "train.py").write_text("import nunpy\n")
    (tmp_path / "config.json").write_text("{}")
    assert diagnose(failure(tmp_path, (problems("import nunpy\n")[IMPORTS],), IMPORTS)) is None


def test_many_findings_are_counted():
    said = problems("\n".join(["import requests"] * 9))["static-network"]
    assert said.count("imports requests") == 6 and said.endswith("(and 3 more)")


def test_there_is_a_recipe_for_each_method() -> None:
    assert set(get_args(Method)) == set(names())
