"""The report in a real browser: on a phone, on a desk, on paper."""

import re

import pytest

from tests.reporting.browser import CONTRAST, look

PAGES = ("finished", "leaking", "hostile", "many", "some", "waiting", "failed", "unsupported")


@pytest.fixture(scope="module")
def paths(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in PAGES:
        (folder / f"{name}.html").write_text(sources[name], encoding="utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_or_overlaps_at_any_width(name, browser, paths):
    assert look(browser, paths[name]) == []


@pytest.mark.parametrize("name", ["finished", "hostile", "many"])
def test_every_text_stands_out_from_its_ground(name, browser, paths):
    browser.open(paths[name])
    browser.unfold()
    assert browser.ask(CONTRAST) == {}


def test_the_page_asks_for_nothing_but_itself(browser, paths):
    browser.requested()
    browser.open(paths["hostile"])
    browser.unfold()
    assert browser.requested() == {paths["hostile"].as_uri()}
    assert browser.ask("return performance.getEntriesByType('resource').length") == 0


def test_on_paper_the_folded_parts_are_open(browser, paths):
    browser.open(paths["finished"])
    pages = len(re.findall(rb"/Type\s*/Page\b", browser.pdf()))
    assert pages >= 5
    browser.ask("document.querySelectorAll('details').forEach(each => each.remove())")
    assert len(re.findall(rb"/Type\s*/Page\b", browser.pdf())) < pages
