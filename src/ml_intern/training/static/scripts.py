"""A script as the checks read it, and what they say about it."""

import ast
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ml_intern.training.libraries.signature import Signature
from ml_intern.training.libraries.symbols import Symbols


class Finding(NamedTuple):
    """What is wrong on a line of a script, and what to do about it."""

    script: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.script} line {self.line}: {self.message}"


@dataclass(frozen=True)
class Script:
    """A script that is Python: its name, such as train.py, and its syntax tree."""

    name: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node, outer ones first."""
        return list(ast.walk(self.tree))

    @cached_property
    def imported(self) -> dict[str, str]:
        """The names that only imports give a meaning, and which: `F` is `torch.nn.functional`.

        A name that is also set in another way, anywhere in the script, is left out.
        """
        found: dict[str, set[str]] = {}
        for node in self.nodes:
            for name, meaning in _bound(node):
                found.setdefault(name, set()).add(meaning)
        return {name: each.pop() for name, each in found.items() if each != {""} and len(each) == 1}

    def dotted(self, node: ast.expr) -> str:
        """The full name of an imported thing, such as `torch.optim.AdamW`; empty where it is none."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        root = self.imported.get(node.id, "") if isinstance(node, ast.Name) else ""
        return ".".join([root, *reversed(parts)]) if root else ""

    def calls(self) -> Iterator[ast.Call]:
        """Every call."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def finding(self, node: ast.stmt | ast.expr, message: str) -> Finding:
        """What is wrong at a node."""
        return Finding(self.name, node.lineno, message)


@dataclass(frozen=True)
class Surroundings:
    """What stands around a script: the run's scripts by name, and the libraries that its jobs have.

    `packages` is the folder of those that were installed for the run, where there is one. `signatures` are
    those that were found already.
    """

    scripts: Mapping[str, Script]
    symbols: Symbols
    packages: Path | None = None
    signatures: dict[str, Signature | None] = field(default_factory=dict)

    def is_own(self, module: str) -> bool:
        """Whether a module is one of the run's scripts."""
        return f"{module.partition('.')[0]}.py" in self.scripts


StaticCheck = Callable[[Script, Surroundings], Iterator[Finding]]


def parse(name: str, text: str) -> Script:
    """The script of that name.

    Raises:
        SyntaxError: it is not Python.
        ValueError: it holds what no Python text may, such as a zero byte.
        RecursionError: it is nested beyond what Python parses.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(text, name, "exec", dont_inherit=True)
        return Script(name, ast.parse(text))


def literal(node: ast.expr | None) -> str:
    """The text of a string constant; empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The argument that is given by this name."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def is_constant(node: ast.expr | None, value: object) -> bool:
    """Whether the node is this very constant."""
    return isinstance(node, ast.Constant) and node.value is value


def callee(call: ast.Call) -> str:
    """The last part of what is called: `torch.load(…)` is `load`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _bound(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that a node sets, each with what is imported as it; empty where nothing is imported."""
    if isinstance(node, ast.Import):
        for each in node.names:
            top = each.name.partition(".")[0]
            yield (each.asname, each.name) if each.asname else (top, top)
    elif isinstance(node, ast.ImportFrom):
        for each in node.names:
            yield each.asname or each.name, "" if node.level else f"{node.module}.{each.name}"
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, ""
    elif isinstance(node, ast.arg):
        yield node.arg, ""
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        yield node.name or "", ""
