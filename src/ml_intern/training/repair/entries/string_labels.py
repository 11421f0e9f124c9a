"""Labels that are words where class ids must stand.

Shows where a tensor is made of them, as torch's complaint about strings.

Fix: each label becomes its place among the sorted labels of the training split, the order in which the
harness expects probabilities.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.source import LABEL_IDS, TRAINING_LABELS, Edit, callee, parse

PRIORITY = 30
SIGN = re.compile(
    r"too many dimensions 'str'|invalid data type 'str'|"
    r"can't convert np\.ndarray of type numpy\.(object_|str_)"
)
MAKERS = ("tensor", "as_tensor", "LongTensor", "from_numpy")


def recognise(failure: Failure) -> Patch | None:
    """Class ids in place of words where the tensor is made."""
    found = crash(failure)
    if not found or not SIGN.search(found.message) or not found.frames:
        return None
    name, line = found.frames[0]
    source = parse(failure.files[name])
    call = next((c for c in source.calls(*MAKERS, line=line) if c.args), None) if source else None
    if source is None or call is None:
        return None
    edits = source.wrap(call.args[0], "label_ids(", ")")
    if callee(call) == "from_numpy":
        edits.append(Edit(*source.span(call.func), "torch.tensor"))
    return Patch(
        bug="string_labels",
        explanation=(
            "The labels are words, and a loss needs class ids. Each label now becomes its place among the "
            "sorted labels of the training split."
        ),
        evidence=found.line,
        files={name: source.apply(edits, TRAINING_LABELS, LABEL_IDS)},
    )
