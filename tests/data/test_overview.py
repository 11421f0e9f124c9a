"""What the plots of the audit show is counted, all of it."""

import polars as pl
import pytest

from ml_intern.data.overview import MOST_BINS, text_lengths
from ml_intern.reporting.charts.lengths import HEIGHT, WIDTH, histogram
from tests.data.conftest import Write, clean_rows
from tests.data.test_audit import report


@pytest.mark.parametrize(
    "words",
    [
        [1],
        [0],
        [5] * 7,
        list(range(1, 17)),
        list(range(1, 900)),
        [3] * 500 + [40_000],
        [10**6] * 2,
        [1] * 99 + [2],
    ],
)
def test_every_text_is_in_one_bin_and_the_drawing_holds_them_all(words):
    found = text_lengths(pl.Series(words))
    assert sum(each.rows for each in found.bins) == len(words) and found.longest == max(words)
    for each in found.bins:
        high = each.high or max(words)
        assert each.rows == sum(each.low <= max(1, number) <= high for number in words)
    closed = [each for each in found.bins if each.high is not None]
    assert [each.low for each in closed[1:]] == [each.high + 1 for each in closed[:-1]]
    assert 1 <= len(closed) <= MOST_BINS and len(found.bins) - len(closed) <= 1

    drawn = histogram(found, median=float(max(words)), p95=float(max(words)))
    for bar in drawn.bars:
        assert 0 <= bar.x and bar.x + bar.width <= WIDTH and 0 <= bar.y <= bar.y + bar.height <= HEIGHT
    assert all(
        before.x + before.width <= bar.x for before, bar in zip(drawn.bars, drawn.bars[1:], strict=False)
    )
    assert all(0 <= mark.x <= WIDTH for mark in drawn.marks)
    assert all(before.at < tick.at for before, tick in zip(drawn.ticks, drawn.ticks[1:], strict=False))


def test_texts_that_a_model_would_cut_are_counted():
    found = {each.tokens: each for each in text_lengths(pl.Series([24, 25, 96, 97, 385])).longer}
    assert (found[32].words, found[32].rows) == (24, 4)
    assert (found[128].words, found[128].rows) == (96, 2)
    assert (found[512].words, found[512].rows) == (384, 1)


def test_no_text_has_no_lengths():
    assert text_lengths(pl.Series([], dtype=pl.UInt32)) is None


def test_parts_are_held_against_those_before_them(write: Write):
    train, validation, test = clean_rows(40), clean_rows(10, 100), clean_rows(10, 200)
    write("train.csv", train)
    write("validation.csv", [*validation, train[0]])
    masked = [(f"{text.upper()} !!", label) for text, label in train[1:4]]
    found = report(write("test.csv", [*test, *train[:2], *masked, validation[0]]).parent).overlaps
    assert [(each.part, each.other, each.rows, each.exact) for each in found] == [
        ("test", "train", 5, 2),
        ("test", "validation", 2, 2),
        ("validation", "train", 1, 1),
    ]
