"""What is known of a base model from its folder."""

import json

import pytest

from ml_intern.records.errors import UsageProblem
from ml_intern.training.base_models import longest_input, model_in_folder, shown_folder


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    (path / "config.json").write_text(json.dumps({"model_type": "bert", "max_position_embeddings": 512}))
    (path / "tokenizer.json").write_text("{}")
    (path / "model.safetensors").write_bytes(b"weights")
    (path / "README.md").write_text("---\nlicense: MIT\n---\nlicense: other")
    return path


def test_a_folder_is_pinned_by_its_content(folder):
    model = model_in_folder(folder)
    assert (model.name, model.licence, model.revision) == ("model", "mit", f"sha256:{model.sha256}")
    (folder / "model.safetensors").write_bytes(b"other")
    assert model_in_folder(folder).sha256 != model.sha256
    with pytest.raises(UsageProblem, match="not the one that this run has chosen"):
        shown_folder(model, folder.parent)


def test_others_are_shown_a_copy_of_what_they_may_not_read(folder, tmp_path):
    model = model_in_folder(folder)
    assert shown_folder(model, tmp_path / "copies") == folder
    (folder / "model.safetensors").chmod(0o600)
    copy = shown_folder(model, tmp_path / "copies")
    assert copy != folder
    assert (copy / "model.safetensors").stat().st_mode & 0o777 == 0o644
    assert shown_folder(model, tmp_path / "copies") == copy


@pytest.mark.parametrize(
    ("config", "tokenizer", "longest"),
    [
        ({"model_type": "bert", "max_position_embeddings": 512}, {"model_max_length": 256}, 256),
        ({"model_type": "roberta", "max_position_embeddings": 514}, {}, 512),
        ({"model_type": "bert", "max_position_embeddings": 512}, {"model_max_length": 10**30}, 512),
        ({"model_type": "deberta"}, {}, None),
        ([], {"model_max_length": "many"}, None),
    ],
)
def test_the_longest_text_is_read_from_the_models_files(config, tokenizer, longest, folder):
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    assert longest_input(model_in_folder(folder)) == longest


def test_a_folder_without_safetensors_is_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UsageProblem, match=r"weights as \.safetensors"):
        model_in_folder(folder)
