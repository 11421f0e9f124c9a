"""The page of the data audit says what was found, where, and how it was found."""

import re
import shlex
from html import escape

import pytest

from ml_intern.app.inspect import InspectRequest
from ml_intern.data.checks import discover
from ml_intern.records.verdict import tally, verdict
from ml_intern.reporting.audit import render_audit
from ml_intern.reporting.balance import MOST_CLASSES, SHOWN_LARGEST, SHOWN_SMALLEST, balance
from tests.reporting.browser import CONTRAST, look
from tests.reporting.dossiers import HOSTILE
from tests.reporting.pages import Page

KINDS = ("splits", "whole", "hostile", "huge")


@pytest.fixture(scope="module")
def sources(audits) -> dict[str, str]:
    return {name: render_audit(audit) for name, audit in audits.items()}


def test_the_verdict_comes_first_and_then_the_worst(sources, audits):
    page, report = Page(sources["splits"]), audits["splits"].report
    assert page.one("p", "verdict").text == verdict(report)
    assert "critical" in verdict(report) and "1 critical" in tally(report)
    assert report.findings[0].message in page.one("div", "alarm").text
    order = [page.source.index(mark) for mark in ('class="verdict"', 'class="alarm"', 'id="at-a-glance"')]
    assert order == sorted(order)


@pytest.mark.parametrize("name", KINDS)
def test_every_link_leads_to_a_place_that_is_there_once(name, sources):
    page = Page(sources[name])
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    links = {e.attributes["href"] for e in page.all("a")}
    assert links and links <= {f"#{each}" for each in ids}


def test_every_finding_is_told_in_full_under_its_id(sources, audits):
    page, report = Page(sources["splits"]), audits["splits"].report
    topics = {e.attributes["id"]: e.text for e in page.all("section", "topic")}
    assert list(topics) == list(dict.fromkeys(finding.id for finding in report.findings))
    for finding in report.findings:
        told = topics[finding.id]
        assert finding.message in told and finding.action in told and f"{finding.split}.csv" in told
        assert f" {finding.rows[0]}" in told and all(each in told for each in finding.examples[:4])
    index = next(e for e in page.all("table", "index"))
    assert index.text.count("critical") == 1 and f"{report.findings[0].share:.1%}"[:-1] in index.text


def test_the_plots_hold_the_counts_of_the_data(sources, audits):
    page, report = Page(sources["splits"]), audits["splits"].report
    rows = page.one("table", "balance").text
    for label, counts in report.classes.items():
        assert re.search(rf"{label}\s*" + r"\s*".join(str(n or "none") for n in counts.values()), rows)
    bars = [int(e.text.split(": ")[1].split()[0]) for e in page.all("title")[1:]]
    assert sum(bars) == sum(each.rows for each in report.lengths.bins)
    shared = page.one("table", "sharing").text
    (found,) = [each for each in report.overlaps if (each.part, each.other) == ("test", "train")]
    assert found.exact >= 20 and f"also in train{found.rows} ({found.rows / 40:.1%}".rstrip("%") in shared
    assert f"{found.exact} to the letter" in shared


def test_bars_of_classes_have_one_scale_over_all_splits(audits):
    report = audits["splits"].report
    measures = {each.label: each.measures for each in balance(report).largest}
    totals = [sum(each[i].rows for each in measures.values()) for i in range(3)]
    assert totals == [sum(counts[part] for counts in report.classes.values()) for part in report.splits]
    widest = max(one.share for each in measures.values() for one in each)
    for each in measures.values():
        for one, total in zip(each, totals, strict=True):
            assert one.share == one.rows / total and one.width == pytest.approx(one.share / widest)


def test_one_file_shares_with_nobody(sources):
    page = Page(sources["whole"])
    assert "shared-texts" not in {e.attributes.get("id") for e in page.elements}
    assert "validation" not in page.one("table", "balance").text


def test_it_says_how_it_was_made(sources, audits):
    page, audit = Page(sources["splits"]), audits["splits"]
    for file in audit.report.files:
        assert file.name in page.text and file.sha256 in page.text
    assert audit.command in page.text and audit.product in page.text
    timings = page.one("table", "timings").text
    for name in discover():
        assert name.replace("_", " ") in timings and audit.purposes[name] in timings
        assert f"{audit.report.seconds_by_check[name]:.3f}" in timings


def test_the_commands_lead_to_the_same_data_and_columns(audits):
    request = InspectRequest("it's.csv", label="-x")
    assert shlex.split(request.command()) == ["ml-intern", "inspect", "it's.csv", "--label=-x"]
    words = shlex.split(request.next_command(audits["whole"].report))
    assert words[:2] == ["ml-intern", "run"] and words[3:] == ["--data", "it's.csv", "--label", "issue_type"]


def test_many_classes_are_cut_in_the_middle(sources, audits):
    rows = Page(sources["huge"]).one("table", "balance")
    classes = len(audits["huge"].report.classes)
    assert classes > MOST_CLASSES
    hidden = classes - SHOWN_LARGEST - SHOWN_SMALLEST
    assert f"and {hidden:,} more classes with {SHOWN_SMALLEST} to 1,979 rows" in rows.text
    assert "001999" in rows.text and "000000" in rows.text and "001000" not in rows.text


def test_no_data_makes_a_page_of_more_than_two_megabytes(sources):
    page = Page(sources["huge"])
    assert len(page.source.encode()) < 2_000_000
    assert "and 1,920 more findings" in page.text and "and 1,940 more columns" in page.text
    assert "and 99,988 more of tickets.csv" not in page.text and "and 99,988 more" in page.text


def test_names_and_texts_from_strangers_stay_text(sources):
    hostile, plain = Page(sources["hostile"]), Page(sources["whole"])
    assert {e.tag for e in hostile.elements} <= {e.tag for e in plain.elements} | {"div", "strong"}
    assert not {name for e in hostile.elements for name in e.attributes if name.startswith("on")}
    assert escape(HOSTILE[0]) in sources["hostile"] and HOSTILE[0] in hostile.text
    assert "{{ 7 * 7 }}{% raw %}" in hostile.text
    for character in "\u202e\u2066\x1b\x00":
        assert character not in sources["hostile"]
    styles = [e.attributes["style"] for e in hostile.elements if "style" in e.attributes]
    assert styles and all(re.fullmatch(r"width:[0-9.]+%", style) for style in styles)


def test_the_page_needs_nothing_beside_itself(sources):
    for source in sources.values():
        page = Page(source)
        assert not page.all("script") and not page.all("link") and not page.all("img")
        assert "default-src 'none'" in source and not re.search(r"url\(|@import", source)


@pytest.mark.parametrize("name", KINDS)
def test_in_a_browser_nothing_is_cut_off_and_every_text_stands_out(name, browser, sources, tmp_path):
    path = tmp_path / "audit.html"
    path.write_text(sources[name], encoding="utf-8")
    assert look(browser, path) == []
    assert browser.ask(CONTRAST) == {}
