"""Shortcuts, leaks by group and time, shifts of labels: planted ones are found, clean data is left alone."""

import numpy as np
import pytest

from ml_intern.data.checks.class_interval import half_width
from ml_intern.data.checks.group_leakage import kind
from ml_intern.data.checks.shortcut_tokens import is_artefact, read
from ml_intern.records.data import Severity

from .conftest import Write
from .test_audit import find, need, report
from .test_model_checks import topical

NEW = {
    "shortcut_tokens", "shortcut_columns", "length_shortcut", "rows_sorted_by_label", "group_leakage",
    "time_leakage", "label_drift", "label_shift", "class_interval",
}  # fmt: skip


def test_random_columns_and_an_even_split_are_left_alone(write: Write) -> None:
    draw = np.random.default_rng(0)
    header = ("text", "label", "source", "score", "created", "user_id")
    for part, seed, count, year in (("train", 1, 400, 2020), ("test", 2, 200, 2021)):
        rows = [
            (
                *row,
                str(draw.integers(5)),
                str(draw.random()),
                f"{year}-01-{draw.integers(1, 28):02d}",
                f"{part}{draw.integers(90)}",
            )
            for row in topical(count, seed)
        ]
        folder = write(f"{part}.csv", rows, header).parent
    assert not {finding.id for finding in report(folder).findings} & NEW


def test_artefacts_are_told_from_words() -> None:
    assert read("Call TCK-00412 on 2024-03-01, see (9f86d081aa)!") == {
        "call": "call", "tck-0": "tck-00412", "on": "on", "<a date>": "2024-03-01", "see": "see",
        "<a hexadecimal number>": "9f86d081aa",
    }  # fmt: skip
    for token in ("https://a.b", "<br>", "[billing]", "{{order", "me@example.com", "<a date>", "__label__"):
        assert is_artefact(token, 1)
    assert is_artefact("tck-0", 5)
    for token in ("refund", "covid-0", "0k", "0", "$0", "don't", "e-mail"):
        assert not is_artefact(token, 1)
    assert not is_artefact("0", 5)


@pytest.mark.parametrize(("every", "severity"), [(1, Severity.HIGH), (3, Severity.MEDIUM)])
def test_a_ticket_prefix_gives_the_class_away(write: Write, every: int, severity: Severity) -> None:
    rows = topical(400)
    marked = [i for i in range(400) if rows[i][1] == "money" and i % every == 0]
    for i in marked:
        rows[i] = (f"BIL-{i:05d} {rows[i][0]}", "money")
    finding = need(report(write("t.csv", rows)), "shortcut_tokens")
    assert finding.rows == tuple(marked)
    assert finding.severity is severity
    assert "'bil-0' for 'money' (100%)" in finding.message


def test_a_key_word_is_only_information(write: Write) -> None:
    rows = [(f"refund {text}" if label == "money" else text, label) for text, label in topical(400)]
    data = report(write("t.csv", rows))
    finding = need(data, "key_words")
    assert finding.severity is Severity.INFO
    assert "'refund' for 'money'" in finding.message
    assert find(data, "shortcut_tokens") is None


def test_columns_that_foretell_the_label(write: Write) -> None:
    draw = np.random.default_rng(0)
    rows = [
        (
            text,
            label,
            f"{label[:2].upper()}-{i:05d}",
            str(list("plmr").index(label[0]) * 10 + draw.random()),
            "x",
        )
        for i, (text, label) in enumerate(topical(400))
    ]
    finding = need(
        report(write("t.csv", rows, ("text", "label", "key", "price", "other"))), "shortcut_columns"
    )
    assert "'key' by its prefix" in finding.message and "'price' as a number" in finding.message
    assert "other" not in finding.message
    assert finding.severity is Severity.LOW
    assert finding.count == 400


def test_length_and_order(write: Write) -> None:
    rows = [(f"{text} {'again ' * 40 * (label == 'money')}", label) for text, label in topical(400)]
    data = report(write("t.csv", sorted(rows, key=lambda row: row[1])))
    assert need(data, "rows_sorted_by_label").count == 4
    finding = need(data, "length_shortcut")
    assert finding.severity is Severity.LOW
    assert "of 'money'" in finding.message


@pytest.mark.parametrize(
    ("column", "shared", "severity"),
    [
        ("thread_id", 100, Severity.HIGH),
        ("userId", 100, Severity.MEDIUM),
        ("user", 10, Severity.LOW),
        ("colour", 100, None),
    ],
)
def test_groups_on_both_sides(write: Write, column: str, shared: int, severity: Severity | None) -> None:
    header = ("text", "label", column)
    write("train.csv", [(*row, f"g{i % 60}") for i, row in enumerate(topical(300, 1))], header)
    rows = [(*row, f"g{i % 60}" if i < shared else f"h{i % 60}") for i, row in enumerate(topical(200, 2))]
    finding = find(report(write("test.csv", rows, header).parent), "group_leakage", "test")
    assert (finding and finding.severity) == severity
    if finding:
        assert finding.rows == tuple(range(shared))


def test_what_is_a_group_by_name() -> None:
    names = ("author_name", "conversationId", "Customer ID", "account type", "id")
    assert [kind(name) for name in names] == ["person", "text", "person", None, None]


def test_groups_in_one_file_are_mentioned(write: Write) -> None:
    rows = [(*row, f"s{i // 2}") for i, row in enumerate(topical(100))]
    finding = need(report(write("t.csv", rows, ("text", "label", "session_id"))), "group_leakage")
    assert (finding.severity, finding.count) == (Severity.LOW, 100)


def dates(count: int, start: int, length: int) -> list[str]:
    days = (np.timedelta64(start + i * length // count, "D") for i in range(count))
    return [str(np.datetime64("2024-01-01") + each) for each in days]


def test_a_random_split_over_time_and_drift(write: Write) -> None:
    header = ("text", "label", "created_at")
    train = topical(400, 1)
    train = [*[row for row in train if row[1] != "recipe"], *[row for row in train if row[1] == "recipe"]]
    write("train.csv", [(*row, day) for row, day in zip(train, dates(400, 0, 300), strict=True)], header)
    test = [(*row, day) for row, day in zip(topical(200, 2), dates(200, 0, 300), strict=True)]
    data = report(write("test.csv", test, header).parent)
    order = need(data, "time_leakage", "test")
    assert (order.severity, order.count) == (Severity.LOW, 190)
    drift = need(data, "label_drift", "train")
    assert "'recipe', from 0.0% to 100.0%" in drift.message
    assert {train[row][1] for row in drift.rows} == {"recipe"}


def test_epochs_are_times_where_the_name_says_so(write: Write) -> None:
    for name, expected in (("timestamp", True), ("number", False)):
        header = ("text", "label", name)
        write("train.csv", [(*row, str(1_700_000_000 + i)) for i, row in enumerate(topical(200, 1))], header)
        rows = [(*row, str(1_700_000_000 + i)) for i, row in enumerate(topical(100, 2))]
        data = report(write("test.csv", rows, header).parent)
        assert (find(data, "time_leakage", "test") is not None) == expected


def test_labels_spread_differently_in_the_test_split(write: Write) -> None:
    write("train.csv", topical(400, 1))
    rows = [row for i, row in enumerate(topical(400, 2)) if row[1] == "money" or i % 5 == 0]
    finding = need(report(write("test.csv", rows).parent), "label_shift", "test")
    assert finding.severity is Severity.MEDIUM
    assert {rows[row][1] for row in finding.rows} == {"money"}
    assert "'money' 25.0% to 62" in finding.message


def test_classes_too_rare_to_measure(write: Write) -> None:
    write("train.csv", topical(400, 1))
    rows = [row for i, row in enumerate(topical(200, 2)) if row[1] != "recipe" or i < 20]
    finding = need(report(write("test.csv", rows).parent), "class_interval", "test")
    assert "1 class has too few test rows for a score of their own: 'recipe' (5: ± 0.33)" in finding.message
    assert {rows[row][1] for row in finding.rows} == {"recipe"}
    assert half_width(11) > 0.25 > half_width(12)
