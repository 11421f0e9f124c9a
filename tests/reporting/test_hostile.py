"""Names and texts from strangers are shown, and do nothing."""

import re

from ml_intern.reporting.environment import LONGEST_TEXT
from ml_intern.reporting.page import render
from tests.reporting.dossiers import HOSTILE, with_names
from tests.reporting.pages import Page


def test_markup_in_names_stays_text(sources):
    """The page parses to the very elements that it has with harmless names."""
    hostile, plain = Page(sources["hostile"]), Page(sources["finished"])
    allowed = {e.tag for e in plain.elements}
    assert {e.tag for e in hostile.elements} <= allowed | {"article"}  # that of a repair
    attributes = {name for e in hostile.elements for name in e.attributes}
    assert not {name for name in attributes if name.startswith("on")}
    assert "<script>alert(1)</script>" in hostile.text
    assert "{{ 7 * 7 }}{% raw %}" in hostile.text and "49" not in hostile.one("h1").text


def test_styles_hold_nothing_but_our_own(sources):
    styles = [e.attributes["style"] for e in Page(sources["hostile"]).elements if "style" in e.attributes]
    assert styles and all(re.fullmatch(r"((left|width|--share):-?[0-9.]+%?;?)+", style) for style in styles)


def test_control_and_bidirectional_characters_are_made_visible(sources):
    for character in "\u202e\u2066\x1b\x00":
        assert character not in sources["hostile"]
    assert r"\u202egnp.exe\u2066" in sources["hostile"]
    assert "👩\u200d💻" in sources["hostile"] and "مرحبا" in sources["hostile"]


def test_long_texts_are_cut(sources):
    text = Page(sources["hostile"]).text
    commands = [e.text for e in Page(sources["hostile"]).all("pre", "command")]
    for shown in commands:
        text = text.replace(shown, "")
    assert max(map(len, text.split())) <= LONGEST_TEXT
    for cell in Page(sources["hostile"]).all("bdi"):
        assert len(cell.text) <= LONGEST_TEXT


def test_the_diff_of_a_repair_is_text(dossier):
    page = Page(render(with_names(dossier)))
    assert page.one("pre", "diff").text.strip() == f"+ {HOSTILE[0]}"
