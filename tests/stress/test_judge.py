"""Each expectation is held against the answer; the intervals are those of their sources."""

import numpy as np
import pytest

from ml_intern.stress.answers import Answer, answers
from ml_intern.stress.judge import judge, paired_drop, share
from ml_intern.stress.material import Draft

GIVEN = {
    "plain": Answer("a", 0.7),
    "changed": Answer("b", 0.95),
    "surer": Answer("a", 0.9),
    "held": Answer("a", 0.99, held_back=True),
}


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (Draft("plain", "surer", same_answer=True), ""),
        (Draft("changed", "plain", same_answer=True), "the answer changed from a to b"),
        (Draft("changed", labels=("a", "c")), "the answer is not a or c"),
        (
            Draft("plain", labels=("a",), most_confidence=0.6),
            "70% confidence, where at most 60% is justified",
        ),
        (Draft("plain", most_confidence=0.75), ""),
        (Draft("changed", forbidden="b", most_confidence=0.9), "answered b, which the text denies"),
        (Draft("plain", forbidden="a", most_confidence=0.9), ""),
        (Draft("surer", "plain", direction=1), ""),
        (Draft("plain", "surer", direction=1), "the confidence went from 0.90 to 0.70"),
        (Draft("surer", "plain", direction=-1), "the confidence went from 0.70 to 0.90"),
        (Draft("held", most_confidence=0.5), ""),
        (Draft("held", labels=("b",)), "the answer is not b"),
    ],
)
def test_an_answer_is_held_against_what_was_expected(draft, why):
    assert judge(draft, GIVEN).why == why


def test_answers_are_the_likeliest_classes():
    found = answers(["x", "y"], np.array([[0.2, 0.8], [0.6, 0.4]]), ["n", "m"])
    assert found == {"x": Answer("m", 0.8), "y": Answer("n", 0.6)}


def test_shares_have_wilsons_interval():
    """Wilson 1927 by its formula; 0 of 60 ends at z² / (n + z²)."""
    assert share(0, 60).high == pytest.approx(1.96**2 / (60 + 1.96**2), abs=1e-4)
    assert share(30, 60).low == pytest.approx(0.3773, abs=1e-4)
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)


@pytest.mark.parametrize("lost", [0.02, 0.2, 0.5])
def test_the_interval_of_a_drop_holds_the_truth_nineteen_times_in_twenty(lost):
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        before = chance.random(60) < 0.9
        after = np.where(chance.random(60) < lost, False, before)
        found = paired_drop(before.tolist(), after.tolist())
        held += found.low <= 0.9 * lost <= found.high
    assert held >= 0.93 * 400
