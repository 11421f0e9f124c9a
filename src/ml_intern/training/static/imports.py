"""Imports: the module is there, and has what is imported from it."""

import ast
import difflib
import importlib
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from ml_intern.training.libraries.symbols import Symbols
from ml_intern.training.static.scripts import Finding, Script, Surroundings

NOT_INSTALLED = "imports {0}, which is not installed; add it to `packages` with edit_script, or do without"
"""What is said of a missing module; the catalogue of repairs knows these words."""
DYNAMIC = re.compile(r"__getattr__|globals\(\)|sys\.modules|setattr\(|exec\(|import \*|[Ll]azy")
"""Signs of a module that gets names otherwise than by definitions and imports that name them."""


def imports(script: Script, around: Surroundings) -> Iterator[Finding]:
    """Imports that would fail. Those under an `if` or a `try` are the script's own business."""
    for node in _certain(script.tree.body):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield script.finding(node, "is run as a program, so it has no package: import without the dots")
            continue
        modules = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for module in modules:
            if problem := _problem(module, around):
                yield script.finding(node, problem)
            elif isinstance(node, ast.ImportFrom):
                yield from _names(script, node, module, around)


def _certain(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that are carried out whatever happens, in functions too."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If):
            yield from _certain(node.body) if "__name__" in ast.dump(node.test) else ()
        elif not isinstance(node, ast.Try | ast.TryStar):
            yield from _certain(getattr(node, "body", []) if not isinstance(node, ast.Match) else [])


def _problem(module: str, around: Surroundings) -> str:
    """Why a module cannot be imported; empty where it can."""
    top = module.partition(".")[0]
    if around.is_own(top) or top in sys.stdlib_module_names:
        return ""
    if top == "ml_intern":
        return (
            "imports ml_intern, which a training script must do without: it runs where that is not installed"
        )
    if not _installed(top, around.packages):
        return NOT_INSTALLED.format(top)
    before, _, name = module.rpartition(".")
    if before and lacks(around.symbols, before, name):
        return f"imports {module}, but {before} has no module {name}" + _near(around.symbols, before, name)
    return ""


def _installed(top: str, packages: Path | None) -> bool:
    importlib.invalidate_caches()
    if packages is not None and PathFinder.find_spec(top, [str(packages)]):
        return True
    try:
        return find_spec(top) is not None  # the name of a whole package: nothing is imported to find it
    except (ImportError, ValueError):
        return False


def _names(script: Script, node: ast.ImportFrom, module: str, around: Surroundings) -> Iterator[Finding]:
    for each in node.names:
        if each.name == "*" or module.partition(".")[0] in sys.stdlib_module_names:
            continue
        if around.is_own(module):
            if not _defines(around.scripts[f"{module.partition('.')[0]}.py"], each.name):
                yield script.finding(node, f"imports {each.name} from {module}.py, which does not define it")
        elif lacks(around.symbols, module, each.name):
            near = _near(around.symbols, module, each.name)
            yield script.finding(
                node, f"imports {each.name}, but the installed {module} has no such name{near}"
            )


def lacks(symbols: Symbols, module: str, name: str) -> bool:
    """Whether a module of a library certainly has neither such a name nor such a submodule."""
    text, path = symbols.text(module), symbols.file(module)
    if path is None or re.search(rf"\b{re.escape(name)}\b", text):
        return False
    if path.name == "__init__.py" and ((path.parent / name).is_dir() or any(path.parent.glob(f"{name}.*"))):
        return False
    if not DYNAMIC.search(text):
        return True
    known = symbols.find(f"{module}.{name}") is not None  # quicker than to search the whole library
    return not (known or _defined_anywhere(symbols, module.partition(".")[0], name))


def _defined_anywhere(symbols: Symbols, library: str, name: str) -> bool:
    """Whether any file of the library defines the name: one that builds its names may hold it."""
    path = symbols.file(library)
    if path is None or path.name != "__init__.py":
        return True
    word, plain = re.escape(name.encode()), name.encode()
    definition = re.compile(rb"(?:class|def)[ \t]+" + word + rb"\b|^[ \t]*" + word + rb"[ \t]*[:=]", re.M)
    texts = (file.read_bytes() for suffix in ("py", "pyi") for file in path.parent.rglob(f"*.{suffix}"))
    return any(plain in text and definition.search(text) for text in texts)


def _near(symbols: Symbols, module: str, name: str) -> str:
    names = set(re.findall(r"\b[A-Za-z]\w{2,}", symbols.text(module)))
    close = difflib.get_close_matches(name, names, n=2, cutoff=0.75)
    return f"; near to it: {', '.join(close)}" if close else "; look_up_library finds what there is"


def _defines(script: Script, name: str) -> bool:
    """Whether a script of the run gives the name a meaning, or may."""
    for node in script.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, ast.Name) and node.id == name:
            return True
        if isinstance(node, ast.Import | ast.ImportFrom):
            if any(
                "*" in each.name or (each.asname or each.name.partition(".")[0]) == name
                for each in node.names
            ):
                return True
    return False
