"""The report in a real browser: on a phone, on a desk, on paper."""

import re

import pytest

from tests.reporting.browser import CUT_OFF, OVERLAPPING, chromium

PAGES = ("finished", "leaking", "hostile", "many", "some", "waiting", "failed", "unsupported")
CONTRAST = """
const linear = x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4;
const lum = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
const rgba = s => { const v = s.match(/[\\d.]+/g).map(Number); return v.length === 3 ? [...v, 1] : v; };
const over = (top, below) => below.map((c, i) => i < 3 ? top[i] * top[3] + c * (1 - top[3]) : 1);
const ground = e => { const below = e.parentElement ? ground(e.parentElement) : [255, 255, 255, 1];
  return over(rgba(getComputedStyle(e).backgroundColor), below); };
const worst = {};
for (const e of document.querySelectorAll('body :not(title)')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
  const style = getComputedStyle(e), back = ground(e);
  const ink = over(rgba(e.closest('svg') ? style.fill : style.color), back);
  const [a, b] = [lum(ink), lum(back)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) worst[e.tagName + '.' + e.getAttribute('class')] = ratio;
}
return worst;
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def paths(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in PAGES:
        (folder / f"{name}.html").write_text(sources[name], encoding="utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_or_overlaps_at_any_width(name, browser, paths):
    browser.open(paths[name])
    for unfolded in (False, True):
        if unfolded:
            browser.unfold()
        for width in (360, 768, 1280):
            browser.resize(width)
            assert browser.ask("return document.documentElement.scrollWidth") <= width
            assert browser.ask(CUT_OFF) == [], width
            assert browser.ask(OVERLAPPING) == [], width
    assert browser.complaints() == []


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
