"""The line that a person types on: history with search, completion, text of many lines."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import is_searching
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

Words = Callable[[], dict[str, str]]
"""What can be typed after a slash, each with what it does."""
STYLE = Style.from_dict({"bottom-toolbar": "noreverse", "bottom-toolbar.text": ""})


class _History(FileHistory):
    """A file that only its user can read, without the credentials that were typed by mistake."""

    def __init__(self, path: Path, kept: Callable[[str], str]) -> None:
        path.touch(mode=0o600)
        super().__init__(str(path))
        self._kept = kept

    def store_string(self, string: str) -> None:
        super().store_string(self._kept(string))


class _Commands(Completer):
    def __init__(self, words: Words) -> None:
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        if not text.startswith("/") or " " in text:
            return
        for name, does in sorted(self._words().items()):
            if name.startswith(text[1:]):
                yield Completion(f"/{name}", start_position=-len(text), display_meta=does)


def make_line(
    path: Path, kept: Callable[[str], str], words: Words, toolbar: Callable[[], str]
) -> PromptSession[str]:
    """A prompt: Enter sends, Alt+Enter begins a new line, Ctrl-R searches what was typed before."""
    keys = KeyBindings()

    @keys.add("enter", filter=~is_searching)  # there it takes what was found
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    options: dict[str, Any] = {}
    if os.environ.get("NO_COLOR"):
        options["color_depth"] = ColorDepth.DEPTH_1_BIT
    return PromptSession(
        history=_History(path, kept),
        completer=_Commands(words),
        complete_while_typing=False,
        multiline=True,
        key_bindings=keys,
        enable_history_search=False,  # with completion by Tab; Ctrl-R searches
        bottom_toolbar=toolbar,
        style=STYLE,
        prompt_continuation="  ",
        reserve_space_for_menu=4,
        **options,
    )
