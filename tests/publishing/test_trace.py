import pytest

from ml_intern.publishing.trace import Tracer, escape_markdown, untraced_numbers
from ml_intern.records.metrics import Interval, Metric, ScoredModel

SCORED = ScoredModel(
    name="li|near <b>", rows=810, scores={Metric.ACCURACY: Interval(value=0.98765, low=0.97, high=0.995)}
)


def make() -> Tracer:
    return Tracer({"m": SCORED})  # type: ignore[dict-item]


def test_values_are_printed_and_traced():
    tracer = make()
    card = tracer.render('{{ t.number("m.rows") }} rows, {{ t.score("m.scores.accuracy") }}')
    assert card == "810 rows, 0.988 [0.970, 0.995]"
    assert [trace.source for trace in tracer.traces] == ["m.rows", "m.scores.accuracy"]


@pytest.mark.parametrize("leak", ["{{ 0.99 }}", '{{ t.get("m.rows") }}', '{{ "0.99" }}', "{{ 1 + 1 }}"])
def test_a_template_cannot_print_what_no_artifact_stands_behind(leak):
    with pytest.raises(TypeError, match="no artifact stands behind"):
        make().render(leak)


def test_a_number_that_was_typed_into_a_finished_card_is_found():
    template = 'top-5 of {{ t.number("m.rows") }}'
    tracer = make()
    card = tracer.render(template)
    assert untraced_numbers(card, template, tracer.traces) == []
    assert untraced_numbers(card + " and 0.999", template, tracer.traces) == ["0.999"]


def test_text_from_data_cannot_act_as_markup():
    assert make().render('{{ t.text("m.name") }}') == r"li\|near &lt;b&gt;"
    assert "\x1b" not in escape_markdown("a\x1b[31m\nb")
    assert escape_markdown("a\nb  c") == "a b c"
