"""Many short texts that are no resampled copies: the start of one real sentence joined to the end of another.

Resampling rows, the usual way to many of them, would make every row a copy, so that a search for near copies
would have nothing but its worst case to do. Here both sentences, from the deduplicated bases, have the same
number of words and are cut at a random word near the middle, each time anew; no two are joined twice. So
two rows can share half of their words at most by construction; how many are near copies all the same is
measured on a sample of rows by plain comparison with all (`natural_share`).

Known defects are planted in the training rows: 1 % near copies of mixed kinds and 2 % wrong labels.
"""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import HashingVectorizer

from benchmarks.audit import edits
from benchmarks.audit.bases import BASES, base
from benchmarks.audit.near import JACCARD
from benchmarks.audit.rows import Rows, free, relabel

SEED: Final = 0
NEAR_SHARE: Final = 0.01
NOISE_SHARE: Final = 0.02
SHORTEST, LONGEST = 8, 30
"""Words of the sentences that are joined: many shorter ones begin alike, so that near copies abound."""
_TESTED: Final = 0.1
_SAMPLE: Final = 300
_BLOCK: Final = 50_000


def prepare(rows: int, cache: Path) -> Path:
    """A folder with train.csv, test.csv and truth.json, written once."""
    folder = cache / "speed" / str(rows)
    if (folder / "truth.json").exists():
        return folder
    chance = random.Random(SEED)
    pairs = list(_sentences(rows, cache, chance))
    tested = round(_TESTED * rows)
    train = Rows([text for text, _ in pairs[tested:]], [label for _, label in pairs[tested:]])
    near, noise = _plant(train, chance)
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(pairs[:tested], schema=["text", "label"], orient="row").write_csv(folder / "test.csv")
    pl.DataFrame({"text": train.text, "label": train.label}).write_csv(folder / "train.csv")
    truth: dict[str, Any] = {"seed": SEED, "near": near, "noise": noise}
    truth["natural"] = natural_share([text for text, _ in pairs])
    (folder / "truth.json").write_text(json.dumps(truth))
    return folder


def _sentences(rows: int, cache: Path, chance: random.Random) -> Iterator[tuple[str, str]]:
    """(text, label): the label is that of the sentence that gives the beginning, under its base's name."""
    pool = [
        (text.split(), f"{name}/{label}")
        for name in BASES
        for text, label in base(name, cache).train.iter_rows()
        if SHORTEST <= len(text.split()) <= LONGEST
    ]
    alike: dict[int, list[int]] = {}
    for place, (words, _) in enumerate(pool):
        alike.setdefault(len(words), []).append(place)
    joined: set[tuple[int, int]] = set()
    while len(joined) < rows:
        place = chance.randrange(len(pool))
        pair = place, chance.choice(alike[len(pool[place][0])])
        if pair[0] == pair[1] or pair in joined:
            continue
        joined.add(pair)
        (first, label), (second, _) = pool[pair[0]], pool[pair[1]]
        yield " ".join((*first[: _cut(first, chance)], *second[_cut(second, chance) :])), label


def _cut(words: list[str], chance: random.Random) -> int:
    return max(1, min(len(words) - 1, round(len(words) * chance.uniform(0.4, 0.6))))


def _plant(train: Rows, chance: random.Random) -> tuple[list[tuple[int, int]], list[int]]:
    near: list[tuple[int, int]] = []
    places = free(train, round((2 * NEAR_SHARE + NOISE_SHARE) * len(train)), (), chance)
    noise, places = places[: round(NOISE_SHARE * len(train))], places[round(NOISE_SHARE * len(train)) :]
    for row, source in zip(places[::2], places[1::2], strict=False):
        text = train.text[source] or ""
        changed = edits.mixed(text, chance)
        if changed and changed != text:
            train.text[row], train.label[row] = changed, train.label[source]
            near.append((row, source))
    relabel(train, noise, chance)
    return near, noise


def natural_share(texts: Sequence[str]) -> dict[str, float]:
    """The share of a sample of rows that have a near copy among all rows: character 3-grams, Jaccard."""
    grams = HashingVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), binary=True, norm=None, alternate_sign=False, dtype=np.float32
    )
    places = np.array(random.Random(SEED).sample(range(len(texts)), min(_SAMPLE, len(texts))))
    mine = grams.transform([texts[place] for place in places])
    sizes, has = np.asarray(mine.sum(axis=1)).ravel(), np.zeros(len(places), dtype=bool)
    for start in range(0, len(texts), _BLOCK):
        others = grams.transform(texts[start : start + _BLOCK])
        shared = (mine @ others.T).tocoo()
        union = sizes[shared.row] + np.asarray(others.sum(axis=1)).ravel()[shared.col] - shared.data
        close = (shared.data >= JACCARD * union) & (places[shared.row] != shared.col + start)
        has[shared.row[close]] = True
    return {"sample": len(places), "share": float(has.mean()), "jaccard": JACCARD}
