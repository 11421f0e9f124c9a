from pathlib import Path

import polars as pl
import pytest

from ml_intern.data.columns import Ambiguous, ColumnChoices, choose, profile
from ml_intern.data.load import Table, Tables, load
from ml_intern.records.data import ColumnChoice, DataFile
from ml_intern.records.errors import DataUnfit, UsageProblem

from .conftest import clean_rows

ARTICLE = "Build a text classification model that labels customer support tickets by issue type"


def tables(**columns: list[object]) -> Tables:
    frame = pl.DataFrame(columns)
    file = DataFile(name="t.csv", sha256="0" * 64, rows=frame.height, split=None)
    return Tables(Path("t.csv"), (Table(frame, file),))


def names(choices: ColumnChoices) -> tuple[str, str]:
    assert isinstance(choices.text, ColumnChoice), choices.text
    assert isinstance(choices.label, ColumnChoice), choices.label
    assert choices.text.reason
    assert choices.label.reason
    return choices.text.name, choices.label.name


def cycle(*values: object) -> list[object]:
    return [values[i % len(values)] for i in range(60)]


TEXTS: list[object] = [text for text, _ in clean_rows(60)]
ANSWERS: list[object] = [f"Dear customer, {text} and more" for text in TEXTS]


@pytest.mark.parametrize(
    ("target", "sentence", "label"),
    [
        ("issue type", ARTICLE, "category"),
        ("", ARTICLE, "category"),
        ("topic", "sort these by topic", "category"),
        ("intent", "classify the intents", "intent"),
        ("", "sort utterances by intent", "intent"),
        ("entity type", "find the entity type", "entity_type"),
    ],
)
def test_bitext(bitext: Path, target: str, sentence: str, label: str) -> None:
    choices = choose(load(bitext), target, sentence)
    assert names(choices) == ("utterance", label)
    assert isinstance(choices.label, ColumnChoice)
    assert "intent" in (*choices.label.alternatives, label)


def test_bitext_without_a_deciding_word(bitext: Path) -> None:
    label = choose(load(bitext), "", "train something on this").label
    assert isinstance(label, Ambiguous)
    assert {"category", "intent"} <= set(label.candidates)
    assert "start_offset" not in label.candidates
    assert label.why


def article_columns() -> Tables:
    return tables(
        flags=cycle("B", "BQ", "BQZ"),
        instruction=TEXTS,
        category=cycle("ORDER", "REFUND"),
        intent=cycle("cancel_order", "track_order", "get_refund"),
        response=ANSWERS,
    )


def test_columns_of_the_article() -> None:
    choices = choose(article_columns(), "issue type", ARTICLE)
    assert names(choices) == ("instruction", "category")
    assert isinstance(choices.text, ColumnChoice)
    assert choices.text.alternatives == ("response",)
    assert names(choose(article_columns(), "intent", "x"))[1] == "intent"


def test_banking77(banking77: Path) -> None:
    assert names(choose(load(banking77), "intent", "x")) == ("text", "category")


def test_the_request_asks_for_one_column_and_mentions_another() -> None:
    data = tables(review=TEXTS, product=cycle("tea", "cup"), label=cycle("pos", "neg"))
    assert names(choose(data, "sentiment", "classify product reviews by sentiment")) == ("review", "label")
    assert names(choose(data, "", "sort reviews by product"))[1] == "product"


def test_two_columns_of_one_meaning_are_ambiguous() -> None:
    data = tables(text=TEXTS, category=cycle("a", "b"), topic=cycle("c", "d"))
    label = choose(data, "issue type", ARTICLE).label
    assert isinstance(label, Ambiguous)
    assert label.candidates == ("category", "topic")


def test_longer_names_win() -> None:
    data = tables(text=TEXTS, type=cycle("a", "b"), issue_type=cycle("c", "d"))
    assert names(choose(data, "issue type", ARTICLE))[1] == "issue_type"


def test_two_unknown_texts_are_ambiguous_and_the_label_is_still_found() -> None:
    choices = choose(tables(foo=TEXTS, bar=ANSWERS, label=cycle("a", "b")), "", "x")
    assert isinstance(choices.text, Ambiguous)
    assert choices.text.candidates == ("foo", "bar")
    assert isinstance(choices.label, ColumnChoice)


def test_titles_lose_and_bookkeeping_is_no_label() -> None:
    data = tables(
        title=[f"About {text}" for text in TEXTS], body=TEXTS, ticket_id=cycle(1, 2), price=cycle(0.5, 1.5),
        age=cycle(*range(30)), constant=cycle("x"), kind=cycle("a", "b"),
    )  # fmt: skip
    choices = choose(data, "", "x")
    assert names(choices) == ("body", "kind")
    assert isinstance(choices.label, ColumnChoice)
    assert choices.label.alternatives == ()


def test_labels_of_several_words_in_a_small_file() -> None:
    labels: list[object] = ["billing issue", "lost parcel", "broken goods", "other trouble"] * 5
    assert names(choose(tables(comment=TEXTS[:20], grp=labels), "", "x")) == ("comment", "grp")


def test_integer_labels() -> None:
    assert names(choose(tables(text=TEXTS, label=cycle(0, 1)), "", "x")) == ("text", "label")


def test_named_columns() -> None:
    assert names(choose(article_columns(), "issue type", ARTICLE, "response", "flags")) == (
        "response",
        "flags",
    )
    with pytest.raises(
        UsageProblem, match=r"no column 'Categry' to use as label\. The columns are 'flags'"
    ) as e:
        choose(article_columns(), "", "x", label="Categry")
    assert e.value.hint == "Did you mean 'category'?"
    with pytest.raises(UsageProblem) as caught:
        choose(article_columns(), "", "x", text="\x1bzzz")
    assert r"'\x1bzzz'" in caught.value.message
    assert "--text" in caught.value.hint
    with pytest.raises(UsageProblem, match="as text and as label"):
        choose(article_columns(), "", "x", "flags", "flags")


def test_nothing_fits() -> None:
    with pytest.raises(DataUnfit, match="No column reads like text"):
        choose(tables(a=list(range(60)), b=cycle("x", "y")), "", "x")
    with pytest.raises(DataUnfit, match="No column reads like a label"):
        choose(tables(text=TEXTS, b=cycle("x")), "", "x")


def test_profile() -> None:
    one = profile(tables(a=["ab", " ", None, "ab"], n=[1, 22, None, 22]))
    assert [(p.name, p.dtype, p.rows, p.missing, p.distinct, p.mean_length, p.max_length) for p in one] == [
        ("a", "String", 4, 2, 1, 2.0, 2),
        ("n", "Int64", 4, 1, 2, pytest.approx(5 / 3), 2),
    ]
    assert profile(tables(a=[None, None]))[0].missing == 2
