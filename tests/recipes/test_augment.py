"""Noisy copies: as many as asked for, of the rows' own classes, the same each time, and a little wrong."""

import importlib.util
from difflib import SequenceMatcher

import numpy as np
import pytest

from ml_intern.training.recipes import recipe_files

TEXTS = [f"please send my parcel number {i} to another address" for i in range(200)]
TRUTH = np.arange(200) % 3


@pytest.fixture(scope="module")
def augment():
    spec = importlib.util.spec_from_file_location("augment", recipe_files("linear")["augment.py"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_copies_follow_the_rows_and_keep_their_class(augment):
    texts, truth = augment.augmented(TEXTS, TRUTH, {"typo_augmentation": 0.25, "seed": 3})
    assert texts[:200] == TEXTS and len(texts) == len(truth) == 250
    for copy, label in zip(texts[200:], truth[200:], strict=True):
        origin = max(range(200), key=lambda i: SequenceMatcher(None, TEXTS[i], copy, False).ratio())
        assert SequenceMatcher(None, TEXTS[origin], copy, False).ratio() > 0.8
        assert TRUTH[origin] == label or sum(c.isdigit() for c in copy) < 1
    changed = sum(copy not in TEXTS for copy in texts[200:])
    assert changed > 40


def test_the_seed_decides(augment):
    made = [
        augment.augmented(TEXTS, TRUTH, {"typo_augmentation": 0.5, "seed": seed})[0] for seed in (1, 1, 2)
    ]
    assert made[0] == made[1] != made[2]


def test_nothing_asked_for_changes_nothing(augment):
    texts, truth = augment.augmented(TEXTS, TRUTH, {"typo_augmentation": 0.0, "seed": 1})
    assert texts is TEXTS and truth is TRUTH


@pytest.mark.parametrize("share", [-0.1, 1.5, "half", True, None])
def test_what_is_no_share_is_refused(augment, share):
    with pytest.raises(SystemExit, match="typo_augmentation must be a share"):
        augment.check_augmentation({"typo_augmentation": share})
