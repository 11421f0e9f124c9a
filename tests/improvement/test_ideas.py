"""Each suggestion follows from what was measured, cites it, and is silent where nothing speaks for it."""

from dataclasses import replace

import pytest

from ml_intern.improvement.facts import Facts
from ml_intern.improvement.ideas import discover
from ml_intern.improvement.rank import suggestions
from ml_intern.records.data import LengthBin, LongTexts, TextLengths
from ml_intern.records.metrics import Interval
from ml_intern.records.spec import UnknownTarget
from ml_intern.records.trust import ConfusedPair
from ml_intern.stress.judge import share
from ml_intern.workflow import gates


@pytest.fixture(scope="module")
def facts(finished) -> Facts:
    """A model that nothing is wrong with: everything that failed in the real run is put right."""
    got = finished.artifacts()
    sound = [
        each.model_copy(update={"failures": 0, "rate": share(0, each.cases) if each.cases else None})
        for each in got["stress_report"].capabilities
    ]
    even = {label: {"train": 50} for label in got["data_report"].classes}
    best = [
        each.model_copy(update={"f1": Interval(value=0.97, low=0.9, high=0.99), "support": 20})
        for each in got["evaluation"].per_class
    ]
    high = Interval(value=0.97, low=0.95, high=0.98)
    return Facts(
        spec=got["task_spec"],
        unknown=got["answer_rule"].unknown,
        report=got["data_report"].model_copy(update={"findings": (), "classes": even}),
        script=got["training_script"],
        trained=got["training_run"],
        evaluation=got["evaluation"].model_copy(
            update={
                "per_class": tuple(best),
                "confused": (),
                "scores": dict.fromkeys(got["evaluation"].scores, high),
            }
        ),
        stress=got["stress_report"].model_copy(update={"capabilities": tuple(sound)}),
    )


def failing(facts: Facts, *ids: str) -> Facts:
    """With 20 failures in each of these capabilities."""
    changed = [
        each.model_copy(update={"cases": 40, "failures": 20, "rate": share(20, 40), "reason": ""})
        if each.id in ids
        else each
        for each in facts.stress.capabilities
    ]
    return replace(facts, stress=facts.stress.model_copy(update={"capabilities": tuple(changed)}))


def config(facts: Facts, **changes: object) -> Facts:
    return replace(facts, script=facts.script.model_copy(update={"config": facts.script.config | changes}))


def rare_and_weak(facts: Facts) -> Facts:
    label = facts.evaluation.per_class[0].label
    weak = facts.evaluation.per_class[0].model_copy(update={"f1": Interval(value=0.3, low=0.1, high=0.5)})
    scores = (weak, *facts.evaluation.per_class[1:])
    classes = facts.report.classes | {label: {"train": 4}}
    return replace(
        facts,
        evaluation=facts.evaluation.model_copy(update={"per_class": scores}),
        report=facts.report.model_copy(update={"classes": classes}),
    )


def uncalibrated(facts: Facts) -> Facts:
    found = facts.evaluation.calibration.model_copy(update={"ece": Interval(value=0.2, low=0.15, high=0.25)})
    return config(
        replace(facts, evaluation=facts.evaluation.model_copy(update={"calibration": found})),
        label_smoothing=0,
    )


def cut(facts: Facts) -> Facts:
    lengths = TextLengths(
        bins=(LengthBin(low=1, high=None, rows=facts.report.rows),),
        longest=900,
        longer=(LongTexts(tokens=128, words=100, rows=facts.report.rows // 4),),
    )
    return config(replace(facts, report=facts.report.model_copy(update={"lengths": lengths})), max_length=128)


def confused(facts: Facts) -> Facts:
    pair = ConfusedPair(truth="a", answer="b", rows=9, share=0.5, examples=())
    return replace(facts, evaluation=facts.evaluation.model_copy(update={"confused": (pair,)}))


def middling(facts: Facts) -> Facts:
    low = Interval(value=0.7, low=0.65, high=0.75)
    scores = dict.fromkeys(facts.evaluation.scores, low)
    return replace(facts, evaluation=facts.evaluation.model_copy(update={"scores": scores}))


def suspected(facts: Facts, finished) -> Facts:
    finding = finished.artifacts()["data_report"].findings[0].model_copy(update={"id": "label_errors"})
    return replace(facts, report=facts.report.model_copy(update={"findings": (finding,)}))


CASES = {
    "typo_augmentation": (lambda f: failing(f, "typos_heavy", "ocr_noise"), {"typo_augmentation": 0.5}),
    "paraphrases": (lambda f: failing(f, "synonyms"), {"wording_augmentation": 0.5}),
    "unknown": (lambda f: failing(f, "gibberish"), {"unknown": "coverage=0.9"}),
    "class_weight": (rare_and_weak, {"class_weight": "balanced"}),
    "label_smoothing": (uncalibrated, {"label_smoothing": 0.1}),
    "longer_sequence": (cut, {"max_length": 256}),
    "merge_classes": (confused, {}),
    "encoder": (middling, {}),
    "more_data": (rare_and_weak, {}),
}


@pytest.mark.parametrize("id", CASES)
def test_a_suggestion_follows_from_what_was_measured(facts, id):
    change, settings = CASES[id]
    found = {each.id: each for each in suggestions(change(facts), 0)}
    assert id in found and found[id].changes == settings and found[id].applies == bool(settings)
    assert found[id].evidence and found[id].expected.basis


def test_a_sound_model_needs_nothing(facts):
    assert suggestions(facts, 0) == ()


def test_rows_of_suspected_labels_are_left_out_of_training(facts, finished):
    told = suspected(facts, finished)
    rows = told.report.findings[0].rows
    ids = frozenset({f"tickets:{rows[0]}", f"tickets:{max(rows) + 1}"})  # the others are not trained on
    (found,) = suggestions(replace(told, training_ids=ids), 0)
    assert found.id == "label_errors" and found.evidence[0].source == "data_report.findings.0.message"
    assert found.config == {"left_out_rows": [f"tickets:{rows[0]}"]}


def test_suspected_labels_of_another_part_are_no_rows_of_training(facts, finished):
    told = suspected(facts, finished)
    row = told.report.findings[0].rows[0]
    finding = told.report.findings[0].model_copy(update={"split": "test"})
    told = replace(told, report=told.report.model_copy(update={"findings": (finding,)}))
    assert suggestions(replace(told, training_ids=frozenset({f"train:{row}", f"test:{row + 1}"})), 0) == ()


def test_a_script_that_cannot_leave_rows_out_leaves_it_to_a_person(facts, finished):
    told = suspected(facts, finished)
    ids = frozenset({f"tickets:{told.report.findings[0].rows[0]}"})
    old = {name: value for name, value in told.script.config.items() if name != "left_out_rows"}
    told = replace(told, script=told.script.model_copy(update={"config": old}), training_ids=ids)
    (found,) = suggestions(told, 0)
    assert not found.applies


def test_what_is_set_already_is_not_suggested(facts):
    changed = config(failing(facts, "typos_heavy"), typo_augmentation=0.5)
    assert "typo_augmentation" not in {each.id for each in suggestions(changed, 0)}


def test_the_strongest_comes_first_and_money_and_minutes_follow_the_training(facts):
    every = rare_and_weak(failing(facts, "typos_heavy", "synonyms", "gibberish"))
    found = suggestions(every, 1_000_000)
    assert [each.number for each in found] == list(range(1, len(found) + 1)) and len(found) >= 4
    typos = next(each for each in found if each.id == "typo_augmentation")
    assert typos.minutes == pytest.approx(1.5 * facts.trained.seconds / 60, abs=0.01)
    assert typos.cost_micro_usd == 1_500_000
    assert len(discover()) >= 9


def test_the_gate_follows_every_citation(facts, finished):
    stored = finished.artifacts()

    class View:
        def __init__(self, **changed):
            self.held = stored | changed

        def need(self, kind):
            return self.held[kind.kind]

    made = stored["improvements"]
    assert made.suggestions and not gates.suggestions_have_evidence(View())
    first = made.suggestions[0]
    stray = first.evidence[0].model_copy(update={"source": "evaluation.scores.beauty"})
    for broken in ({"evidence": ()}, {"evidence": (stray,)}, {"number": 7}):
        changed = made.model_copy(
            update={"suggestions": (first.model_copy(update=broken), *made.suggestions[1:])}
        )
        assert gates.suggestions_have_evidence(View(improvements=changed)), broken


def test_a_share_of_wrong_answers_that_was_asked_for_is_kept(facts):
    told = replace(failing(facts, "gibberish"), unknown=UnknownTarget(error=0.02))
    assert "unknown" not in {each.id for each in suggestions(told, 0)}


def test_where_reworded_copies_were_tried_in_vain_texts_of_people_are_asked_for(facts):
    told = replace(failing(facts, "synonyms"), in_vain=({"wording_augmentation": 0.5},))
    (found,) = suggestions(told, 0)
    assert (found.id, found.title, found.applies) == ("paraphrases", "Collect paraphrases", False)
