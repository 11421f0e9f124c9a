from pathlib import Path

import pytest

from ml_intern.data import checks
from ml_intern.records.data import Severity

from .conftest import Write, clean_rows, find, need, report


def test_clean_data_has_only_information(write: Write) -> None:
    write("train.csv", clean_rows(300))
    write("validation.csv", clean_rows(60, 300))
    data = report(write("test.csv", clean_rows(60, 400)).parent)
    assert [finding.id for finding in data.findings] == ["licence_unknown", "text_lengths"]
    assert data.splits == {"train": 300, "validation": 60, "test": 60}
    assert data.classes["a"] == {"train": 100, "validation": 20, "test": 20}
    assert (data.rows, data.median_words, data.p95_words) == (420, 6, 6)


def test_planted_flaws_in_one_file(write: Write) -> None:
    rows = clean_rows(100)
    rows[7] = ("  \t", "a")
    rows[9] = ("", "a")
    rows[11] = (rows[11][0], " ")
    rows[20] = rows[2]
    rows[30] = (rows[3][0].upper() + " !!", rows[3][1])
    rows[41] = (rows[4][0], "c" if rows[4][1] == "a" else "a")
    rows[50] = ("word " * 500 + "\x1b[31m", "b")
    data = report(write("t.csv", rows))
    assert need(data, "missing_text").rows == (7, 9)
    assert need(data, "missing_label").rows == (11,)
    assert need(data, "exact_duplicates").rows == (20, 41)
    assert need(data, "normalised_duplicates").rows == (30,)
    conflict = need(data, "conflicting_labels")
    assert (set(conflict.rows), conflict.count, conflict.share) == ({4, 41}, 2, 0.02)
    assert "2 to the letter" in conflict.message and "others" not in conflict.message
    long = need(data, "very_long_texts")
    assert long.rows == (50,)
    assert len(long.examples[0]) == 160
    assert "\x1b" not in data.model_dump_json()


def test_findings_are_sorted_and_complete(write: Write) -> None:
    rows = clean_rows(1500)
    data = report(write("t.csv", [*rows, *rows]))
    finding = need(data, "exact_duplicates")
    assert (finding.count, len(finding.rows), finding.share) == (1500, 1000, 0.5)
    assert len(finding.examples) == 5
    assert finding.severity == Severity.HIGH
    ranks = [finding.severity.rank for finding in data.findings]
    assert ranks == sorted(ranks, reverse=True)
    assert all(finding.rows and finding.message and finding.action for finding in data.findings)


@pytest.mark.parametrize(
    ("repeats", "test", "validation"),
    [(5, Severity.CRITICAL, Severity.HIGH), (2, Severity.HIGH, Severity.MEDIUM), (0, None, None)],
)
def test_overlap(write: Write, repeats: int, test: Severity | None, validation: Severity | None) -> None:
    train = clean_rows(200)
    write("train.csv", train)
    for name, start in (("validation", 300), ("test", 500)):
        rows = clean_rows(100, start)
        for i in range(repeats):
            text, label = train[3 * i + start // 100]
            rows[10 + i] = (text if i == 0 else text.replace(" ", "  ").title(), label)
        folder = write(f"{name}.csv", rows).parent
    data = report(folder)
    for part, severity in (("test", test), ("validation", validation)):
        finding = find(data, f"{part}_rows_repeat_training", part)
        assert (finding and finding.severity) == severity
        if finding:
            assert finding.rows == tuple(range(10, 10 + repeats))
            assert f"1 to the letter, {repeats - 1} once digits" in finding.message


def test_a_test_row_found_only_in_validation(write: Write) -> None:
    write("train.csv", clean_rows(200))
    write("val.csv", clean_rows(100, 300))
    data = report(write("test.csv", [*clean_rows(99, 500), clean_rows(1, 300)[0]]).parent)
    finding = need(data, "test_rows_repeat_training", "test")
    assert (finding.rows, finding.severity) == ((99,), Severity.HIGH)
    assert "(0 of them in train)" in finding.message


def test_validation_without_a_test_file_is_what_will_be_tested_on(write: Write) -> None:
    train = clean_rows(200)
    write("train.csv", train)
    data = report(write("val.csv", [*clean_rows(99, 300), train[0]]).parent)
    finding = need(data, "test_rows_repeat_training", "validation")
    assert (finding.rows, finding.severity) == ((99,), Severity.HIGH)


def test_conflicts_across_splits_and_masked_ones(write: Write) -> None:
    write("train.csv", [*clean_rows(200), ("error 404 shown", "a")])
    rows = [*clean_rows(100, 500), ("Error 500 shown", "b")]
    data = report(write("test.csv", rows).parent)
    for split, row in (("train", 200), ("test", 100)):
        finding = need(data, "conflicting_labels", split)
        assert (finding.rows, finding.severity) == ((row,), Severity.LOW)
        assert "0 to the letter" in finding.message
    assert find(data, "exact_duplicates", "train") is None


def test_class_balance(write: Write) -> None:
    texts = [text for text, _ in clean_rows(900)]
    labels = ["big"] * 600 + ["small"] * 4
    write("train.csv", list(zip(texts, labels, strict=False)))
    rows = [*zip(texts[700:750], ["big"] * 50, strict=True), (texts[800], "new\x1b")]
    data = report(write("test.csv", rows).parent)
    imbalance = need(data, "class_imbalance", "train")
    assert (imbalance.rows, imbalance.severity) == ((600, 601, 602, 603), Severity.HIGH)
    assert "150.0 to 1" in imbalance.message
    assert need(data, "rare_classes", "train").rows == (600, 601, 602, 603)
    assert need(data, "classes_not_tested", "train").count == 4
    untrained = need(data, "labels_not_in_training", "test")
    assert untrained.rows == (50,)
    assert r"'new\x1b'" in untrained.message


def test_label_spelling(write: Write) -> None:
    rows = [(text, label) for text, label in clean_rows(100)]
    rows[5], rows[8] = (rows[5][0], "A"), (rows[8][0], "b ")
    finding = need(report(write("t.csv", rows)), "label_spelling")
    assert (finding.rows, finding.severity) == ((5, 8), Severity.MEDIUM)


def test_test_split_without_labels(write: Write) -> None:
    write("train.csv", clean_rows(60))
    data = report(write("test.csv", [(text, "") for text, _ in clean_rows(30, 100)]).parent)
    finding = need(data, "missing_label", "test")
    assert (finding.severity, finding.count) == (Severity.CRITICAL, 30)
    assert "nothing can be measured" in finding.message


def test_no_usable_row_at_all(write: Write) -> None:
    assert need(report(write("t.csv", [(" ", "")] * 3)), "missing_text").share == 1


def test_every_file_is_a_check() -> None:
    files = {path.stem for path in Path(checks.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(checks.discover()) == files
    assert {"exact_duplicates", "missing", "personal_data", "split_overlap"} <= files


def test_bitext(bitext: Path) -> None:
    data = report(bitext, "utterance", "category")
    overlap = need(data, "test_rows_repeat_training", "test")
    assert overlap.count >= 77
    assert overlap.severity == Severity.CRITICAL
    assert data.findings[0] == overlap
    loud = {finding.id for finding in data.findings if finding.severity.rank > Severity.MEDIUM.rank}
    assert loud == {"test_rows_repeat_training", "validation_rows_repeat_training"}
    assert len(data.classes) == 11


def test_banking77(banking77: Path) -> None:
    data = report(banking77, "text", "category")
    assert data.splits == {"train": 10003, "test": 3080}
    assert max(finding.severity.rank for finding in data.findings) <= Severity.MEDIUM.rank
    assert need(data, "test_rows_repeat_training", "test").count == 25


@pytest.mark.parametrize("few", [3_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_time_grows_with_the_rows_and_not_with_their_square(write: Write, few: int) -> None:
    def seconds(times: int) -> float:
        rows = [(f"{text} {i % 90}", label) for i, (text, label) in enumerate(clean_rows(few) * times)]
        return report(write(f"{times}.csv", rows)).seconds

    assert seconds(10) < 25 * seconds(1)  # their square would be a hundred times
