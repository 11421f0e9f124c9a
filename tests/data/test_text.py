import time

import polars as pl
import pytest

from ml_intern.data.normalise import normalise, normalise_one
from ml_intern.data.values import as_text, count_words
from ml_intern.data.words import asked_for, tokens
from ml_intern.records.display import MAX_EXAMPLE, escape, example, listing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cancel order 00123842", "cancel ORDER 7!"),
        ("  what's\tup? ", "What s up"),
        ("Straße", "STRASSE"),
        ("ｃａｆé 12", "cafe\u0301 ３４"),
        ("call 555-123 456", "call 1"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_same_once_masked(one: str, other: str) -> None:
    assert normalise_one(one) == normalise_one(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("?!", "..."), ("great 😀", "great 😡"), ("कि", "का"), ("c", "c++"), ("order 1 now", "order now")],
)
def test_not_the_same(one: str, other: str) -> None:
    assert normalise_one(one) != normalise_one(other)


def test_normalise_keeps_missing_and_is_fast() -> None:
    assert normalise(pl.Series("t", [None, "A"])).to_list() == [None, "a"]
    texts = pl.Series("t", [f"Could you cancel my order №{i}, please?" for i in range(100_000)])
    start = time.perf_counter()
    assert normalise(texts).n_unique() == 1
    assert time.perf_counter() - start < 5


def test_normalising_twice_changes_nothing() -> None:
    for text in ("A1-2 b!", "ǰ\u0345Ω 1,5", "...", "İstanbul", "ﬁne Ⅷ ²"):
        assert normalise_one(normalise_one(text)) == normalise_one(text)


def test_escape() -> None:
    assert escape("a\x1b[2J\u202eb\n") == r"a\x1b[2J\u202eb\n"
    assert escape("naïve 👩\u200d💻") == "naïve 👩\u200d💻"
    assert len(example("\x1b" * 500)) == MAX_EXAMPLE
    assert listing(["a", "b", "c"], most=2) == "'a', 'b' and 1 more"


def test_as_text_of_other_types() -> None:
    assert as_text(pl.Series([1, None])).to_list() == ["1", None]
    assert as_text(pl.Series([0.5, float("nan")])).to_list() == ["0.5", None]
    assert as_text(pl.Series([["a", "é"], None])).to_list() == ['["a", "é"]', None]
    assert as_text(pl.Series([b"\xff"])).to_list() == [r"b'\xff'"]
    assert as_text(pl.Series(["x"], dtype=pl.Categorical)).to_list() == ["x"]


def test_words() -> None:
    frame = pl.DataFrame({"t": ["my card's lost", "", "我的卡丢了", None]})
    assert frame.select(count_words(pl.col("t"))).to_series().to_list() == [3, 0, 5, None]
    assert tokens("issueTypes") == tokens("Issue types") == tokens("issue_type") == ("issue", "type")
    assert tokens("categories status class") == ("category", "status", "class")
    assert asked_for("classify product reviews by sentiment", "sentiment")
    assert not asked_for("classify product reviews by sentiment", "product")
    assert asked_for("use the queue column", "queue")
    assert asked_for("use `Queue X`", "Queue X")
