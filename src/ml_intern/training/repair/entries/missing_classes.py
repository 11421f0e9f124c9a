"""A metric that breaks where a small split lacks classes.

Shows as scikit-learn's complaint that truth and predictions differ in their number of classes, or where a
class is looked up in a confusion matrix or report that has no place for it.

Fix: the metric is told every class of the training split (`labels=`), as scikit-learn's own message asks.
Left alone is `roc_auc_score`: for a class without rows it is undefined, however the classes are named.
"""

import ast
import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.functions import KNOWN_CLASSES, TRAINING_LABELS
from ml_intern.training.repair.source import Source, covers, keyword, names
from ml_intern.training.repair.spot import crashed_at

PRIORITY = 30
COUNTED = re.compile(
    r"contain different number of classes|^Number of classes, \d{1,9}, does not match size of target_names|"
    r"does not contain all the labels|y_true contains only one label|provide a list of all known classes"
)
LOOKED_UP = re.compile(
    r"^index \d{1,9} is out of bounds for axis|"
    r"^'(?!\w{0,20} ?avg|macro|micro|weighted|samples|accuracy|f1|precision|recall|support)[^']{1,200}'$"
)
"""An index, or a key that is no figure of a report."""
METRICS = ("classification_report", "log_loss", "top_k_accuracy_score")
TABLES = ("classification_report", "confusion_matrix")


def recognise(failure: Failure) -> Patch | None:
    """All classes, named to the metric."""
    if spot := crashed_at(failure, COUNTED):
        calls = spot.source.calls(*METRICS, line=spot.line)
    elif spot := crashed_at(failure, LOOKED_UP):
        calls = _tables(spot.source, spot.line)
    calls = [call for call in calls if len(call.args) == 2 and not keyword(call, "labels")] if spot else []
    if spot is None or not calls:
        return None
    source = spot.source
    edits = [source.add_argument(c, f"labels=known_classes({source.code(c.args[0])})") for c in calls]
    return Patch(
        bug="missing_classes",
        explanation=(
            "The validation split lacks some classes, and the metric took those it saw for all there are. It "
            "now knows every class of the training split."
        ),
        evidence=spot.evidence,
        files={spot.name: source.apply(edits, TRAINING_LABELS, KNOWN_CLASSES)},
    )


def _tables(source: Source, line: int) -> list[ast.Call]:
    """Calls that make a table by class which is read on that line."""
    looked_up = {name for node in source.nodes(ast.Subscript, line) for name in names(node.value)}
    tables = source.calls(*TABLES)
    kept: set[ast.AST] = set()
    for targets, value in source.assignments():
        if targets & looked_up:
            kept.update(ast.walk(value))
    return [call for call in tables if call in kept or covers(call, line)]
