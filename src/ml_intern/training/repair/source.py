"""Changing a Python script in place: `ast` finds the spot, the bytes around it stay as they are."""

import ast
import warnings
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_SCRIPT = 300_000
"""Characters; a longer script is not looked at."""

TRAINING_LABELS = '''
def training_labels():
    """The labels of the training split in sorted order: a label's place is its class id."""
    import json
    import sys

    import polars

    with open(sys.argv[1]) as file:
        column = json.load(file)["label_column"]
    return sorted(polars.read_parquet("data/train.parquet")[column].unique())
'''
LABEL_IDS = '''
def label_ids(labels):
    """The class id of each label."""
    place = {label: i for i, label in enumerate(training_labels())}
    return [place[label] for label in labels]
'''
KNOWN_CLASSES = '''
def known_classes(truth):
    """Every class of the training split, written as in `truth`: by name or by class id."""
    labels = training_labels()
    return labels if len(truth) and isinstance(truth[0], str) else list(range(len(labels)))
'''


class Edit(NamedTuple):
    """Put `text` in place of the bytes from `start` to `end`."""

    start: int
    end: int
    text: str


def compiles(text: str) -> bool:
    """Whether Python accepts the text as a program."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "script", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def parse(text: str) -> "Source | None":
    """The script with its tree; None where it is not Python, or nested beyond what Python parses."""
    return Source(text) if compiles(text) else None


class Source:
    """A script that compiles, and its syntax tree."""

    def __init__(self, text: str) -> None:
        self.bytes = text.encode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(text)
        self._starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where the node begins and ends, in bytes."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def code(self, node: ast.expr) -> str:
        """The node as it is written."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def calls(self, *names: str, line: int | None = None) -> Iterator[ast.Call]:
        """Calls of functions or methods with one of these names, on the line where one is given."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and callee(node) in names:
                if line is None or node.lineno <= line <= (node.end_lineno or node.lineno):
                    yield node

    def strings(self, value: str, line: int | None = None) -> Iterator[ast.Constant]:
        """String constants that are `value`, outside f-strings."""
        joined = {n for f in ast.walk(self.tree) if isinstance(f, ast.JoinedStr) for n in ast.walk(f)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and node.value == value and node not in joined:
                if line is None or node.lineno <= line <= (node.end_lineno or node.lineno):
                    yield node

    def wrap(self, node: ast.expr, before: str, after: str) -> list[Edit]:
        """Put text around an expression, which stays as it is."""
        start, end = self.span(node)
        return [Edit(start, start, before), Edit(end, end, after)]

    def add_argument(self, call: ast.Call, text: str) -> Edit:
        """Put one more argument behind the last of a call that has some."""
        end = max(self.span(argument)[1] for argument in [*call.args, *(k.value for k in call.keywords)])
        return Edit(end, end, f", {text}")

    def apply(self, edits: list[Edit], *functions: str) -> str:
        """The text with all edits made, and with those functions behind its imports that it lacks."""
        done = self.bytes
        for edit in sorted(set(edits), reverse=True):
            done = done[: edit.start] + edit.text.encode() + done[edit.end :]
        defined = {n.name for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef)}
        new = [text for text in functions if ast.parse(text).body[0].name not in defined]  # type: ignore[attr-defined]
        place = self._behind_imports()
        inserted = "".join(f"\n\n{text.strip()}\n" for text in new)
        return (done[:place] + inserted.encode() + done[place:]).decode()

    def _behind_imports(self) -> int:
        """The byte behind the last import at the top of the module. No edit lies before it."""
        lines = [
            node.end_lineno or node.lineno
            for node in self.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        return self._starts[max(lines, default=0)]


def callee(call: ast.Call) -> str:
    """The last part of what is called: `torch.tensor(…)` is `tensor`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def has_keyword(call: ast.Call, name: str) -> bool:
    """Whether the argument is given by this name."""
    return any(keyword.arg == name for keyword in call.keywords)
