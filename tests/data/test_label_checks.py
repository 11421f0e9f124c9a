"""Labels of odd form, labels in texts, columns of no use."""

import pytest

from ml_intern.data.columns import choose
from ml_intern.data.load import load
from ml_intern.records.data import REFUSED, Severity
from ml_intern.records.errors import DataUnfit

from .conftest import Write, clean_rows, find, need, report


def labelled(labels: list[str], count: int = 200) -> list[tuple[str, str]]:
    return [(text, labels[row % len(labels)]) for row, (text, _) in enumerate(clean_rows(count))]


@pytest.mark.parametrize(
    ("labels", "severity", "words"),
    [
        (["1", "2", "3"], Severity.INFO, "what a class means"),
        (["1.0", "2.0"], Severity.INFO, "what a class means"),
        (["1", "1.0", "2"], Severity.MEDIUM, "several ways"),
        (["1.5", "2.25", "3.0"], Severity.MEDIUM, "a quantity"),
        ([str(number) for number in range(50)], Severity.MEDIUM, "a quantity"),
    ],
)
def test_numbers_as_labels(write: Write, labels: list[str], severity: Severity, words: str) -> None:
    finding = need(report(write("t.csv", labelled(labels))), "numeric_labels")
    assert (finding.count, finding.severity) == (200, severity)
    assert words in finding.message


def test_stray_numbers_padding_and_sentences(write: Write) -> None:
    rows = labelled(["refund", "billing", "top 10", "4xx"])
    rows[7] = (rows[7][0], "17")
    rows[9] = (rows[9][0], " refund")
    rows[11] = (rows[11][0], "The customer wants the money back for the shoes that never came")
    data = report(write("t.csv", rows))
    assert need(data, "numeric_labels").rows == (7,)
    assert need(data, "padded_labels").rows == (9,)
    assert need(data, "sentence_labels").rows == (11,)


@pytest.mark.parametrize(
    ("labels", "joined"),
    [
        (["billing", "refund", "billing, refund", "login"], {2}),
        (["a|b", "b|c", "a|c", "d"], {0, 1, 2}),
        (['["billing"]', '["billing", "login"]', '["refund"]', "x"], {0, 1, 2}),
        (["Credit card, prepaid card", "Mortgage", "Money transfer, virtual currency", "Loan"], set()),
        (["order/cancel", "order/track", "account/cancel", "account/track"], set()),
        (["1,5", "2,5", "1", "5"], set()),
        (['["a"]', '["b"]', "['c']", '["a"]'], set()),
    ],
)
def test_several_labels_in_one_cell(write: Write, labels: list[str], joined: set[int]) -> None:
    finding = find(report(write("t.csv", labelled(labels))), "several_labels")
    assert set(finding.rows if finding else ()) == {row for row in range(200) if row % 4 in joined}


def test_columns_of_no_use(write: Write) -> None:
    header = ("id", "text", "label", "source", "empty", "day", "answer", "score")
    rows = [
        (f"T-{i:04d}", text, label, "web", "", str(i % 5), f"{text} is what we say", f"{i / 7:.4f}")
        for i, (text, label) in enumerate(clean_rows(90))
    ]
    data = report(write("t.csv", rows, header))
    constant, identifier = need(data, "constant_columns"), need(data, "identifier_columns")
    assert "'source', 'empty' each hold" in constant.message
    assert identifier.message.startswith("'id' holds")
    assert {constant.severity, identifier.severity} == {Severity.INFO}
    assert identifier.examples[0] == "T-0000"


def test_one_hot_columns(write: Write) -> None:
    header = ("text", "label", "a", "b", "c", "urgent")
    rows = [
        (text, label, *(str(int(label == name)) for name in "abc"), "x") for text, label in clean_rows(90)
    ]
    assert need(report(write("t.csv", rows, header)), "one_hot_columns").severity == Severity.INFO
    rows[4] = (*rows[4][:2], "1", "1", "1", "x")
    rows = [row if i % 9 else (*row[:2], "1", "1", "0", "x") for i, row in enumerate(rows)]
    several = need(report(write("t.csv", rows, header)), "one_hot_columns")
    assert several.severity == Severity.LOW
    assert several.rows == tuple(i for i in range(90) if i % 9 == 0 or i == 4)


def test_two_unrelated_flags_are_not_one_hot(write: Write) -> None:
    rows = [(*row, "yes" if i % 2 else "no", str(int(i % 7 == 0))) for i, row in enumerate(clean_rows(90))]
    assert find(report(write("t.csv", rows, ("text", "label", "vip", "urgent"))), "one_hot_columns") is None


def test_labels_named_in_texts(write: Write) -> None:
    rows = labelled(["money_back", "login", "x"], 300)
    for row in range(0, 120, 3):
        rows[row] = (f"{rows[row][0]} I want Money Back", "money_back")
    rows[1] = ("no money back for me", "login")
    finding = need(report(write("t.csv", rows)), "label_in_text")
    assert finding.rows == tuple(range(0, 120, 3))
    assert finding.severity == Severity.INFO
    assert "'money_back': 40 % of its rows and 0.5 % of the rows of other classes" in finding.message


def test_a_name_that_stands_everywhere_tells_nothing(write: Write) -> None:
    rows = [(f"{text} at the login", label) for text, label in labelled(["login", "refund"], 200)]
    assert find(report(write("t.csv", rows)), "label_in_text") is None


def test_labels_written_as_the_data_writes_them(write: Write) -> None:
    rows = labelled(["cancel_order", "refund"], 200)
    rows[0] = ("[cancel_order] " + rows[0][0], "cancel_order")
    rows[2] = (rows[2][0] + " cancel_order", "cancel_order")
    rows[5] = (f"__label__refund {rows[5][0]}", "refund")
    rows[7] = (f"Label: refund. {rows[7][0]}", "refund")
    rows[9] = (f"the refund {rows[9][0]}", "refund")
    rows[11] = (f"cancel_order {rows[11][0]}", "refund")
    finding = need(report(write("t.csv", rows)), "label_written_in_text")
    assert (finding.rows, finding.severity) == ((0, 2, 5, 7), Severity.HIGH)


@pytest.mark.parametrize(("texts", "severity"), [(200, Severity.HIGH), (20, Severity.MEDIUM)])
def test_texts_that_differ_in_digits_alone_are_hardly_texts(
    write: Write, texts: int, severity: Severity
) -> None:
    """Half of the rows or more: what tells their labels apart is not in words."""
    others = clean_rows(200 - texts)
    rows = [(f"order number {row} please", f"class{row % 2}") for row in range(texts)] + others
    finding = need(report(write("t.csv", rows)), "conflicting_labels")
    assert (finding.count, finding.severity) == (texts, severity)


def test_a_single_class_is_nothing_to_tell_apart(write: Write) -> None:
    data = report(write("t.csv", labelled(["billing"] * 4)))
    finding = need(data, "single_class")
    assert finding.severity is Severity.CRITICAL and "'billing'" in finding.message
    assert finding.action.startswith(REFUSED)
    with pytest.raises(DataUnfit, match="Every row has the same value in 'label'"):
        choose(load(write("u.csv", labelled(["billing"] * 4))), "", "")


def test_words_for_no_label_are_no_class_but_none_may_be_one(write: Write) -> None:
    finding = need(report(write("t.csv", labelled(["billing", "NULL", "none", "n/a"]))), "null_labels")
    assert set(finding.rows) == {row for row in range(200) if row % 4 in (1, 3)}
    assert "'NULL', 'n/a'" in finding.message


def test_a_rare_label_one_letter_from_a_frequent_one_is_perhaps_misspelt(write: Write) -> None:
    rows = labelled(["billing", "shipping", "level_1", "level_2"])
    rows[0], rows[4], rows[8] = (rows[0][0], "biling"), (rows[4][0], "biilling"), (rows[8][0], "level_3")
    finding = need(report(write("t.csv", rows)), "label_misspelt")
    assert finding.rows == (0, 4) and "'biilling for billing', 'biling for billing'" in finding.message
    frequent = labelled(["compiling", "compelling"])
    assert find(report(write("u.csv", [*frequent, *labelled(["complaint"])])), "label_misspelt") is None


def test_few_rows_are_too_few_to_suspect_labels(write: Write) -> None:
    rows = [(f"{text} {label * 5}", label) for text, label in labelled(["refund", "billing"], 40)]
    rows[0], rows[1] = (rows[0][0], "billing"), (rows[1][0], "refund")
    finding = find(report(write("t.csv", rows)), "label_errors")
    assert finding is None or finding.severity is Severity.INFO
