"""From a sentence to queries, from facts to a ranking: pure values, nothing is asked."""

from dataclasses import replace
from datetime import date

import pytest

from ml_intern.brains.playbook.wishes import named_dataset, named_model
from ml_intern.data.label_fit import label_fit
from ml_intern.records.research import Verdict
from ml_intern.research.base_models import ModelFacts, rank_models
from ml_intern.research.criteria import Facts
from ml_intern.research.licences import use_of
from ml_intern.research.queries import queries, wanted
from ml_intern.research.ranking import choose, rank

TODAY = date(2026, 11, 1)
GOOD = Facts(
    name="acme/support-tickets",
    revision="a" * 40,
    licence="mit",
    title="Support tickets",
    tags=(),
    prose="Tickets of customer support.",
    languages=("en",),
    modified="2026-10-01",
    downloads=1_000,
    rows=1_000,
    text="ticket",
    label="category",
    label_fit="meant",
    classes={"billing": 500, "shipping": 500},
    texts=("Where is my order?", "I was charged twice", "The delivery is late"),
    spoken="en",
)
SENTENCE = "Label support tickets by issue type and publish the model"


@pytest.mark.parametrize(
    ("sentence", "target", "words", "language", "publish", "commercial"),
    [
        (SENTENCE, "issue type", ("support", "ticket"), "en", True, False),
        ("Classify German news by topic, for commercial use", "topic", ("news",), "de", False, True),
        ("detect spam in SMS messages, non-commercial", "spam", ("sms", "message"), "en", False, False),
    ],
)
def test_what_is_wanted_is_read_from_the_words(sentence, target, words, language, publish, commercial):
    wish = wanted(sentence, target)
    assert (wish.words, wish.language, wish.publish, wish.commercial) == (
        words, language, publish, commercial
    )  # fmt: skip


def test_queries_are_several_short_and_harmless():
    asked = queries(wanted(SENTENCE, "issue type"), ("help\x1bdesk; rm", "x" * 500))
    assert {"support ticket", "customer service", "support", "ticket"} <= set(asked)
    assert len(asked) <= 10 and all(query.isprintable() and len(query) <= 60 for query in asked)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"trouble": "it is gated"}, "it is gated"),
        ({"licence": "unknown"}, "no licence"),
        ({"licence": "my-own-terms"}, "not known"),
        ({"classes": {"billing": 990, "a": 5, "b": 5}}, "too few"),
        ({"rows": 100}, "too few"),
        ({"text": None, "no_columns": "no text in it"}, "no text in it"),
        ({"label_fit": "other"}, "something else"),
        ({"spoken": "de"}, "most texts are de"),
        ({"spoken": None, "languages": ("fr",)}, "its card says fr"),
        ({"texts": ("The film was dull", "a movie with a weak plot", "bad acting")}, "film reviews"),
        ({"name": "acme/stuff", "title": "", "prose": "", "texts": ()}, "says little"),
    ],
)
def test_what_is_needed_is_needed_whatever_the_score(change, reason):
    best, unfit = rank([replace(GOOD, **change), replace(GOOD, name="acme/support-other")], wish(), TODAY)
    assert (best.name, best.verdict) == ("acme/support-other", Verdict.LOST)
    assert unfit.verdict is Verdict.UNFIT and reason in unfit.reason


def wish(sentence: str = SENTENCE):
    return wanted(sentence, "issue type")


def test_losers_are_told_by_what_the_winner_is_ahead_and_the_order_never_changes():
    worse = replace(GOOD, name="acme/small-support-tickets", rows=300, classes={"a": 30, "b": 30})
    twin = replace(GOOD, name="acme/a-twin-of-support-tickets")
    ranked = rank([worse, GOOD, twin], wish(), TODAY)
    assert ranked == rank([twin, worse, GOOD], wish(), TODAY)
    told = {each.name: each for each in choose(ranked, GOOD.name)}
    assert told[GOOD.name].verdict is Verdict.CHOSEN
    assert told[worse.name].reason.startswith("size: ") and "preferred" in told[twin.name].reason


def test_a_licence_is_needed_only_for_the_use_that_is_stated():
    bare, nc = replace(GOOD, licence="unknown"), replace(GOOD, licence="cc-by-nc-4.0")
    private, sold = wish("Label support tickets by issue type"), wish("Label support tickets, commercial")
    assert rank([bare], private, TODAY)[0].verdict is Verdict.LOST
    assert rank([nc], wish(), TODAY)[0].verdict is Verdict.LOST
    assert rank([nc], sold, TODAY)[0].verdict is Verdict.UNFIT
    uses = [use_of(each).value for each in ("cc-by-4.0", "mit, cc-by-nc-4.0", "mit, odd", "")]
    assert uses == ["open", "restricted", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("column", "fit"),
    [("issue_type", "named"), ("category", "meant"), ("label", "generic"), ("sentiment", "other"),
     ("intent", "only"), ("xyz", "only")],
)  # fmt: skip
def test_a_label_column_is_judged_by_what_is_asked_for(column, fit):
    assert label_fit(column, "issue type", "Label tickets by issue type") == fit


def test_the_measured_base_model_goes_before_larger_and_unknown_ones():
    name, licence = "sentence-transformers/all-MiniLM-L6-v2", "apache-2.0"
    made = ModelFacts(name, "c", licence, 22_700_000, True, False, False, ("en",), 0)
    others = [
        replace(made, name="x/all-MiniLM-L6-v2-cousin"),
        replace(made, name="google-bert/bert-base-uncased", parameters=110_000_000),
        replace(made, name="x/code", needs_code=True),
        replace(made, name="x/gated", gated=True),
        replace(made, name="x/pickle", safe=False),
        replace(made, name="x/huge", parameters=7_000_000_000),
        replace(made, name="x/german", languages=("de",)),
        replace(made, name="x/bare", licence="unknown"),
    ]
    ranked = rank_models([*others, made], wish())
    assert [each.name for each in ranked[:3]] == [made.name, others[1].name, others[0].name]
    assert all(each.verdict is Verdict.UNFIT for each in ranked[3:]) and len(ranked) == 9


@pytest.mark.parametrize(
    ("sentence", "dataset", "model"),
    [
        ("Label questions by intent with the dataset PolyAI/banking77", "PolyAI/banking77", None),
        (
            "Use the PolyAI/banking77 dataset and fine-tune acme/tiny-model1",
            "PolyAI/banking77",
            "acme/tiny-model1",
        ),
        ("Label mails as yes/no by urgency", None, None),
        ("fine-tune the model acme/bert-1 on my data", None, "acme/bert-1"),
    ],
)
def test_a_dataset_in_the_sentence_is_told_from_a_model(sentence, dataset, model):
    assert (named_dataset(sentence), named_model(sentence)) == (dataset, model)
