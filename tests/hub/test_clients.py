"""The clients that people use, unmodified, in processes of their own, against the embedded Hub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ml_intern.hub.access import HubAccess
from tests.conftest import ROOT
from tests.hub.conftest import Running

CLIENTS = ROOT / ".clients" / "bin" / "python"
PUSH = """
import sys, transformers
from pathlib import Path
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
from huggingface_hub import ModelCard
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "where", "is", "my", "refund", "order"]
Path("vocab.txt").write_text("\\n".join(words))
sizes = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
names = {0: "billing", 1: "shipping"}
ids = {name: number for number, name in names.items()}
transformers.set_seed(0)
config = BertConfig(**sizes, vocab_size=len(words), id2label=names, label2id=ids)
model = BertForSequenceClassification(config)
model.push_to_hub("acme/tiny", private=True)
BertTokenizer("vocab.txt").push_to_hub("acme/tiny")
card = "---\\nlicense: apache-2.0\\npipeline_tag: text-classification\\n---\\n# Tiny\\n"
ModelCard(card).push_to_hub("acme/tiny")
"""
PIPELINE = """
import json
from transformers import pipeline
answer = pipeline("text-classification", "acme/tiny")("where is my refund")[0]
print(json.dumps(answer))
"""
LOAD = """
import json
from datasets import load_dataset
whole = load_dataset("acme/rows")
stream = load_dataset("acme/rows", split="test", streaming=True)
print(json.dumps({"rows": {name: len(part) for name, part in whole.items()}, "first": next(iter(stream))}))
"""


def child(access: HubAccess, folder: Path, *command: str) -> str:
    names = ("PATH", "HOME", "TMPDIR", "LANG")
    given = {name: os.environ[name] for name in names if name in os.environ}
    environment = given | access.environment(folder / "cache") | {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_transformers_pushes_and_a_fresh_process_loads_the_pipeline(running: Running, tmp_path: Path) -> None:
    access = running.access()
    child(access, tmp_path, sys.executable, "-c", PUSH)
    info = access.api.model_info("acme/tiny")
    assert info.private and info.pipeline_tag == "text-classification"
    assert info.safetensors and info.safetensors.total == info.safetensors.parameters["F32"] > 500
    for size, found in (("max:1M", ["acme/tiny"]), ("min:1K,max:0.01M", ["acme/tiny"]), ("min:1M", [])):
        listed = access.api.list_models(
            author="acme", pipeline_tag="text-classification", num_parameters=size
        )
        assert [model.id for model in listed] == found
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    answer = json.loads(child(access, fresh, sys.executable, "-c", PIPELINE).splitlines()[-1])
    assert answer["label"] in ("billing", "shipping")
    access.api.create_repo("acme/later")
    most = [model.id for model in access.api.list_models(author="acme", sort="downloads", limit=1)]
    assert most == ["acme/tiny"], "it was downloaded"


@pytest.mark.skipif(
    not (CLIENTS.exists() or os.environ.get("CI")), reason="needs .clients: make .clients/ready"
)
def test_datasets_loads_whole_and_streams(running: Running, tmp_path: Path) -> None:
    access = running.access()
    access.api.create_repo("acme/rows", repo_type="dataset", private=True)
    for split, rows in (("train", 30), ("test", 7)):
        (tmp_path / "data" / split).parent.mkdir(exist_ok=True)
        lines = [f"text {number},{number % 2}" for number in range(rows)]
        (tmp_path / "data" / f"{split}.csv").write_text("\n".join(["text,label", *lines]))
    access.api.upload_folder(repo_id="acme/rows", repo_type="dataset", folder_path=tmp_path / "data")
    told = json.loads(child(access, tmp_path, str(CLIENTS), "-c", LOAD).splitlines()[-1])
    assert told == {"rows": {"train": 30, "test": 7}, "first": {"text": "text 0", "label": 0}}


def test_the_hf_command_uploads_and_downloads(running: Running, tmp_path: Path) -> None:
    access, hf = running.access(), str(Path(sys.executable).with_name("hf"))
    assert "acme" in child(access, tmp_path, hf, "auth", "whoami")
    (tmp_path / "up").mkdir()
    weights = os.urandom(100_000)
    (tmp_path / "up" / "model.safetensors").write_bytes(weights)
    child(access, tmp_path, hf, "upload", "acme/by-hand", "up", ".", "--private")
    child(access, tmp_path, hf, "download", "acme/by-hand", "--local-dir", "down")
    assert (tmp_path / "down" / "model.safetensors").read_bytes() == weights
