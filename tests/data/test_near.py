"""Near-copies: planted ones are found, unrelated texts stay apart, and hostile data costs no more."""

import random
import resource
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from ml_intern.data.courtesy import bare
from ml_intern.data.near import COMPARED, SIMILAR, near_pairs
from ml_intern.data.normalise import normalise

WORDS = (
    "account address agent amount answer april balance bank basket bicycle blanket bottle branch budget "
    "button camera candle carpet castle charger cheque client coffee colour company contract corner coupon "
    "courier cousin credit customer damage deadline delivery deposit desk detail device discount doctor "
    "dollar drawer driver engine envelope error estimate exchange factory feature figure finger flight "
    "forest form garage garden gift glass guarantee hammer handle harbour holiday hotel invoice island "
    "jacket journey keyboard kitchen ladder laptop lawyer leather letter library licence luggage machine "
    "manager market message mirror monitor morning number office orange order package paper parcel partner "
    "password payment pencil phone picture pillow platform pocket postcode printer problem product profile "
    "purchase question receipt refund repair report return salary school screen season service shelf signal "
    "station summer supplier switch system table tariff teacher ticket tomorrow traffic transfer umbrella "
    "update vacuum village visitor voucher wallet warranty weather website window winter worker"
).split()


def sentences(count: int, seed: int = 0) -> list[str]:
    """Masked texts of 7 to 14 words, far from one another."""
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(7, 14))) for _ in range(count)]


def typo(word: str, chance: random.Random) -> str:
    if len(word) < 3:
        return word + "e"
    at = chance.randrange(len(word) - 1)
    return chance.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + "e" + word[at:],
        ]
    )


def edited(text: str, kind: str, chance: random.Random) -> str:
    """The text with one of the edits that copies have."""
    words = text.split(" ")
    at = chance.randrange(len(words) - 1)
    if kind == "typo":
        words[at] = typo(words[at], chance)
    elif kind == "two typos":
        words[at], words[-1] = typo(words[at], chance), typo(words[-1], chance)
    elif kind == "dropped":
        del words[at]
    elif kind == "added":
        words.insert(at, "please")
    elif kind == "swapped":
        words[at], words[at + 1] = words[at + 1], words[at]
    elif kind == "greeting":
        words = ["hi", "there", *words]
    elif kind == "request":
        words = ["good", "evening", "would", "you", "please", "tell", "me", *words, "many", "thanks"]
    else:
        words += ["thank", "you"]
    return " ".join(words)


KINDS = ("typo", "two typos", "dropped", "added", "swapped", "greeting", "request", "thanks")


def politely(text: str) -> str:
    return str(bare(pl.Series([text])).item())


def found(texts: list[str]) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in near_pairs(pl.Series(texts, dtype=pl.String)).pairs}


@pytest.mark.parametrize("kind", KINDS)
def test_planted_copies_are_found_and_nothing_else(kind: str) -> None:
    chance = random.Random(kind)
    base = sentences(2000)
    sources = chance.sample(range(len(base)), 150)
    copies = [edited(base[source], kind, chance) for source in sources]
    planted = {(source, len(base) + i) for i, source in enumerate(sources) if copies[i] != base[source]}
    pairs = found([*base, *copies])
    alike = {pair for pair in planted if ratio(base[pair[0]], copies[pair[1] - len(base)]) >= 100 * SIMILAR}
    assert len(alike) > 0.9 * len(planted) or kind in ("swapped", "request")
    assert len(pairs & planted) >= 0.95 * len(planted)
    assert not {pair for pair in pairs - planted if pair[1] < len(base)}


def test_planted_copies_in_banking77(banking77: Path) -> None:
    """Recall on a real set, whose own near-copies are removed first so that every pair is a planted one."""
    texts = normalise(pl.read_csv(banking77 / "train.csv")["text"]).unique(maintain_order=True)
    for _ in range(5):
        twins = np.unique(near_pairs(texts).pairs[:, 1])
        texts = texts.gather(np.setdiff1d(np.arange(len(texts)), twins))
    assert not len(near_pairs(texts).pairs)
    chance = random.Random(77)
    long = [i for i, text in enumerate(texts) if len(text.split()) >= 6]
    sources = chance.sample(long, 400)
    copies = [edited(texts[source], KINDS[i % len(KINDS)], chance) for i, source in enumerate(sources)]
    pairs = found([*texts, *copies])
    planted = {(source, len(texts) + i) for i, source in enumerate(sources)}
    assert len(pairs & planted) >= 0.95 * len(planted)
    assert all(second >= len(texts) for _, second in pairs)


def test_it_agrees_with_comparing_every_pair() -> None:
    chance = random.Random(3)
    base = sentences(250, 3)
    texts = list(dict.fromkeys([*base, *(edited(text, chance.choice(KINDS), chance) for text in base)]))
    words, polite = [sorted(text.split()) for text in texts], [politely(text) for text in texts]
    by_hand = {
        (i, j)
        for j, other in enumerate(texts)
        for i, one in enumerate(texts[:j])
        if ratio(one, other) >= 100 * SIMILAR or words[i] == words[j] or polite[i] == polite[j]
    }
    pairs = found(texts)
    assert pairs <= by_hand
    assert len(pairs) >= 0.97 * len(by_hand)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cancel it", "cancel her"),
        ("card lost", "card last"),
        ("yes please", "yes pleas"),  # shorter than MIN_LETTERS
        ("where is my parcel", "where is my refund"),
        ("i want to open an account", "how do i close the business"),
        ("is it", ""),
        ("good morning could you help me please", "hello could you please help me thank you"),
        ("can you cancel my last order", "please can you send my last order"),
    ],
)
def test_other_meanings_and_short_texts_stay_apart(one: str, other: str) -> None:
    assert not found([one, other])


@pytest.mark.parametrize(
    "texts", [[], ["only one text here"], [None, None], [None, "a text that is long enough", None]]
)
def test_nothing_to_compare(texts: list[str | None]) -> None:
    near = near_pairs(pl.Series(texts, dtype=pl.String))
    assert near.pairs.shape == (0, 2) and near.similarity.shape == (0,)


def test_letters_of_any_script_count_as_letters() -> None:
    one = "пожалуйста отмените мой последний заказ сегодня"
    two = "注文した商品がまだ届いていません確認してください"
    three = "meine bestellung ist noch nicht da 📦 bitte prüfen"
    texts = [one, two, three, one.replace("сегодня", "сегодна"), two[:-1], three.replace("prüfen", "pruefen")]
    assert found(texts) == {(0, 3), (1, 4), (2, 5)}


def test_pairs_are_sorted_distinct_and_the_same_each_time() -> None:
    chance = random.Random(9)
    base = sentences(600, 9)
    texts = pl.Series(list(dict.fromkeys([*base, *(edited(text, "typo", chance) for text in base)])))
    near = near_pairs(texts)
    pairs = near.pairs.tolist()
    assert pairs == sorted(pairs) and len({tuple(pair) for pair in pairs}) == len(pairs)
    assert (near.pairs[:, 0] < near.pairs[:, 1]).all() and (near.similarity >= SIMILAR).all()
    assert np.array_equal(near_pairs(texts).pairs, near.pairs)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), unique=True, max_size=30))
def test_whatever_the_texts_are_each_pair_is_alike(texts: list[str]) -> None:
    masked = normalise(pl.Series("text", texts, dtype=pl.String)).unique(maintain_order=True)
    for one, other in near_pairs(masked).pairs:
        a, b = masked[int(one)], masked[int(other)]
        assert a != b and (
            ratio(a, b) >= 100 * SIMILAR - 1e-3
            or sorted(a.split(" ")) == sorted(b.split(" "))
            or politely(a) == politely(b)
        )


def cost(texts: list[str]) -> tuple[int, float]:
    start = time.process_time()
    pairs = near_pairs(pl.Series(texts)).pairs
    return len(pairs), time.process_time() - start


def test_a_very_long_text_counts_by_its_start() -> None:
    chance = random.Random(0)
    long = " ".join(chance.choices(WORDS, k=14_000))
    assert len(long) > 100_000
    pairs, seconds = cost([long, long.replace("e", "", 3), "a" * 100_000, *sentences(200)])
    assert pairs == 1 and seconds < 3
    start = " ".join(chance.choices(WORDS, k=200))[:COMPARED]
    assert found([f"{start} {'one ' * 500}", f"{start} {'two ' * 500}"]) == {(0, 1)}


def test_thousands_of_texts_of_one_template_stay_cheap() -> None:
    """All pairs would be 12.5 million."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    texts = [f"i would like to know when my order of {a}{b} arrives" for a in WORDS for b in WORDS[:34]][
        :5000
    ]
    pairs, seconds = cost(texts)
    assert 4900 < pairs < 100 * len(texts) and seconds < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # KiB
    assert len(np.unique(near_pairs(pl.Series(texts)).pairs)) > 0.95 * len(texts)
