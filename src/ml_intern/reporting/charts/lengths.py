"""How long texts are: a histogram, and how many of them a model would cut."""

from dataclasses import dataclass

from ml_intern.records.data import LengthBin, LongTexts, TextLengths
from ml_intern.reporting.charts.scale import Tick

WIDTH, HEIGHT = 372.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 28.0, 28.0, 52.0, 40.0
"""Margins; the upper one holds the names of the marks and the height of the highest bar."""
GAP = 12.0
"""Between the last bar, which holds all longer texts, and those on the scale."""
FIRST_NAME, LINE = 12.0, 15.0
"""Where the name of the first mark stands, and how far below it that of the second."""
NAME_ROOM = 100.0
MOST_TICKS = 6
TICK_ROOM = 40.0
"""How far the label of the last bar keeps others away."""


@dataclass(frozen=True)
class Bar:
    """A bar in the drawing and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    words: str
    rows: int


@dataclass(frozen=True)
class Mark:
    """A line at a length of which something is said; its name ends or starts (`anchor`) at `name_x`."""

    x: float
    name_x: float
    name_y: float
    anchor: str
    words: str


@dataclass(frozen=True)
class Cut:
    """The texts that a model with so many tokens would cut, as a share of all texts."""

    longer: LongTexts
    share: float


@dataclass(frozen=True)
class Histogram:
    """The drawing, complete, and the table beside it."""

    bars: tuple[Bar, ...]
    highest: Bar
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    cuts: tuple[Cut, ...]
    median: float
    p95: float
    longest: int
    described: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def histogram(lengths: TextLengths, median: float, p95: float) -> Histogram:
    """Draw the bins, with marks at the median and at the length that 95 % of the texts do not exceed."""
    closed = [each for each in lengths.bins if each.high is not None]
    last = closed[-1].high or 0
    room = WIDTH - LEFT - RIGHT
    if len(closed) < len(lengths.bins):  # one place more, with a gap before it
        room = (room - GAP) * len(closed) / len(lengths.bins)
    most, rows = max(each.rows for each in lengths.bins), sum(each.rows for each in lengths.bins)
    bars = tuple(_bar(each, room / last, room / len(closed), most) for each in lengths.bins)
    return Histogram(
        bars=bars,
        highest=max(bars, key=lambda bar: bar.rows),
        ticks=_ticks(lengths.bins, bars),
        marks=tuple(
            _mark(f"{said} {words:g}", _middle(words, bars, closed, room / last), line)
            for line, (said, words) in enumerate((("half up to", median), ("95 % up to", p95)))
        ),
        cuts=tuple(Cut(each, each.rows / rows) for each in lengths.longer),
        median=median,
        p95=p95,
        longest=lengths.longest,
        described="; ".join(f"{bar.words}: {bar.rows:,}" for bar in bars),
    )


def _bar(found: LengthBin, a_word: float, width: float, most: int) -> Bar:
    height = (HEIGHT - TOP - BOTTOM) * found.rows / most
    return Bar(
        x=LEFT + (found.low - 1) * a_word + (GAP if found.high is None else 0),
        y=HEIGHT - BOTTOM - height,
        width=width - 1,
        height=height,
        words=_words(found),
        rows=found.rows,
    )


def _words(found: LengthBin) -> str:
    if found.high is None:
        return f"more than {found.low - 1:,} words"
    if found.low == found.high:
        return f"{found.low:,} word{'s' if found.low > 1 else ''}"
    return f"{found.low:,} to {found.high:,} words"


def _middle(words: float, bars: tuple[Bar, ...], closed: list[LengthBin], a_word: float) -> float:
    """Where texts of so many words lie: in the middle of that word's place, or of the last bar."""
    last = closed[-1].high or 0
    if words > last:
        return bars[-1].x + bars[-1].width / 2
    return LEFT + max(0.5, words - 0.5) * a_word


def _mark(words: str, x: float, line: int) -> Mark:
    """Names stand one below the other: the first before its line, the second after, where there is room."""
    before = x > (NAME_ROOM if line == 0 else WIDTH - NAME_ROOM)
    return Mark(x, x + (-4 if before else 4), FIRST_NAME + line * LINE, "end" if before else "start", words)


def _ticks(bins: tuple[LengthBin, ...], bars: tuple[Bar, ...]) -> tuple[Tick, ...]:
    """Under the middle of a bar its number of words, or at the end of a wider one its highest."""
    stride = -(-len(bins) // MOST_TICKS)
    ticks = [
        Tick(bar.x + bar.width / (2 if found.low == found.high else 1), f"{found.high:,}")
        for found, bar in zip(bins, bars, strict=True)
        if found.high is not None
    ][stride - 1 :: stride]
    if bins[-1].high is None:
        more = bars[-1].x + bars[-1].width / 2
        ticks = [*(tick for tick in ticks if tick.at < more - TICK_ROOM), Tick(more, "more")]
    return tuple(ticks)
