"""Noisy copies: as many as asked for, of the rows' own classes, the same each time, and a little wrong."""

import importlib.util
from difflib import SequenceMatcher

import numpy as np
import pytest

from ml_intern.training.recipes import recipe_files

TEXTS = [f"please send my parcel number {i} to another address" for i in range(200)]
NONE = {"typo_augmentation": 0.0, "wording_augmentation": 0.0, "seed": 3}
TRUTH = np.arange(200) % 3


@pytest.fixture(scope="module")
def augment():
    spec = importlib.util.spec_from_file_location("augment", recipe_files("linear")["augment.py"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_copies_follow_the_rows_and_keep_their_class(augment):
    texts, truth = augment.augmented(TEXTS, TRUTH, NONE | {"typo_augmentation": 0.25})
    assert texts[:200] == TEXTS and len(texts) == len(truth) == 250
    for copy, label in zip(texts[200:], truth[200:], strict=True):
        origin = max(range(200), key=lambda i: SequenceMatcher(None, TEXTS[i], copy, False).ratio())
        assert SequenceMatcher(None, TEXTS[origin], copy, False).ratio() > 0.8
        assert TRUTH[origin] == label or sum(c.isdigit() for c in copy) < 1
    changed = sum(copy not in TEXTS for copy in texts[200:])
    assert changed > 40


def test_reworded_copies_keep_most_words_and_their_class(augment):
    texts, truth = augment.augmented(
        TEXTS, TRUTH, NONE | {"typo_augmentation": 0.1, "wording_augmentation": 0.5}
    )
    assert len(texts) == len(truth) == 320
    for copy, label in zip(texts[220:], truth[220:], strict=True):
        words = set(copy.split())
        known = words & {word for text in TEXTS for word in text.split()}
        assert 4 <= len(known) <= 9
        number = next((int(word) for word in known if word.isdigit()), None)
        assert number is None or TRUTH[number] == label
    assert sum(copy in TEXTS for copy in texts[220:]) < 20
    assert sum("send my parcel" in copy for copy in texts[220:]) < 90, "words were left out and swapped"


def test_short_texts_lose_no_word(augment):
    chance = np.random.default_rng(0)
    assert all("refund my order" in augment.reworded("refund my order", chance) for _ in range(50))


@pytest.mark.parametrize("name", ["typo_augmentation", "wording_augmentation"])
def test_the_seed_decides(augment, name):
    made = [augment.augmented(TEXTS, TRUTH, NONE | {name: 0.5, "seed": seed})[0] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_nothing_asked_for_changes_nothing(augment):
    texts, truth = augment.augmented(TEXTS, TRUTH, NONE)
    assert texts is TEXTS and truth is TRUTH


@pytest.mark.parametrize("share", [-0.1, 1.5, "half", True, None])
@pytest.mark.parametrize("name", ["typo_augmentation", "wording_augmentation"])
def test_what_is_no_share_is_refused(augment, name, share):
    with pytest.raises(SystemExit, match=f"{name} must be a share"):
        augment.check_augmentation(NONE | {name: share})
