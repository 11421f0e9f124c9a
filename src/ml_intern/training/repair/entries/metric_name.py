"""A metric, or a way to average it, by a name that is not known where it is used.

Shows as scikit-learn's list of allowed values, as the shipped recipes' list of metrics, or as a KeyError for
the metric that the config selects by.

Fix: the name that must have been meant, in the script; the config's metric is that of the locked task. It is
the same metric under another name: macro never becomes micro, nor the third place the fifth.
"""

import re
from collections.abc import Iterable

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.names import nearest
from ml_intern.training.repair.source import parse, quoted

PRIORITY = 50
AMONG = re.compile(
    r"must be (?:a str among|one of) [{\[]([^{}\[\]]{1,2000})[}\]].{0,60}Got '([\w .-]{1,60})'"
)
SCORER = re.compile(r"'([\w .-]{1,60})' is not a valid scoring value")
SETTING = re.compile(r"^selection_metric must be one of ([\w, -]{1,500})$")
NAME = re.compile(r"[\w-]{1,60}")
METRIC = re.compile(r"(?=[\w-]{1,60}$)[\w-]*(f1|accuracy|precision|recall|loss|auc|mcc|kappa)", re.I)
SCORERS = (
    "accuracy", "balanced_accuracy", "f1", "f1_macro", "f1_micro", "f1_weighted", "precision_macro",
    "precision_micro", "precision_weighted", "recall_macro", "recall_micro", "recall_weighted",
    "neg_log_loss", "matthews_corrcoef", "roc_auc", "roc_auc_ovr", "roc_auc_ovo", "roc_auc_ovr_weighted",
    "roc_auc_ovo_weighted",
)  # fmt: skip
"""Of scikit-learn's scorers those for classification; its message does not list them."""
KINDS = frozenset({"macro", "micro", "weighted", "binary", "samples", "balanced", "ovr", "ovo", "top", "neg"})
NO_WORD = 0.8
"""How alike names must be where the wrong one says nothing about its kind, so that only slips are mended."""


def recognise(failure: Failure) -> Patch | None:
    """The right name in place of the wrong one, wherever the scripts write it."""
    if (named := _by_sklearn(failure) or _by_config(failure)) is None:
        return None
    wrong, right, evidence = named
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        spots = source.strings(wrong) if source else []
        if source and spots:
            files[name] = source.apply([source.replace(node, quoted(right)) for node in spots])
    if not files:
        return None
    return Patch(
        bug="metric_name",
        explanation=f"{wrong!r} is not known there; the same metric, or average, is called {right!r}.",
        evidence=evidence,
        files=files,
    )


def _by_sklearn(failure: Failure) -> tuple[str, str, str] | None:
    """What scikit-learn does not know, what it must mean, and the line that says so."""
    found = crash(failure)
    if not found:
        return None
    if match := AMONG.search(found.message):
        wrong, known = match[2], NAME.findall(match[1])
    elif match := SCORER.search(found.message):
        wrong, known = match[1], list(SCORERS)
    else:
        return None
    right = same_metric(wrong, known)
    return (wrong, right, found.line) if right else None


def _by_config(failure: Failure) -> tuple[str, str, str] | None:
    """The script's name for the metric that the config selects by, and the config's own."""
    selected, found = failure.config.get("selection_metric"), crash(failure)
    if not isinstance(selected, str):
        return None
    listed = [(match, line) for line in failure.log if (match := SETTING.match(line))]
    if listed:
        known, evidence = NAME.findall(listed[-1][0][1]), listed[-1][1]
    elif found and found.kind == "KeyError" and found.message == repr(selected):
        sources = [source for text in failure.files.values() if (source := parse(text))]
        known, evidence = [s for source in sources for s in source.texts() if METRIC.match(s)], found.line
    else:
        return None
    wrong = same_metric(selected, known)
    return (wrong, selected, evidence) if wrong and wrong != selected else None


def same_metric(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that means the same metric; None where it is not certain."""
    figures, kinds = _flavour(name)
    alike = [each for each in known if _flavour(each)[0] == figures]
    if kinds:
        return nearest(name, [each for each in alike if _flavour(each)[1] == kinds])
    return nearest(name, alike, NO_WORD)


def _flavour(name: str) -> tuple[set[str], frozenset[str]]:
    """The words with a figure in them, and those that say what kind of the metric it is."""
    words = set(re.findall(r"[a-z0-9]+", name.lower()))
    return {word for word in words if re.search(r"\d", word)}, KINDS & words
