"""A metric that breaks where a small split lacks classes.

Shows as scikit-learn's complaint that truth and predictions differ in their number of classes.

Fix: the metric is told every class of the training split (`labels=`), as scikit-learn's own message asks.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.source import KNOWN_CLASSES, TRAINING_LABELS, has_keyword
from ml_intern.training.repair.spot import crashed_at

PRIORITY = 30
SIGN = re.compile(
    r"Number of classes,? .{0,60}(does not match|not equal)|contain different number of classes|"
    r"y_true contains only one label|labels must contain all|labels (argument|parameter)"
)
METRICS = (
    "classification_report", "log_loss", "top_k_accuracy_score", "roc_auc_score", "confusion_matrix",
    "d2_log_loss_score",
)  # fmt: skip


def recognise(failure: Failure) -> Patch | None:
    """All classes, named to the metric."""
    spot = crashed_at(failure, SIGN)
    if spot is None:
        return None
    calls = [
        c for c in spot.source.calls(*METRICS, line=spot.line) if c.args and not has_keyword(c, "labels")
    ]
    if not calls:
        return None
    edits = [
        spot.source.add_argument(c, f"labels=known_classes({spot.source.code(c.args[0])})") for c in calls
    ]
    return Patch(
        bug="missing_classes",
        explanation=(
            "The validation split lacks some classes, and the metric took those it saw for all there are. It "
            "now knows every class of the training split."
        ),
        evidence=spot.evidence,
        files={spot.name: spot.source.apply(edits, TRAINING_LABELS, KNOWN_CLASSES)},
    )
