"""Amounts of money in a sentence."""

import pytest

from ml_intern.records.money import budget_named


@pytest.mark.parametrize(
    ("sentence", "micro_usd"),
    [
        ("Label tickets into 77 topics", None),
        ("Label tickets, spend at most $1", 1_000_000),
        ("Label tickets for 2.50 dollars", 2_500_000),
        ("Label tickets, budget USD 1,000", 1_000_000_000),
        ("Sort refunds over $500 by reason, spend at most $2", 2_000_000),
    ],
)
def test_the_smallest_amount_that_is_named_as_money_is_the_budget(sentence, micro_usd):
    assert budget_named(sentence) == micro_usd
