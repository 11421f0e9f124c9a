"""`ml-intern stress` on a packaged model, on one of transformers, and on what is neither."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.runs import ml_intern

MAKE = """
import sys
from transformers import AutoModelForSequenceClassification, AutoTokenizer
source, target = sys.argv[1:]
names = {0: "refund", 1: "delivery", 2: "account"}
labels = dict(num_labels=3, id2label=names, label2id={name: i for i, name in names.items()})
AutoModelForSequenceClassification.from_pretrained(source, **labels).save_pretrained(target)
AutoTokenizer.from_pretrained(source).save_pretrained(target)
"""


def test_a_packaged_model_on_rows_of_its_own_classes(finished, tickets, tmp_path):
    ended = ml_intern(tmp_path, "stress", finished.folder / "bundle", "--data", tickets, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert told["rows"] > 200 and told["rows_left_out"] == 0 and len(told["capabilities"]) >= 30
    for each in told["capabilities"]:
        assert {"id", "cases", "failures", "rate", "low", "high", "examples"} <= set(each)
    assert not list(tmp_path.iterdir()), "the suite alone keeps nothing"


def test_the_model_of_a_run(finished, tmp_path):
    ended = ml_intern(finished.home, "stress", "latest", "--json")
    assert ended.code == 0, ended.err
    again = ml_intern(finished.home, "stress", finished.ended.result["run"][:4], "--json")
    first, second = (json.loads(each.out) for each in (ended, again))
    assert first["capabilities"] == second["capabilities"] and first["rows"] == 0


@pytest.mark.long
def test_any_classifier_of_transformers_for_people(tiny, tmp_path):
    folder = tmp_path / "stranger"
    command = [sys.executable, "-c", MAKE, str(tiny), str(folder)]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"HF_HUB_OFFLINE": "1"})
    ended = ml_intern(tmp_path, "stress", folder)
    assert ended.code == 0, ended.err
    assert "Letters without meaning" in ended.out and "name some with --data" in " ".join(ended.out.split())
    assert "--data FILE" in ended.out.splitlines()[-1]
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused = ml_intern(tmp_path, "stress", folder)
    assert refused.code == 2 and "pytorch_model.bin" in refused.told and "safetensors" in refused.told


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda folder: shutil.rmtree(folder), 2, "There is no folder"),
        (lambda folder: (folder / "config.json").write_text("{"), 2, "cannot be read"),
        (lambda folder: (folder / "config.json").unlink(), 2, "no sound config.json"),
        (lambda folder: (folder / "predict.py").write_text("raise SystemExit('no')"), 1, "could not answer"),
        (lambda folder: None, 6, "No row of"),
    ],
)
def test_what_is_wrong_is_said(finished, tmp_path, change, code, said):
    folder = tmp_path / "model"
    shutil.copytree(finished.folder / "bundle", folder)
    change(folder)
    other = tmp_path / "other.csv"
    other.write_text("text,label\n" + "".join(f"text number {i},class {i % 2}\n" for i in range(40)))
    data = ["--data", other] if code == 6 else []
    ended = ml_intern(tmp_path, "stress", folder, *data)
    assert ended.code == code and said in ended.told, ended.err
