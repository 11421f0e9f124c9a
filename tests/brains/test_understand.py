import pytest

from ml_intern.brains.playbook.objection import changes_from, misread
from ml_intern.brains.playbook.understand import understand
from ml_intern.records.metrics import Metric

ARTICLE = (
    "Build a text classification model that labels customer support tickets by issue type, using a public "
    "Hugging Face dataset, fine-tune a lightweight transformer model, evaluate results with accuracy and "
    "macro F1 scores, and prepare the final model for publishing on the Hugging Face Hub."
)


@pytest.mark.parametrize(
    ("sentence", "target"),
    [
        ("Label customer support tickets by issue type; report accuracy.", "issue type"),
        (ARTICLE, "issue type"),
        ("classify banking questions by intent in under 10 minutes", "intent"),
        ("sort reviews by their star rating, please", "star rating"),
        ("detect spam", "spam"),
        ("Classify reviews as positive or negative", "positive or negative"),
        ("run sentiment analysis on these tweets", "sentiment"),
    ],
)
def test_the_target_is_read_from_the_words(sentence, target):
    read = understand(sentence, None)
    assert (read.target, read.question, read.unsupported) == (target, "", "")


def test_metrics_are_read_and_the_first_choice_is_macro_f1():
    read = understand(ARTICLE, None)
    assert set(read.metrics) == {Metric.ACCURACY, Metric.MACRO_F1}
    assert read.selection_metric is Metric.MACRO_F1


def test_plain_f1_is_taken_as_macro_and_said_so():
    read = understand("label mails by topic, report F1", None)
    assert read.metrics == (Metric.MACRO_F1,)
    assert "metric: F1 is taken as macro F1" in read.assumptions


@pytest.mark.parametrize(
    ("words", "micro_usd"),
    [
        ("spend at most $1", 1_000_000),
        ("for at most 2.50 dollars", 2_500_000),
        ("USD 3 at most", 3_000_000),
        ("", 0),
    ],
)
def test_money_is_read_in_dollars(words, micro_usd):
    assert understand(f"label tickets by topic {words}", None).budget_micro_usd == micro_usd


@pytest.mark.parametrize(
    ("words", "seconds"), [("within 2 hours", 7200), ("in under 10 minutes", 600), ("at most an hour", 3600)]
)
def test_time_is_read(words, seconds):
    assert understand(f"label tickets by topic {words}", None).time_limit_seconds == seconds


@pytest.mark.parametrize(
    "sentence",
    [
        "classify photos of cats by breed",
        "predict the price of houses by area",
        "summarize our tickets",
        "assign all topics that apply to each text",
        "extract names from contracts",
        "label tickets by topic, report ROC AUC",
        "label tickets by topic and deploy it",
        "label tickets by topic for 5 euros",
    ],
)
def test_what_cannot_be_done_is_said_and_not_replaced(sentence):
    assert understand(sentence, None).unsupported


@pytest.mark.parametrize("sentence", ["asdf", "make it good", "sort tickets", "classify my mail"])
def test_what_is_not_understood_becomes_a_question(sentence):
    assert understand(sentence, None).question


def test_a_named_label_column_settles_the_target():
    assert understand("classify my mail", "folder").target == "folder"


def test_the_last_named_method_counts_so_that_an_answer_can_change_it():
    assert understand("label texts by topic with DistilBERT", None).method == "encoder"
    assert understand("label texts by topic with DistilBERT linear", None).method == "linear"


CONFIG = {"C": [0.1, 1, 10], "min_df": 1, "class_weight": None, "char_ngrams": [2, 5], "seed": 0}


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("C=1", {"C": [1]}),
        ("use C=0.5, 2 please", {"C": [0.5, 2]}),
        ("min_df=3", {"min_df": 3}),
        ("class_weight=balanced", {"class_weight": "balanced"}),
        ("this takes too long", {"C": [1]}),
        ("mind the rare classes", {"class_weight": "balanced"}),
        ("words only", {"char_ngrams": None}),
        ("seed=5", {}),
        ("I do not like it", {}),
        ("min_df=1", {}),
        ("min_df=lots", {}),
    ],
)
def test_the_reason_of_a_denial_becomes_a_change(reason, changes):
    assert changes_from(reason, CONFIG) == changes


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("fine-tune DistilBERT", "distilbert/distilbert-base-uncased"),
        ("with a RoBERTa", "FacebookAI/roberta-base"),
        ("fine-tune MiniLM", "sentence-transformers/all-MiniLM-L6-v2"),
        ("fine-tune google-bert/bert-base-cased", "google-bert/bert-base-cased"),
        ("fine-tune a lightweight transformer", None),
        ("yes/no answers, fine-tune an encoder", None),
    ],
)
def test_the_base_model_is_the_one_that_was_named(words, model):
    assert understand(f"label texts by topic, {words}", None).base_model == model


@pytest.mark.parametrize(
    ("words", "length"),
    [("max length 64", 64), ("up to 256 tokens", 256), ("sequence length of 128", 128), ("", None)],
)
def test_a_sequence_length_is_read(words, length):
    assert understand(f"fine-tune a transformer to label texts by topic, {words}", None).max_length == length


def test_a_base_model_beside_the_sentence_asks_for_an_encoder():
    assert understand("label texts by topic", None, "some/model").method == "encoder"
    assert understand("label texts by topic", None).method == "linear"
    assert understand("label texts by topic with a frozen encoder", None).method == "probe"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("C=-5", "C=-5 is not possible"),
        ("C=0", "C=0 is not possible"),
        ("C=1, foo=3", "foo is no setting"),
        ("seed=5", "seed is settled by the task"),
        ("min_df=lots", "min_df=lots is not possible"),
        ("typo_augmentation=-0.1", "typo_augmentation=-0.1 is not possible"),
    ],
)
def test_what_cannot_be_set_is_named_and_nothing_is_changed(reason, words):
    config = CONFIG | {"typo_augmentation": 0.5}
    assert words in "; ".join(misread(reason, config))
    assert changes_from(reason, config) == {}


def test_a_colon_in_a_sentence_is_no_setting_and_some_settings_may_be_0():
    assert misread("Note: this is slow", CONFIG) == []
    assert changes_from("typo_augmentation=0", CONFIG | {"typo_augmentation": 0.5}) == {
        "typo_augmentation": 0
    }
