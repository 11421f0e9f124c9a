"""Reading a task from a sentence, by plain rules.

The rules read the user's own words and nothing else. What they cannot read becomes a question; what
the sentence leaves open becomes a stated assumption.
"""

import re
from dataclasses import dataclass
from typing import Final

from ml_intern.brains.playbook.wishes import named_model
from ml_intern.records.metrics import Metric
from ml_intern.records.money import budget_named

_CLASSIFY = re.compile(
    r"\b(label(?!\s+column)s?|classif\w+|categori[sz]\w+|tag|tagging|route|routing|triage|sort|detect\w*|"
    r"identify|recogni[sz]e|predict\w*|assign|filter\w*|distinguish|flag|sentiment analysis)\b",
    re.I,
)
_UNSUPPORTED: Final = (
    (r"\b(images?|photos?|pictures?|x-rays?|scans?)\b", "images"),
    (r"\b(audio|speech|voice recordings?|videos?|transcri\w+)\b", "audio or video"),
    (r"\b(multi-?\s?label|all (the )?(topics|labels|tags) that apply)\b", "several labels per row"),
    (r"\b(named entit\w+|ner|token classification|extract (the )?(names|entities|spans|dates))\b", "tokens"),
    (r"\b(regress\w+|forecast\w*|how (much|many)|predict (the )?(price|amount|number|revenue|demand|age))\b",
     "numbers (regression)"),
    (r"\b(summari[sz]\w+|translat\w+|chat ?bot|question answering|generat\w+ (text|repl\w+|answers?))\b",
     "written text (generation)"),
)  # fmt: skip
_END = r"(?=\s*(?:[.,;:()]|$|\b(?:and|with|using|into|on|for|from|in|then|so|via)\b))"
_TARGETS: Final = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\b(?:by|according to)\s+(?:their\s+|its\s+|the\s+)?([a-z][\w/ -]*?)" + _END,
        r"\b(sentiment|intent|topic|emotion|spam|toxicity|language|urgency|priority|department|genre)s?\b",
        r"\b(?:as|into)\s+(?:either\s+)?([a-z][\w -]* or [a-z][\w-]*)",
        r"\binto\s+(?:the\s+|their\s+|one of\s+)?([a-z][\w -]*?)" + _END,
    )
)
_NO_TARGET = re.compile(r"us|me|you|hand|e-?mail|then|categor\w+|class\w*|labels?", re.I)
_METRICS: Final = (
    (Metric.MACRO_F1, re.compile(r"\bmacro[- ]?(averaged )?f[- ]?1|\bf1[- ]macro", re.I)),
    (Metric.WEIGHTED_F1, re.compile(r"\bweighted[- ]?f[- ]?1|\bf1[- ]weighted", re.I)),
    (Metric.ACCURACY, re.compile(r"\baccuracy\b|\baccurate\b", re.I)),
)
_PLAIN_F1 = re.compile(
    r"(?<!macro )(?<!macro-)(?<!weighted )(?<!weighted-)\bf[- ]?1\b(?![- ](?:macro|weighted))", re.I
)
_OTHER_METRIC = re.compile(
    r"\b(auc|roc|auroc|bleu|rouge|r?mse|mae|kappa|mcc|matthews|perplexity|log[- ]?loss|latency|top-\d)\b",
    re.I,
)
_ENCODER = re.compile(
    r"\b(\w*bert\w*|transformers?|minilm|electra|xlnet|t5|encoders?|fine-?tun\w+|language model|llm)\b", re.I
)
_LINEAR = re.compile(r"\b(linear|tf-?idf|svm|logistic regression|bag[- ]of[- ]words|classical)\b", re.I)
_PROBE = re.compile(
    r"\b(frozen (?:\w+ )?(?:encoder|embeddings?|bert|minilm)|(?:linear )?prob(?:e|ing))\b", re.I
)
_LENGTH = re.compile(
    r"\b(?:max(?:imum)?[_ -]?|sequence )length\s*(?:of|=|:|is)?\s*(?P<a>\d{1,5})\b|"
    r"\b(?:at most|up to)\s+(?P<b>\d{1,5}) tokens\b",
    re.I,
)
_OTHER_MONEY = re.compile(r"[€£¥]\s*\d|\b\d+(?:\.\d+)?\s*(?:eur|euros?|gbp|pounds?|yen|chf)\b", re.I)
_TIME = re.compile(
    r"\b(?:within|in at most|at most|in under|under|max(?:imum)?(?: of)?|no more than|less than)\s+"
    r"(?P<n>\d+(?:\.\d+)?|an?|one|half an)\s*(?P<unit>min(?:ute)?s?|hours?|h)\b",
    re.I,
)
_OTHER_DELIVERABLE = re.compile(
    r"\b(deploy\w*|rest api|web service|endpoint|docker|onnx|mobile app|browser extension)\b", re.I
)
_PUBLISH = re.compile(r"\b(publish\w*|push(?:ed)? to|upload\w*|hub|release)\b", re.I)

PRETRAINED: Final = ("encoder", "probe")
"""The methods that start from pretrained weights."""
DEFAULT_MINUTES = 60


@dataclass(frozen=True)
class Understanding:
    """What the sentence says. `unsupported` and `question` are empty where the task can go ahead."""

    goal: str
    target: str
    metrics: tuple[Metric, ...]
    selection_metric: Metric
    confusion_matrix: bool
    method: str
    base_model: str | None
    max_length: int | None
    budget_micro_usd: int
    time_limit_seconds: int
    assumptions: tuple[str, ...]
    unsupported: str = ""
    question: str = ""


def understand(sentence: str, label_column: str | None, base_model: str | None = None) -> Understanding:
    """Read `sentence`; `label_column` and `base_model` are what the user named beside it, if anything."""
    assumptions: list[str] = []
    target = _target(sentence) or label_column or ""
    metrics = _metrics(sentence, assumptions)
    budget = budget_named(sentence)
    time = _TIME.search(sentence)
    if time is None:
        assumptions.append(f"time limit: {DEFAULT_MINUTES} minutes for a training")
    if budget is None:
        assumptions.append("budget: nothing may be spent")
    if _PUBLISH.search(sentence):
        assumptions.append("publishing: a folder ready for the Hub is made; ml-intern publish uploads it")
    method = _method(sentence) or ("encoder" if base_model else "")
    if not method:
        assumptions.append("method: a linear model on word and character TF-IDF")
    unsupported = _unsupported(sentence)
    return Understanding(
        goal=" ".join(sentence.split()),
        target=target,
        metrics=metrics,
        selection_metric=Metric.MACRO_F1 if Metric.MACRO_F1 in metrics else metrics[0],
        confusion_matrix=True,
        method=method or "linear",
        base_model=named_model(sentence) if method in PRETRAINED else None,
        max_length=_length(sentence) if method in PRETRAINED else None,
        budget_micro_usd=budget or 0,
        time_limit_seconds=_seconds(time) if time else DEFAULT_MINUTES * 60,
        assumptions=tuple(assumptions),
        unsupported=unsupported,
        question="" if unsupported else _question(sentence, target),
    )


def _target(sentence: str) -> str:
    for pattern in _TARGETS:
        for words in pattern.findall(sentence):
            if not _NO_TARGET.fullmatch(words):
                return " ".join(words.lower().split())
    return ""


def _method(sentence: str) -> str:
    """What the last mention of a method asks for; empty where there is none."""
    found = [
        (match.start(), method)
        for method, pattern in (("encoder", _ENCODER), ("linear", _LINEAR))
        for match in pattern.finditer(sentence)
    ]
    return "probe" if _PROBE.search(sentence) else max(found, default=(0, ""))[1]


def _length(sentence: str) -> int | None:
    found = _LENGTH.search(sentence)
    return int(found["a"] or found["b"]) if found else None


def _metrics(sentence: str, assumptions: list[str]) -> tuple[Metric, ...]:
    asked = [metric for metric, pattern in _METRICS if pattern.search(sentence)]
    if not asked and _PLAIN_F1.search(sentence):
        assumptions.append("metric: F1 is taken as macro F1")
        asked.append(Metric.MACRO_F1)
    if not asked:
        assumptions.append("metrics: accuracy and macro F1; the best model is chosen by macro F1")
        asked = [Metric.ACCURACY, Metric.MACRO_F1]
    return tuple(asked)


def _unsupported(sentence: str) -> str:
    for kind, what in _UNSUPPORTED:
        if found := re.search(kind, sentence, re.I):
            return (
                f'"{found.group(0)}" asks for {what}. This version classifies texts, one label each, '
                "and would rather not pretend to do more."
            )
    for pattern, what, can in (
        (_OTHER_METRIC, "metric", "reports accuracy, macro F1, weighted F1 and scores per class"),
        (_OTHER_DELIVERABLE, "deliverable", "delivers a model folder ready for the Hub"),
        (_OTHER_MONEY, "currency", "keeps budgets in US dollars"),
    ):
        if found := pattern.search(sentence):
            return f'"{found.group(0)}" is a {what} that this version does not know: it {can}.'
    return ""


def _question(sentence: str, target: str) -> str:
    if not _CLASSIFY.search(sentence):
        return 'What should be done with the texts? For example: "classify them by topic".'
    if not target:
        return 'What should be predicted for each text? For example: "by issue type".'
    return ""


def _seconds(match: re.Match[str]) -> int:
    words = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5}
    number = words.get(match["n"].lower()) or float(match["n"])
    return round(number * (60 if match["unit"].lower().startswith("m") else 3600))
