"""Checks by a quick model: planted label errors and mixed-up classes are found, clean rows are not."""

import numpy as np
import polars as pl
import pytest

from ml_intern.data.checks.label_errors import suspects
from ml_intern.data.features import tfidf
from ml_intern.data.model import deal, out_of_fold, sample
from ml_intern.data.normalise import normalise
from ml_intern.data.shares import chi_square, total_variation, wilson
from ml_intern.records.data import Severity

from .conftest import Write
from .test_audit import find, need, report

TOPICS = {
    "parcel": "parcel courier late delivery tracking package lost street",
    "money": "refund charged invoice price euros bank twice credit",
    "login": "password account login screen code email reset locked",
    "recipe": "butter flour oven sugar bake cake minutes dough",
}
FILLERS = "please hello my the about some today again still very maybe team".split()


def topical(
    count: int, seed: int = 0, words: int = 3, topics: dict[str, str] = TOPICS
) -> list[tuple[str, str]]:
    """Rows that hold a few words of their topic among others, classes in turn."""
    draw = np.random.default_rng(seed)
    names = list(topics)
    rows = []
    for i in range(count):
        name = names[i % len(names)]
        text = [*draw.choice(topics[name].split(), words), *draw.choice(FILLERS, 5)]
        rows.append((" ".join(draw.permutation(text)), name))
    return rows


def frame(rows: list[tuple[str, str]]) -> pl.DataFrame:
    found = pl.DataFrame(rows, schema=["text", "label"], orient="row").with_row_index("row")
    return found.with_columns(normalise(found["text"]).alias("normal"), pl.lit("all").alias("part"))


def test_clean_topics_have_no_suspects_and_no_look_alikes(write: Write) -> None:
    data = report(write("t.csv", topical(600)))
    assert find(data, "label_errors") is None
    assert find(data, "look_alike_classes") is None
    assert all(finding.severity.rank <= Severity.LOW.rank for finding in data.findings)


def test_planted_label_errors_are_found_most_certain_first(write: Write) -> None:
    rows = topical(600, words=5)
    planted = set(range(10, 600, 20))
    for row in planted:
        names = list(TOPICS)
        rows[row] = (rows[row][0], names[(names.index(rows[row][1]) + 1) % 4])
    finding = need(report(write("t.csv", rows)), "label_errors")
    assert set(finding.rows) <= planted
    assert len(finding.rows) >= 0.4 * len(planted)
    assert finding.severity in (Severity.LOW, Severity.MEDIUM)
    text, given = rows[finding.rows[0]]
    assert finding.examples[0].startswith(text[:60])
    assert f"→ '{given}', reads like '" in finding.examples[0]


def test_labels_that_nothing_foretells_are_not_called_wrong(write: Write) -> None:
    draw = np.random.default_rng(0)
    rows = [(text, "ab"[draw.integers(2)]) for text, _ in topical(600)]
    data = report(write("t.csv", rows))
    assert find(data, "label_errors") is None
    assert find(data, "look_alike_classes") is None


def test_look_alike_classes_are_named_with_their_rows(write: Write) -> None:
    topics = {**TOPICS, "sign_in": TOPICS["login"]}
    rows = topical(1000, topics=topics)
    finding = need(report(write("t.csv", rows)), "look_alike_classes")
    assert finding.message.startswith(
        "1 pair of classes is hard to tell apart by their words: 'login' and 'sign_in'"
    )
    assert {rows[row][1] for row in finding.rows} == {"login", "sign_in"}


@pytest.mark.parametrize("classes", [2, 4])
def test_the_ranking_of_planted_errors(classes: int) -> None:
    from sklearn.metrics import average_precision_score

    rows = topical(800, words=2, topics=dict(list(TOPICS.items())[:classes]))
    names = list(TOPICS)[:classes]
    wrong = np.random.default_rng(1).choice(800, 40, replace=False)
    for row in wrong:
        rows[row] = (rows[row][0], names[(names.index(rows[row][1]) + 1) % classes])
    judged = out_of_fold(frame(rows))
    assert judged is not None
    assert average_precision_score(np.isin(np.arange(800), wrong), -judged.quality) > 0.9
    assert set(np.flatnonzero(suspects(judged) >= 0)) <= set(wrong)
    assert np.allclose(judged.probabilities.sum(axis=1), 1, atol=1e-4)
    again = out_of_fold(frame(rows))
    assert again is not None and np.array_equal(judged.probabilities, again.probabilities)


def test_a_copy_in_training_says_nothing_about_its_own_label() -> None:
    # Each text stands twice; where copies were in other folds, the labels of random rows could be foretold.
    draw = np.random.default_rng(0)
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)]
    once = [(" ".join(draw.choice(words, 6)), "ab"[draw.integers(2)]) for _ in range(300)]
    judged = out_of_fold(frame([*once, *[(text.upper(), label) for text, label in once]]))
    assert judged is not None
    assert judged.accuracy < 0.6


def test_folds_keep_groups_together_and_spread_classes() -> None:
    draw = np.random.default_rng(0)
    groups = draw.integers(0, 400, 1000)
    y = groups % 3
    fold = deal(y, groups, 0)
    assert all(len(set(fold[groups == group])) == 1 for group in np.unique(groups))
    counts = np.array([np.bincount(fold[y == label], minlength=10) for label in range(3)])
    assert counts.min() >= 15
    assert not np.array_equal(fold, deal(y, groups, 1))


def test_what_is_too_little_for_a_model() -> None:
    assert out_of_fold(frame([("only one class", "a")] * 20)) is None
    assert out_of_fold(frame([(f"few {i}", "ab"[i % 2]) for i in range(8)])) is None
    assert tfidf(["a b", "c d"]).shape == (2, 0)
    # Two classes, each of a single text: a fold without one of them has nothing to fit.
    judged = out_of_fold(frame([*[("one text", "a")] * 6, *[("another thing", "b")] * 6]))
    assert judged is not None and np.allclose(judged.probabilities.sum(axis=1), 1, atol=1e-4)


def test_a_sample_is_seeded_bounded_and_in_file_order() -> None:
    rows = pl.DataFrame({"text": ["word " * 400] * 30_000}).with_row_index("row")
    taken = sample(rows, 0)
    assert taken.height == 3_000
    assert taken["row"].is_sorted()
    assert taken.equals(sample(rows, 0)) and not taken.equals(sample(rows, 1))


def test_arithmetic_of_shares() -> None:
    low, high = wilson([0, 5, 10, 0], [10, 10, 10, 0])
    # Agresti & Coull 1998, table 1: the Wilson interval of 0 of 10 is 0 to 0.278.
    assert np.allclose(low, [0, 0.2366, 0.7225, 0], atol=1e-4)
    assert np.allclose(high, [0.2775, 0.7634, 1, 1], atol=1e-4)
    assert total_variation(np.array([1.0, 1.0]), np.array([3.0, 1.0])) == 0.25
    p, effect = chi_square(np.array([[10.0, 20.0, 0.0], [20.0, 10.0, 0.0]]))
    assert (round(p, 5), round(effect, 5)) == (0.00982, 0.33333)
    assert chi_square(np.array([[3.0, 4.0]])) == (1.0, 0.0)
