"""Long texts as sections: pages in HTML or Markdown, their outline, and one section at a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ml_intern.research.web import PageUnfit

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

LONGEST: Final = 4_500
"""Characters of a section that are shown at once; the rest is another part."""
MOST_LISTED: Final = 60
_HEADING: Final = re.compile(r"h[1-6]")
_INDENT: Final = "\ue000"
"""Stands for a space at the beginning of a line of code while other spaces are reduced."""
_NOISE: Final = "script style noscript template svg nav footer header form button".split()
_BLOCKS: Final = frozenset("p div li tr pre dt dd table section article br blockquote figcaption".split())


@dataclass(frozen=True)
class Section:
    """A heading and the text below it, up to the next heading of whatever level (1 to 6)."""

    title: str
    level: int
    text: str


def from_html(html: str) -> list[Section]:
    """The sections of the page's main part; navigation, scripts and forms are left out.

    Raises:
        PageUnfit: it is no HTML that can be read.
    """
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    try:
        soup = BeautifulSoup(html, "html.parser")
    except ParserRejectedMarkup as error:
        raise PageUnfit("The page is no HTML that can be read.", "Name another page.") from error
    for each in soup(_NOISE):
        each.decompose()
    _write_formulas(soup)
    _keep_indents(soup)
    main = soup.find("main") or soup.find("article") or soup.body or soup
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    return _kept(_split(main, _tidy(title)))


def from_markdown(text: str) -> list[Section]:
    """The sections of a text in Markdown; a `#` within a block of code is no heading."""
    sections, title, level, lines, fenced = [], "", 1, [], False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else re.match(r"(#{1,6})\s+(.*)", line)
        if heading is None:
            lines.append(line)
            continue
        sections.append(Section(title, level, "\n".join(lines).strip()))
        title, level, lines = heading[2].strip("# "), len(heading[1]), []
    return _kept([*sections, Section(title, level, "\n".join(lines).strip())])


def outline(sections: Sequence[Section]) -> str:
    """The sections with their numbers and lengths, by which one is asked for."""
    lines = [
        f"{'  ' * (each.level - 1)}{number}. {each.title[:120] or '(no title)'} ({len(each.text):,} chars)"
        for number, each in enumerate(sections[:MOST_LISTED], start=1)
    ]
    more = len(sections) - MOST_LISTED
    return "\n".join([*lines, f"… {more} more"] if more > 0 else lines)


def find(sections: Sequence[Section], wanted: str) -> Section | None:
    """The section of that number in the outline, else the first whose title holds the words."""
    if wanted.strip().rstrip(".").isdecimal():
        number = int(wanted.strip().rstrip(".")[:6])
        return sections[number - 1] if 1 <= number <= len(sections) else None
    words = _tidy(wanted).lower()
    return next((each for each in sections if words and words in each.title.lower()), None)


def part_of(section: Section, part: int) -> str:
    """Part `part`, from 1, of the section's text, and how many there are."""
    parts = max(1, -(-len(section.text) // LONGEST))
    shown = min(max(part, 1), parts)
    text = section.text[(shown - 1) * LONGEST : shown * LONGEST]
    more = f" (part {shown} of {parts})" if parts > 1 else ""
    return f"{section.title}{more}\n{text}"


def _write_formulas(soup: "BeautifulSoup") -> None:
    """Put the TeX that stands beside each formula in its place: its parts read one by one mean nothing."""
    for each in soup("math"):
        each.replace_with(str(each.get("alttext") or each.get_text("", strip=True)))


def _keep_indents(soup: "BeautifulSoup") -> None:
    """Code means something else without the spaces that its lines begin with."""
    for each in soup("pre"):
        lines = each.get_text().splitlines()
        kept = (_INDENT * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in lines)
        each.string = "\n".join(kept)


def _split(main: Any, title: str) -> Iterator[Section]:
    level, pieces = 1, list[str]()
    in_heading = 0
    for each in main.descendants:
        name = getattr(each, "name", None)
        if name is None:
            if type(each).__name__ == "NavigableString":  # no comment, no doctype
                in_heading -= 1
                pieces += [str(each)] if in_heading < 0 else []
        elif _HEADING.fullmatch(name):
            yield Section(title, level, _tidy("".join(pieces)))
            in_heading = len(list(each.strings))
            title, level, pieces = (
                _tidy(each.get_text(" ")).strip("¶# \n").replace("\n", " "),
                int(name[1]),
                [],
            )
        elif name in ("td", "th"):
            pieces.append(" | ")
        elif name in _BLOCKS:
            pieces.append("\n")
    yield Section(title, level, _tidy("".join(pieces)))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip().replace(_INDENT, " ")


def _kept(sections: Any) -> list[Section]:
    first, *rest = sections
    return [each for each in (first, *rest) if each.text or (each.title and each is not first)]
