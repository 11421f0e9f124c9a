"""A model whose classes are not those of the data.

Shows as `Target 7 is out of bounds` where it has too few, or as predictions that the harness cannot match
with the labels where their order differs.

Fix: as many classes as the training split has labels, in sorted order, which the training contract asks for.
"""

import ast
import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash, last_match
from ml_intern.training.repair.source import TRAINING_LABELS, Edit, Source, callee, parse

PRIORITY = 60
TOO_FEW = re.compile(r"^Target -?\d{1,9} is out of bounds")
MISMATCHED = re.compile(r"is not the likeliest one|do not have one probability for each of")
COUNT = re.compile(r"^(num|n)_?(labels|classes)$", re.I)
LIST = re.compile(r"^(label|class|categor)\w*$", re.I)
UNORDERED = ("set", "list", "unique", "to_list", "tolist", "keys")


def recognise(failure: Failure) -> Patch | None:
    """The number and order of the training split's labels."""
    found, told = crash(failure), last_match(MISMATCHED, failure.log)
    if found and TOO_FEW.match(found.message):
        return _patch(failure, found.line, _count_edits, "has fewer classes than the data has labels")
    if failure.step == "predictions" and told:
        return _patch(
            failure, told[1], _order_edits, "keeps its labels in another order than they are scored in"
        )
    return None


def _patch(failure: Failure, evidence: str, find: object, what: str) -> Patch | None:
    assert callable(find)
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        edits = find(source) if source else []
        if source and edits:
            files[name] = source.apply(edits, TRAINING_LABELS)
    if not files:
        return None
    return Patch(
        bug="label_map",
        explanation=f"The model {what}. Number and order now are those of the training split, sorted.",
        evidence=evidence,
        files=files,
    )


def _count_edits(source: Source) -> list[Edit]:
    """Fixed numbers that are called a number of labels or classes."""
    values: list[ast.expr] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg and COUNT.match(node.arg):
            values.append(node.value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if COUNT.match(node.targets[0].id):
                values.append(node.value)
    fixed = [v for v in values if isinstance(v, ast.Constant) and type(v.value) is int]
    return [Edit(*source.span(value), "len(training_labels())") for value in fixed]


def _order_edits(source: Source) -> list[Edit]:
    """Lists of labels or classes that are made of distinct values without sorting them."""
    edits = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            made = isinstance(value, ast.Call) and callee(value) in UNORDERED
            if made and LIST.match(node.targets[0].id) and _is_distinct(value):
                edits.append(Edit(*source.span(value), "training_labels()"))
    return edits


def _is_distinct(value: ast.expr) -> bool:
    calls = {callee(node) for node in ast.walk(value) if isinstance(node, ast.Call)}
    return bool(calls & {"set", "unique", "keys"})
