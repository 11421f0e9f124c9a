"""Labels that are words where class ids must stand.

Shows where words are made into a tensor, given to a loss, or read as whole numbers.

Fix: each label becomes its place among the sorted labels of the training split, the order in which the
harness expects probabilities. A word that is no label of that split still stops the script.
"""

import ast
import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.functions import LABEL_IDS, TRAINING_LABELS
from ml_intern.training.repair.source import Edit, Source, callee, keyword
from ml_intern.training.repair.spot import crashed_at

PRIORITY = 30
SIGN = re.compile(
    r"too many dimensions 'str'|invalid data type 'str'|"
    r"can't convert np\.ndarray of type numpy\.(object_|str_)|"
    r"argument 'target' \(position 2\) must be Tensor, not (tuple|list)|"
    r"invalid literal for int\(\) with base 10: (np\.str_\()?'[^\d']|"
    r"conversion from `str` to `[iu]\d{1,3}` failed in column"
)
TENSORS = ("tensor", "as_tensor", "LongTensor", "from_numpy")
METHODS = {"to_torch": "torch.tensor", "astype": "np.array", "cast": "pl.Series"}
"""Methods of a column that turn it into numbers, and what makes the same kind of thing from a list."""


def recognise(failure: Failure) -> Patch | None:
    """Class ids in place of words where the numbers are made."""
    spot = crashed_at(failure, SIGN)
    edits = _edits(spot.source, spot.line, spot.message) if spot else []
    if spot is None or not edits:
        return None
    return Patch(
        bug="string_labels",
        explanation=(
            "The labels are words, and a loss needs class ids. Each label now becomes its place among the "
            "sorted labels of the training split."
        ),
        evidence=spot.evidence,
        files={spot.name: spot.source.apply(edits, TRAINING_LABELS, LABEL_IDS)},
    )


def _edits(source: Source, line: int, message: str) -> list[Edit]:
    """What is different at the first call on the line that words were given to."""
    for call in source.nodes(ast.Call, line):
        name, given = callee(call), call.args[0] if call.args else None
        if name in TENSORS and given:
            made = [source.replace(call.func, "torch.tensor")] if name == "from_numpy" else []
            return [*source.wrap(given, "label_ids(", ")"), *made]
        if name in METHODS and isinstance(call.func, ast.Attribute):
            return [source.replace(call, f"{METHODS[name]}(label_ids({source.code(call.func.value)}))")]
        if name == "int" and given:
            return [source.replace(call, f"label_ids([{source.code(given)}])[0]")]
        target = call.args[1] if len(call.args) == 2 else keyword(call, "target")
        if "'target'" in message and given and target:
            device = f", device={given.id}.device" if isinstance(given, ast.Name) else ""
            return source.wrap(target, "torch.tensor(label_ids(", f"){device})")
    return []
