"""The console that all tables and lines are printed on."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ml_intern.records.display import escape_lines


class SafeConsole(Console):
    """A console on which no words can act, whoever wrote them: they are escaped as they are drawn.

    The control codes of a live display and of styles are rich's own, and pass. Words that can be long are
    escaped and cut by whoever prints them as well, so that columns are as wide as what is shown.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is to be drawn, without control and format characters from words."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escape_lines(segment.text), segment.style)
