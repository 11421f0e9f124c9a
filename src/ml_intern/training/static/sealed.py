"""The test split: a training script must not ask for it, as it is not there."""

import ast
import re
from collections.abc import Iterator

from ml_intern.training.static.scripts import Finding, Script, Surroundings, callee, keyword, literal

FILE = re.compile(r"(^|[/\\_.-])test(-[\w-]*)?\.(parquet|csv|tsv|jsonl?|arrow)\b|(^|/)data/test\b", re.I)
READER = re.compile(r"(?!r?split$).*(read|load|open|scan|path|split|parquet|csv|rows|join)", re.I)
"""What a function is called that is given a split or a path; a text's own `split` is not."""
OTHERS = {"train", "validation", "valid", "val", "dev"}
ADVICE = "uses the test split, which no training sees: choose on data/validation.parquet"


def sealed(script: Script, around: Surroundings) -> Iterator[Finding]:
    """Paths and names of splits that are the test split's, where a script reads by them."""
    said = {id(node.value) for node in script.nodes if isinstance(node, ast.Expr)}  # docstrings
    for node in script.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in said and FILE.search(node.value):
                yield script.finding(node, ADVICE)
        elif isinstance(node, ast.expr) and any(_is_test(each) for each in _split_names(node)):
            yield script.finding(node, ADVICE)


def _split_names(node: ast.expr) -> list[ast.expr]:
    """The parts of an expression that would name a split."""
    if isinstance(node, ast.Call):
        named = [keyword(node, "split")]
        return [*(each for each in named if each), *(node.args if READER.match(callee(node)) else [])]
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts if OTHERS & {literal(each) for each in node.elts} else []
    if isinstance(node, ast.Dict):
        keys = [each for each in node.keys if each]
        return keys if OTHERS & {literal(each) for each in keys} else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return [node.right]
    return []


def _is_test(node: ast.expr) -> bool:
    return re.fullmatch(r"test(\[.*\])?", literal(node)) is not None
