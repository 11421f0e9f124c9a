"""Stress tests inside a run: in the artifact, on the page, in the card, and with nothing told too much."""

import json

import polars as pl
import pytest

from ml_intern.data.masking import mask
from ml_intern.records.data import DataReport, Split
from ml_intern.records.stress import StressReport
from ml_intern.workflow import gates
from tests.runs import opened_run


@pytest.fixture(scope="module")
def report(finished) -> StressReport:
    return finished.artifacts()["stress_report"]


@pytest.mark.slow
def test_the_report_counts_the_cases_on_file(finished, report):
    cases = pl.read_parquet(finished.folder / report.cases.path)
    counted = cases.group_by("capability").agg(pl.len(), (pl.col("why") != "").sum())
    told = {each.id: (each.cases, each.failures) for each in report.capabilities if each.applies}
    assert {id: (rows, failed) for id, rows, failed in counted.rows()} == told and len(told) >= 25
    for each in report.capabilities:
        for case in each.examples:
            assert case.text in {mask(text[:400]) for text in cases["text"]}


def test_labels_of_test_rows_stay_out_of_the_sandbox(finished):
    """What the job gets holds ids and texts, and the ids say nothing."""
    shown = pl.read_parquet(finished.folder / "stress" / "texts.parquet")
    with opened_run(finished.home) as run:
        text, label = run.need(DataReport).text.name, run.need(DataReport).label.name
        sealed = pl.read_parquet(run.folder / run.need(Split).sealed_test.path)
    assert label not in shown.columns and text in shown.columns
    assert shown.columns[0] != "row_id" or shown["row_id"].str.starts_with("text-").all()
    assert not set(shown[shown.columns[0]]) & set(sealed["test_case_id"])


def test_the_card_states_every_capability_and_the_bundle_no_row(finished, report):
    card = (finished.folder / "bundle" / "README.md").read_text()
    for each in report.capabilities:
        assert f"| {each.title} |" in card
    assert report.verdict.split(":")[0] in card
    packed = json.loads((finished.folder / "bundle" / "stress" / "report.json").read_text())
    assert "examples" not in packed["capabilities"][0] and "cases" not in packed


def test_the_gate_wants_every_capability(finished, report):
    class View:
        def __init__(self, told):
            self.told = told

        def need(self, kind):
            return self.told

    def objections(**changes):
        return gates.every_capability_was_tried(View(report.model_copy(update=changes)))

    first, *rest = report.capabilities
    assert not objections()
    assert first.id in objections(capabilities=tuple(rest))[0]
    silent = first.model_copy(update={"cases": 0, "failures": 0, "reason": ""})
    assert objections(capabilities=(silent, *rest))
    assert objections(capabilities=(first.model_copy(update={"failures": first.cases + 1}), *rest))
