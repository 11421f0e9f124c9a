"""The built-in tickets read like tickets, come out the same each time, and are hard enough to be a test."""

import os
import re
import subprocess
import sys
import time

import polars as pl
import pytest

from ml_intern.demo.flaws import Flaws
from ml_intern.demo.tickets import KEY, make_tickets, write_splits

WRITE = """
import sys
from pathlib import Path
from ml_intern.demo.tickets import write_splits
write_splits(Path(sys.argv[1]), 300, 7)
"""


@pytest.fixture(scope="module")
def tickets() -> pl.DataFrame:
    """Many tickets without flaws."""
    clean = Flaws(duplicates=0, near_copies=0, conflicting_labels=0, missing_texts=0, imbalance=1)
    return pl.concat(make_tickets(4000, 11, clean).splits.values())


def test_tickets_read_like_tickets(tickets):
    for text in tickets["ticket"]:
        assert not re.search(r"[{}|\[\]]|\s\s|^\s|\s$", text), text
        assert not re.search(r"\b(\w+) \1\b|\ba [aeio]|[.,] ?[.,]", text.lower()), text
        assert 2 <= len(text.split()) <= 60, text
        # An opener such as "Seriously," or "I am fed up." aside, a ticket has one to three sentences.
        assert len(re.findall(r"[.!?]+(?:\s|$)", text.replace("no.", "no"))) <= 5, text


def test_tickets_are_as_varied_as_the_phrases_allow(tickets):
    texts = tickets["ticket"]
    letters = texts.str.to_lowercase().str.replace_all(r"\P{L}", "")
    assert letters.n_unique() == tickets.height
    assert 8 <= tickets["issue_type"].n_unique() <= 11
    starts = texts.str.split(" ").list.head(3).list.join(" ")
    assert starts.n_unique() > 0.2 * tickets.height
    assert (texts == texts.str.to_lowercase()).mean() == pytest.approx(0.15, abs=0.1)
    assert texts.str.contains(r"[A-Z]{5,} [A-Z]{3,}").any()
    assert texts.str.contains(r"\d+\.\d\d").any() and texts.str.contains(r"\d{5}").any()


def test_some_tickets_name_two_issues(tickets):
    others = tickets.filter(pl.col("issue_type") != "refund")["ticket"]
    mention = others.str.contains("waiting for the refund|refund of .* still open|last refund took").sum()
    assert 0.005 < mention / others.len() < 0.05


def test_ids_are_unique_and_later_tickets_have_higher_ones():
    rows = pl.concat(make_tickets(500).splits.values()).sort("ticket_id")
    assert rows["ticket_id"].is_unique().all()
    assert rows["created"].is_sorted()


def test_the_same_seed_gives_the_same_bytes_in_any_process(tmp_path):
    write_splits(tmp_path / "a", 300, 7)
    elsewhere = os.environ | {"PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path / "b")], check=True, env=elsewhere)
    write_splits(tmp_path / "c", 300, 8)
    for name in ("train.csv", "validation.csv", "test.csv", KEY):
        same, other = ((tmp_path / folder / name).read_bytes() for folder in "bc")
        assert (tmp_path / "a" / name).read_bytes() == same != other


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        ({"duplicates": -0.1}, "duplicates"),
        ({"near_copies": 1.5}, "near_copies"),
        ({"missing_texts": float("nan")}, "missing_texts"),
        ({"imbalance": 0.5}, "imbalance"),
        ({"duplicates": 0.3, "conflicting_labels": 0.2}, "twice duplicates and conflicting_labels"),
        ({"typos": 0.1}, "typos"),
    ],
)
def test_rates_out_of_range_are_refused(rates, says):
    with pytest.raises(ValueError, match=says):
        Flaws(**rates)


@pytest.mark.parametrize(
    ("rows", "flaws", "says"),
    [
        (40, Flaws(), "6 rows are too few for 10 issue types, 4 to 1"),
        (3000, Flaws(imbalance=500), "too few for 10 issue types, 500 to 1"),
    ],
)
def test_too_few_rows_are_refused(rows, flaws, says):
    with pytest.raises(ValueError, match=says):
        make_tickets(rows, 0, flaws)


def test_making_tickets_takes_time_in_proportion_to_their_number():
    """Looking for texts that are new would grow faster if the phrases ran out."""

    def seconds(rows: int) -> float:
        start = time.process_time()
        make_tickets(rows)
        return time.process_time() - start

    few = min(seconds(750) for _ in range(3))
    assert min(seconds(3000) for _ in range(2)) < max(8 * few, 1)
