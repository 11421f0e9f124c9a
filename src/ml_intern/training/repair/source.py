"""Changing a Python script in place: `ast` finds the spot, the bytes around it stay as they are."""

import ast
import warnings
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

LONGEST_SCRIPT = 300_000
"""Characters; a longer script is not looked at."""
Expression = TypeVar("Expression", bound=ast.expr)


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

    def nodes(self, kind: type[Expression], line: int | None = None) -> Iterator[Expression]:
        """Expressions of a kind outside f-strings, outer ones first; those on the line where one is given."""
        waiting: list[ast.AST] = [self.tree]
        for node in waiting:
            if isinstance(node, kind) and (line is None or covers(node, line)):
                yield node
            if not isinstance(node, ast.JoinedStr):
                waiting += ast.iter_child_nodes(node)

    def calls(self, *names: str, line: int | None = None) -> list[ast.Call]:
        """Calls of functions or methods with one of these names, on the line where one is given."""
        return [call for call in self.nodes(ast.Call, line) if callee(call) in names]

    def strings(self, value: str, line: int | None = None) -> list[ast.Constant]:
        """String constants that are `value`, on the line where one is given."""
        return [node for node in self.nodes(ast.Constant, line) if node.value == value]

    def texts(self) -> set[str]:
        """All string constants."""
        return {node.value for node in self.nodes(ast.Constant) if isinstance(node.value, str)}

    def assignments(self) -> Iterator[tuple[set[str], ast.expr]]:
        """The variables that each assignment sets, and its value."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                yield set().union(*map(names, node.targets)), node.value
            elif isinstance(node, ast.AnnAssign) and node.value:
                yield names(node.target), node.value

    def replace(self, node: ast.expr, text: str) -> Edit:
        """Put `text` in place of an expression."""
        return Edit(*self.span(node), text)

    def wrap(self, node: ast.expr, before: str, after: str) -> list[Edit]:
        """Put text around an expression, which stays as it is."""
        start, end = self.span(node)
        return [Edit(start, start, before), Edit(end, end, after)]

    def add_argument(self, call: ast.Call, text: str) -> Edit:
        """Put one more argument behind the last of a call that has some."""
        end = max(self.span(argument)[1] for argument in [*call.args, *(k.value for k in call.keywords)])
        return Edit(end, end, f", {text}")

    def apply(self, edits: list[Edit], *functions: str) -> str:
        """The text with all edits made, and with those functions behind its imports that it lacks.

        Edits may touch, not overlap; those at the same place are made in order of their text.
        """
        defined = _functions(self.tree)
        lacking = [text for text in functions if not _functions(ast.parse(text)) <= defined]
        place = self._behind_imports()
        new = Edit(place, place, "".join(f"\n\n{text.strip()}\n" for text in lacking))
        pieces, at = [], 0
        for edit in sorted({*edits, new}):
            pieces += [self.bytes[at : edit.start], edit.text.encode()]
            at = edit.end
        return b"".join([*pieces, self.bytes[at:]]).decode()

    def _behind_imports(self) -> int:
        """The byte behind the last import at the top of the module, or behind its docstring."""
        body = self.tree.body
        lines = [n.end_lineno or 0 for n in body if isinstance(n, ast.Import | ast.ImportFrom)]
        if ast.get_docstring(self.tree) is not None:
            lines.append(body[0].end_lineno or 0)
        return self._starts[max(lines, default=0)]


def covers(node: ast.expr, line: int) -> bool:
    """Whether the line is one of those that the expression is written on."""
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def callee(call: ast.Call) -> str:
    """The last part of what is called: `torch.tensor(…)` is `tensor`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The argument that is given by this name."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def quoted(text: str) -> str:
    """The text as a string constant, in double quotes where it can be."""
    plain = text.isprintable() and not {'"', "\\"} & set(text)
    return f'"{text}"' if plain else repr(text)


def names(node: ast.AST) -> set[str]:
    """The variables in an expression."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _functions(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
