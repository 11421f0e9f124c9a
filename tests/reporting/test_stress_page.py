"""The page of `ml-intern stress --html`: real results, hostile texts as text, sound at any width."""

import polars as pl

from tests.reporting.browser import CONTRAST, look
from tests.reporting.pages import Page
from tests.runs import ml_intern

HOSTILE = "<script>document.title='owned'</script><img src=http://127.0.0.1:9/x> my parcel & 'refund' is late"


def test_results_stand_on_a_page_of_their_own(finished, tickets, browser, tmp_path):
    rows = pl.read_csv(tickets)
    label = rows["issue_type"].drop_nulls()[0]
    hostile = pl.DataFrame({"ticket": [f"{HOSTILE} {n}" for n in range(300)], "issue_type": [label] * 300})
    data, page = tmp_path / "data.csv", tmp_path / "stress.html"
    hostile.write_csv(data)
    ended = ml_intern(
        tmp_path / "home", "stress", finished.folder / "bundle", "--data", data, "--label", "issue_type",
        "--html", page,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert ended.out.rstrip().endswith(f"The page: {page}")
    read = Page(page.read_text())
    assert read.one("h1").text.startswith("Stress tests of")
    assert "owned" in read.one("main").text and not read.all("script") and not read.all("img")
    assert look(browser, page) == []
    browser.open(page)
    browser.unfold()
    assert browser.ask(CONTRAST) == {}
    assert browser.ask("return document.title") != "owned"


def test_a_page_that_cannot_be_written_is_said_before_the_work(finished, tmp_path):
    ended = ml_intern(
        tmp_path / "home", "stress", finished.folder / "bundle", "--html", tmp_path / "no" / "x.html"
    )
    assert ended.code == 1 and "cannot be written" in ended.told and "--html FILE" in ended.told
