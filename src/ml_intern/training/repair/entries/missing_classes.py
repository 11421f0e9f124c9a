"""A metric that breaks where a small split lacks classes.

Shows as scikit-learn's complaint that truth and predictions differ in their number of classes.

Fix: the metric is told every class of the training split (`labels=`), as scikit-learn's own message asks.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.source import KNOWN_CLASSES, TRAINING_LABELS, has_keyword, parse

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
    found = crash(failure)
    if not found or not SIGN.search(found.message) or not found.frames:
        return None
    name, line = found.frames[0]
    source = parse(failure.files[name])
    calls = (
        [c for c in source.calls(*METRICS, line=line) if c.args and not has_keyword(c, "labels")]
        if source
        else []
    )
    if source is None or not calls:
        return None
    edits = [source.add_argument(c, f"labels=known_classes({source.code(c.args[0])})") for c in calls]
    return Patch(
        bug="missing_classes",
        explanation=(
            "The validation split lacks some classes, and the metric took those it saw for all there are. It "
            "now knows every class of the training split."
        ),
        evidence=found.line,
        files={name: source.apply(edits, TRAINING_LABELS, KNOWN_CLASSES)},
    )
