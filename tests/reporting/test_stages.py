"""A report at any stage says where the run stands and how to go on."""

from pathlib import Path

import pytest

from ml_intern.records.runs import RunStatus
from ml_intern.reporting.page import render
from tests.reporting.dossiers import stopped
from tests.reporting.pages import Page
from tests.runs import ml_intern


def headings(page):
    return [e.text for e in page.all("h2")]


def test_a_waiting_run_asks_for_a_yes_and_shows_what_there_is(sources, dossier):
    page = Page(sources["waiting"])
    assert "waits for your yes or no" in page.text
    commands = [e.text for e in page.all("pre", "command")]
    assert commands[0] == f"ml-intern approve {dossier.run.id}"
    assert commands[1].startswith(f"ml-intern deny {dossier.run.id} --reason")
    assert "Plan and approval" in headings(page) and "Results" not in headings(page)
    assert "Baselines so far" in page.text and "Nothing has been trained yet" in page.text
    assert [e.text for e in page.all("li", "here")] == ["▶ plan: it stands here"]


def test_a_failed_run_says_why_and_what_to_do(sources, dossier):
    page = Page(sources["failed"])
    assert "This run failed" in page.text and "The disk is full." in page.text and "Make room." in page.text
    assert page.all("pre", "command")[0].text == f"ml-intern resume {dossier.run.id}"
    assert "train" in page.one("li", "here").text
    assert "Macro F1" not in [e.text for e in page.all("p", "what")]


def test_a_run_that_never_started_well_has_a_report(sources):
    page = Page(sources["unsupported"])
    assert "It asks for images." in page.text and "cannot support the claim" in page.text
    assert "Data" not in headings(page) and "Do it again" in headings(page)


@pytest.mark.parametrize("status", list(RunStatus))
def test_every_status_at_every_stage_makes_a_page(status, dossier):
    for stage in ("define", "inspect", "draft", "plan", "evaluate", "package"):
        page = Page(render(stopped(dossier, stage, status)))
        assert "Where it stands" in headings(page)


def test_the_command_reports_on_an_open_run_and_leaves_no_file_behind_by_itself(tickets, tmp_path):
    ended = ml_intern(
        tmp_path, "run", "Label tickets by issue type", "--data", tickets, "--until", "inspect", "--json"
    )
    assert ended.code == 0, ended.err
    assert ended.result["report"] is None
    assert ended.result["next"] == [f"ml-intern resume {ended.result['run']}"]
    written = ml_intern(tmp_path, "report")
    assert written.code == 0, written.err
    path = Path(written.out.strip())
    page = Page(path.read_text())
    assert "did all that it was asked for so far" in page.text
    assert f"ml-intern resume {ended.result['run']}" in page.text
    assert "What the audit found" in page.text
    shown = ml_intern(tmp_path, "cancel", "--json")
    assert shown.result["report"] == str(path)
    assert "This run was cancelled" in path.read_text()
