"""A model whose classes are not those of the data.

Shows as `Target 7 is out of bounds` where it has too few, or as predictions, or an accuracy, that the
harness does not find again where they are in another order.

Fix: as many classes as the training split has labels, in sorted order, which the training contract asks for.
"""

import ast
import re
from collections.abc import Callable

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.functions import TRAINING_LABELS
from ml_intern.training.repair.log import last_match
from ml_intern.training.repair.source import Edit, Source, callee, names, parse
from ml_intern.training.repair.spot import crashed_at

PRIORITY = 60
TOO_FEW = re.compile(r"^Target \d{1,9} is out of bounds")
MISMATCHED = re.compile(
    r"is not the likeliest one|do not have one probability for each of|it claims [\d.]{1,20}, they have"
)
COUNT = re.compile(r"^(num|n)_?(labels|classes)$", re.I)
LABELS = re.compile(r"label|class|categor|intent|target", re.I)
LISTS = frozenset({"set", "list", "sorted", "unique", "to_list", "tolist", "fromkeys", "keys", "sort"})
DISTINCT = frozenset({"set", "unique", "fromkeys"})
PREDICT = "predict.py"
"""It runs without the training split and takes the labels from the saved model."""


def recognise(failure: Failure) -> Patch | None:
    """The number and order of the training split's labels."""
    if spot := crashed_at(failure, TOO_FEW):
        return _patch(failure, spot.evidence, _count_edits, "has fewer classes than the data has labels")
    told = last_match(MISMATCHED, failure.log)
    if told and failure.step in ("predictions", "honest_metrics"):
        return _patch(failure, told[1], _order_edits, "counts its labels in another order than the harness")
    return None


def _patch(failure: Failure, evidence: str, find: Callable[[Source], list[Edit]], what: str) -> Patch | None:
    files = {}
    for name, text in failure.files.items():
        source = parse(text) if name != PREDICT else None
        if source and (edits := find(source)):
            files[name] = source.apply(edits, TRAINING_LABELS)
    if not files:
        return None
    return Patch(
        bug="label_map",
        explanation=f"The script {what}. Number and order now are those of the training split, sorted.",
        evidence=evidence,
        files=files,
    )


def _count_edits(source: Source) -> list[Edit]:
    """Fixed numbers of labels or classes; where there are none, models that are not told the number."""
    values = [value for targets, value in source.assignments() if any(map(COUNT.match, targets))]
    given = [k for call in source.nodes(ast.Call) for k in call.keywords if COUNT.match(k.arg or "")]
    fixed = [value for value in [*values, *(k.value for k in given)] if _is_fixed(value)]
    if fixed:
        return [source.replace(value, "len(training_labels())") for value in fixed]
    loads = source.calls("from_pretrained") if not given else []
    return [
        source.add_argument(call, "num_labels=len(training_labels())")
        for call in loads
        if any(name.endswith("ForSequenceClassification") for name in names(call.func))
    ]


def _is_fixed(value: ast.expr) -> bool:
    """Whether it is a number, or a setting that is called a number of labels."""
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        return bool(COUNT.match(str(value.slice.value)))
    return isinstance(value, ast.Constant) and type(value.value) is int


def _order_edits(source: Source) -> list[Edit]:
    """Lists of distinct labels that are unsorted, or not those of the training split."""
    named = [value for targets, value in source.assignments() if any(map(LABELS.search, targets))]
    labelled = {node for value in named for node in ast.walk(value)}
    taken = {node for pair in source.nodes(ast.BinOp) for node in ast.walk(pair)}
    found: list[ast.Call] = []
    for call in source.nodes(ast.Call):
        if call not in taken and _is_list(call) and (call in labelled or LABELS.search(source.code(call))):
            taken |= set(ast.walk(call))
            if not _is_right(call):
                found.append(call)
    return [source.replace(call, "training_labels()") for call in found]


def _is_list(call: ast.Call) -> bool:
    """Whether all it does is list distinct values."""
    calls = {callee(node) for node in ast.walk(call) if isinstance(node, ast.Call)}
    return calls <= LISTS and bool(calls & DISTINCT)


def _is_right(call: ast.Call) -> bool:
    """Whether it sorts the labels of the training split."""
    return callee(call) in ("sorted", "sort") and any("train" in name.lower() for name in names(call))
