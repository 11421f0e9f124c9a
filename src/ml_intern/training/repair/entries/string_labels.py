"""Labels that are words where class ids must stand.

Shows where a tensor is made of them, as torch's complaint about strings.

Fix: each label becomes its place among the sorted labels of the training split, the order in which the
harness expects probabilities.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.source import LABEL_IDS, TRAINING_LABELS, Edit, callee
from ml_intern.training.repair.spot import crashed_at

PRIORITY = 30
SIGN = re.compile(
    r"too many dimensions 'str'|invalid data type 'str'|"
    r"can't convert np\.ndarray of type numpy\.(object_|str_)"
)
MAKERS = ("tensor", "as_tensor", "LongTensor", "from_numpy")


def recognise(failure: Failure) -> Patch | None:
    """Class ids in place of words where the tensor is made."""
    spot = crashed_at(failure, SIGN)
    call = next((c for c in spot.source.calls(*MAKERS, line=spot.line) if c.args), None) if spot else None
    if spot is None or call is None:
        return None
    edits = spot.source.wrap(call.args[0], "label_ids(", ")")
    if callee(call) == "from_numpy":
        edits.append(Edit(*spot.source.span(call.func), "torch.tensor"))
    return Patch(
        bug="string_labels",
        explanation=(
            "The labels are words, and a loss needs class ids. Each label now becomes its place among the "
            "sorted labels of the training split."
        ),
        evidence=spot.evidence,
        files={spot.name: spot.source.apply(edits, TRAINING_LABELS, LABEL_IDS)},
    )
