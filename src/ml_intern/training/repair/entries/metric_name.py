"""A metric, or a way to average it, that the installed version does not know.

Shows as scikit-learn's list of allowed values, or as the shipped recipes' list of metrics.

Fix: the allowed name that the wrong one must have meant. It is the same metric under its right name; where
two names are about as near, nothing is changed.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash, last_match
from ml_intern.training.repair.names import nearest
from ml_intern.training.repair.source import Edit, parse

PRIORITY = 50
AMONG = re.compile(
    r"must be (?:a str among|one of) (?:\{|\[)?([^{}\[\]]{1,2000}?)(?:\}|\]).{0,60}Got '?([\w-]{1,60})"
)
SCORER = re.compile(r"'([\w-]{1,60})' is not a valid scoring value")
QUOTED = re.compile(r"'([\w-]{1,60})'")
SCORERS = (
    "accuracy", "balanced_accuracy", "f1", "f1_macro", "f1_micro", "f1_weighted", "precision_macro",
    "recall_macro", "neg_log_loss", "roc_auc", "roc_auc_ovr", "roc_auc_ovo",
)  # fmt: skip
"""Of scikit-learn's scorers those for classification; its message does not list them."""


def recognise(failure: Failure) -> Patch | None:
    """The right name in place of the wrong one, where the script was when it failed."""
    found = crash(failure)
    if not found:
        return None
    among, scorer = AMONG.search(found.message), SCORER.search(found.message)
    if among:
        wrong, known = among[2], tuple(QUOTED.findall(among[1]))
    elif scorer:
        wrong, known = scorer[1], SCORERS
    else:
        return None
    right = nearest(wrong, known)
    if right is None:
        return None
    files = {}
    for name in {frame[0] for frame in found.frames}:
        source = parse(failure.files[name])
        spots = [source.span(node) for node in source.strings(wrong)] if source else []
        if source and spots:
            files[name] = source.apply([Edit(start, end, repr(right)) for start, end in spots])
    config = {key: right for key, value in failure.config.items() if value == wrong}
    if not files and not config:
        return None
    return Patch(
        bug="metric_name",
        explanation=f"The installed version does not know {wrong!r}; the same is called {right!r} there.",
        evidence=last_match(re.compile(re.escape(wrong)), failure.log)[1],  # type: ignore[index]  # it is there
        files=files,
        config=config,
    )
