"""The suite finds planted faults, leaves a sound model alone, and never makes a case by chance."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ml_intern.records.stress import TestKind as Kind
from ml_intern.stress.capabilities import discover, ids
from ml_intern.stress.material import CATCH_ALL, MOST_ROWS, Material
from ml_intern.stress.suite import make_suite
from tests.stress.models import PLANTED, Trained, overconfident, train


@pytest.fixture(scope="module", params=[0, 7])
def model(request: pytest.FixtureRequest) -> Trained:
    return train(request.param)


def test_a_sound_model_is_not_convicted(model):
    shown = model.show(model.predict)
    assert not shown.convictions
    answered = {each.id: each for each in shown.capabilities}
    assert set(answered) == set(ids())
    for capability in ("casing", "emoji", "spacing", "swap_names"):
        assert answered[capability].failures <= 0.1 * answered[capability].cases


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_convicted(model, plant):
    shown = model.show(plant(model))
    assert plant.__name__ in {each.id for each in shown.convictions}
    assert shown.convictions[0].message in shown.verdict
    if plant.__name__ == "keyed_on_one_word":
        probe = model.suite.probes[0]
        assert (probe.word, probe.label) in {(word.word, word.label) for word in shown.words}


def test_what_counts_are_recounted_from_the_cases(model):
    shown = model.show(overconfident(model))
    for each in shown.capabilities:
        cases = [case for id, case in shown.cases if id == each.id]
        assert each.cases == len(cases) and each.failures == sum(bool(case.why) for case in cases)
        assert each.overconfident == sum(case.confidence > case.most_confidence for case in cases if case.why)
        if each.rate:
            assert each.rate.low <= each.failures / each.cases <= each.rate.high
            assert each.examples[0].why or not each.failures


def test_all_cases_follow_from_rows_classes_and_seed(model):
    material = model.suite.material
    again = make_suite(material)
    assert again.texts == model.suite.texts and again.asked == model.suite.asked
    other = make_suite(Material(material.texts, material.truths, material.classes, material.seed + 1))
    assert other.texts != again.texts


def test_invariance_cases_differ_from_their_row_and_keep_its_truth(model):
    rows = dict(zip(model.suite.material.texts, model.suite.material.truths, strict=True))
    for capability, drafts in model.suite.asked:
        assert (drafts and not isinstance(drafts, str)) or capability.id == "numbers", (capability.id, drafts)
        assert len(drafts) <= MOST_ROWS or isinstance(drafts, str)
        for draft in () if isinstance(drafts, str) else drafts:
            assert draft.text != draft.original or not draft.original
            if capability.kind is Kind.INVARIANCE:
                assert draft.same_answer and draft.original
                assert "swap" in capability.id or rows[draft.original] == draft.truth


def test_out_of_scope_texts_share_no_telling_word_with_the_task(model):
    drafts = dict((capability.id, drafts) for capability, drafts in model.suite.asked)["out_of_scope"]
    telling = {word for name in model.classes for word in name.split("_")}
    assert len(drafts) >= 10
    assert not [draft.text for draft in drafts if telling & set(draft.text.lower().strip("?.").split())]


def answered(texts: Sequence[str], classes: int) -> NDArray[np.float64]:
    return np.full((len(texts), classes), 1 / classes)


@pytest.mark.parametrize(
    ("classes", "texts", "untried"),
    [
        (("spam", "ham"), ("win a prize now", "see you at eight"), "out_of_scope"),
        (("a_topic", "other", "b_topic"), ("one text", "another text", "third text"), "gibberish"),
        (("0", "1", "2"), ("one text here", "another text", "third text"), "ambiguity"),
        (("rot", "blau", "grün"), ("das ist ja wohl nichts",) * 2 + ("kein einziges Wort",), "politeness"),
        (("x_y", "y_z"), (), "typos_light"),
    ],
)
def test_what_does_not_apply_says_why(classes, texts, untried):
    truths = tuple(classes[i % len(classes)] for i in range(len(texts)))
    suite = make_suite(Material.of(texts, truths, classes))
    reasons = {capability.id: drafts for capability, drafts in suite.asked if isinstance(drafts, str)}
    assert untried in reasons and len(reasons[untried]) > 20


def test_hostile_rows_and_names_do_no_harm():
    texts = ["{} {row} {0} {name}", "\\1 \\g<0> (?P<", "\x1b[31m red", " ", "a" * 5000, "ok {", "%s %(x)s"]
    classes = ("{row}", "(?:", "Other{}", "c" * 300)
    truths = [classes[i % 4] for i in range(len(texts))]
    suite = make_suite(Material.of(texts, truths, classes))
    assert len(set(suite.texts)) == len(suite.texts) > 20
    negated = dict((capability.id, drafts) for capability, drafts in suite.asked)["negation"]
    assert not isinstance(negated, str) or "English" in negated


def test_every_capability_is_a_file_with_a_kind_and_an_expectation():
    found = discover()
    assert [each.id for each in found] == list(ids()) and len(found) >= 30
    assert {each.kind for each in found} == set(Kind)
    assert all(each.title and each.expectation.endswith(".") for each in found)
    assert "other" in CATCH_ALL
