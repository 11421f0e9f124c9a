"""Libraries are read as they lie there, and nothing else is."""

import os
import sys
from pathlib import Path

import pytest

from ml_intern.training.libraries.installed import libraries, sites
from ml_intern.training.libraries.search import search, split
from ml_intern.training.libraries.signature import Signature, signature_of
from ml_intern.training.libraries.symbols import Symbols, stars

LIBRARY = {
    "__init__.py": "from .core import *\nfrom lib.other import helper as aid\nfrom . import deep\n",
    "core.py": (
        "from .deep.inner import *\n"
        "def first(a, /, b, *, c=1): ...\n"
        "def anything(*args, **kwargs): ...\n"
        "@unheard_of\ndef changed(a): ...\n"
        "@deprecate_renamed('old_name', 'new_name')\ndef renamed(new_name): ...\n"
    ),
    "other.py": "from lib import aid as helper\nraise RuntimeError('nobody imports this')\n",
    "deep/__init__.py": "",
    "deep/inner.py": (
        "from dataclasses import dataclass, field\nfrom typing import ClassVar\n"
        "class Base:\n    def __init__(self, size, *, speed=1): ...\n"
        "class Child(Base):\n    pass\n"
        "class Two(Child, Exception):\n    pass\n"
        "class Meta(Base, metaclass=Odd):\n    def __init__(self, x): ...\n"
        "class New:\n    def __new__(cls, x): ...\n    def __init__(self): ...\n"
        "@dataclass\nclass Settings:\n    a: int\n    b: int = 2\n    hidden: int = field(init=False)\n"
        "    shared: ClassVar[int] = 3\n    plain = 4\n"
        "@dataclass\nclass More(Settings):\n    c: int = 5\n"
        "class Tool:\n    @classmethod\n    def make(cls, path): ...\n    def use(self, path): ...\n"
    ),
}


@pytest.fixture
def symbols(tmp_path):
    for name, text in LIBRARY.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Symbols([tmp_path])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lib.first", Signature(("c", "b"), 2)),
        ("lib.anything", Signature((), None, takes_any_keyword=True)),
        ("lib.changed", None),
        ("lib.renamed", Signature(("new_name", "old_name", "new_name"), None)),
        ("lib.Child", Signature(("size", "speed"), 1)),
        ("lib.Two", None),
        ("lib.Meta", None),
        ("lib.New", None),
        ("lib.Settings", Signature(("a", "b"), 2)),
        ("lib.More", Signature(("a", "b", "c"), None)),
        ("lib.deep.inner.Tool.make", Signature(("path",), 1)),
        ("lib.Tool.use", None),
        ("lib.aid", None),  # two imports of one another
        ("lib.nothing", None),
        ("nowhere.first", None),
    ],
)
def test_what_a_call_accepts_is_followed_through_imports(symbols, name, expected):
    found = signature_of(symbols, name)
    if expected and found:
        assert sorted(found.keywords) == sorted(expected.keywords)
        assert (found.positional, found.takes_any_keyword) == (
            expected.positional,
            expected.takes_any_keyword,
        )
    else:
        assert found == expected


def test_nothing_outside_is_read_and_nothing_is_imported(symbols, tmp_path):
    secret = tmp_path.parent / "secret.py"
    secret.write_text("TOKEN = 1\n")
    (tmp_path / "lib" / "linked.py").symlink_to(secret)
    for name in (
        "lib.linked.TOKEN",
        "lib.linked",
        "..secret",
        "../secret",
        f"{secret}",
        "lib/../../secret",
        "",
    ):
        assert symbols.find(name) is None, name
    symbols.find("lib.aid")
    assert not {"lib", "lib.other"} & set(sys.modules)


def test_a_library_that_changed_is_read_again(symbols, tmp_path):
    path = tmp_path / "lib" / "fresh.py"
    path.write_text("def old(): pass\n")
    assert symbols.find("lib.fresh.old") is not None
    path.write_text("def new(): pass\n")
    os.utime(path, ns=(1, 1))
    again = Symbols([tmp_path])
    assert again.find("lib.fresh.old") is None and again.find("lib.fresh.new") is not None


def test_real_libraries_are_read_as_they_are_installed():
    """Held against what Python itself says, for classes that are found in quite different ways."""
    import inspect

    import sklearn.linear_model
    import torch
    import transformers

    known = Symbols(sites())
    for made in (
        transformers.TrainingArguments, transformers.Trainer, transformers.BertModel,
        transformers.Seq2SeqTrainingArguments, sklearn.linear_model.LogisticRegression, torch.optim.AdamW,
        torch.utils.data.DataLoader, torch.nn.functional.cross_entropy, sklearn.linear_model.RidgeClassifier,
    ):  # fmt: skip
        found = signature_of(known, f"{made.__module__}.{made.__name__}")
        assert found is not None, made
        names = {p.name for p in inspect.signature(made).parameters.values() if p.kind.name != "VAR_KEYWORD"}
        assert set(found.keywords) == names, made
    public = signature_of(known, "transformers.BertModel")
    assert public == signature_of(known, "transformers.models.bert.modeling_bert.BertModel")


def test_only_what_recipes_need_and_what_is_approved_may_be_read(tmp_path):
    known = libraries(tmp_path)
    assert {"torch", "transformers", "sklearn", "polars", "numpy"} <= set(known)
    assert not {"ml_intern", "pytest", "pydantic_ai", "huggingface_hub", "keyring", "tests"} & set(known)
    assert all((known[name].root / name).exists() for name in ("torch", "sklearn"))


def test_the_runs_own_packages_come_first(tmp_path):
    (tmp_path / "emoji").mkdir()
    (tmp_path / "emoji" / "__init__.py").write_text("def demojize(text): ...\n")
    info = tmp_path / "emoji-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: emoji\nVersion: 9.9\n")
    (info / "RECORD").write_text("emoji/__init__.py,,\n")
    assert libraries(tmp_path)["emoji"][2:] == ("9.9", tmp_path.resolve())


def test_words_find_names_and_first_lines():
    known = libraries()
    best = search([known["sklearn"]], "logistic regression", 3)
    assert best[0].path == "sklearn.linear_model._logistic.LogisticRegression"
    assert "Logistic Regression" in best[0].first_line
    assert search([known["sklearn"]], "zzxxqq", 3) == []
    assert split("AutoTokenizerFast max_iter F1") == ["auto", "tokenizer", "fast", "max", "iter", "f", "1"]


def test_stars_are_followed_relative_to_their_module():
    text = "from . import *\nfrom ..b.c import *\nfrom d import *\nfrom .e import f\n"
    assert stars("a.x.y", text, is_package=False) == ["a.x", "a.b.c", "d"]
    assert stars("a.x.y", text, is_package=True) == ["a.x.y", "a.x.b.c", "d"]


def test_sites_are_where_packages_are():
    assert any((site / "griffe").is_dir() for site in sites())
    assert all(isinstance(site, Path) for site in sites())
