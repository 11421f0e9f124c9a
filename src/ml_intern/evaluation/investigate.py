"""Scores that are too good, or no better than nothing: said first, unasked."""

from collections.abc import Sequence

from ml_intern.evaluation.compare import standing
from ml_intern.records.data import LEAK_FINDING, NEAR_LEAK_FINDING, Finding, Severity
from ml_intern.records.evaluation import Comparison
from ml_intern.records.metrics import Interval, Metric, ScoredModel, Scores

TOO_GOOD = 0.99
"""From here on a score opens an investigation: real test sets have more label noise than the rest.

Northcutt et al. 2021 (arXiv 2103.14749) estimate 3.3 % wrong labels on average over ten of them.
"""


def investigate(
    scores: Scores,
    clean: Scores | None,
    clean_rows: int,
    baselines: Sequence[ScoredModel],
    gain_over_majority: Interval,
    repeated: Finding | None,
    linear: Comparison | None,
    near: int = 0,
) -> tuple[Finding, ...]:
    """The findings about the scores themselves, most telling first.

    `repeated` is the audit's finding on test rows that repeat training rows (see `leak`); it comes back with
    the scores on the other rows. `linear` compares the model with the linear baseline; None where the model
    is itself of that kind. `near` counts the test rows that repeat a training row but for an edit or two.
    """
    rows = baselines[0].rows
    same_family = linear is None
    found = []
    if linear is not None and not linear.better:
        found.append(_no_better_than_linear(linear, baselines))
    if repeated is not None:
        found.append(_with_clean_score(repeated, near, scores, clean, clean_rows))
    if max(interval.value for interval in scores.values()) >= TOO_GOOD:
        found.append(_too_good(scores, baselines, rows, same_family, leaked=repeated is not None))
    if gain_over_majority.low <= 0:
        found.append(_no_better(scores, gain_over_majority, rows))
    return tuple(found)


def leak(findings: Sequence[Finding]) -> Finding | None:
    """What the audit says about test rows that repeat training rows; nearly, where none does so exactly."""
    found = {finding.id: finding for finding in findings}
    return found.get(LEAK_FINDING) or found.get(NEAR_LEAK_FINDING)


def _with_clean_score(
    repeated: Finding, near: int, scores: Scores, clean: Scores | None, clean_rows: int
) -> Finding:
    them = "them"
    if near and repeated.id == LEAK_FINDING:
        them = f"them and the {near:,} that nearly repeat one"
    if clean is None:
        if clean_rows:  # the rows it speaks of are not among those that were scored
            return repeated
        message = f"{repeated.message} No test row remains without {them}: nothing is known about new texts."
        action = "Do not quote the score; collect test rows that are not in the training data."
        return repeated.model_copy(update={"message": message, "action": action})
    pairs = ", ".join(
        f"{metric.words} is {scores[metric].value:.3f} on all and {clean[metric].value:.3f} on the rest"
        for metric in (Metric.ACCURACY, Metric.MACRO_F1)
    )
    message = f"{repeated.message} Without {them} {clean_rows} rows remain: {pairs}."
    return repeated.model_copy(
        update={
            "message": message,
            "action": "Both scores are reported everywhere; quote the one on the rest.",
        }
    )


def _too_good(
    scores: Scores, baselines: Sequence[ScoredModel], rows: int, same_family: bool, leaked: bool
) -> Finding:
    linear = next(model for model in baselines if model.name == "linear")
    reached = linear.scores[Metric.ACCURACY]
    span = f"{reached.value:.3f} [{reached.low:.3f}, {reached.high:.3f}]"
    if reached.value >= TOO_GOOD:
        severity = Severity.CRITICAL
        subject = (
            "The model is a linear model on words, and so is its baseline"
            if same_family
            else ("A linear model on words does as well")
        )
        message = (
            f"Accuracy is {scores[Metric.ACCURACY].value:.3f}. {subject}, at {span}: words alone give the "
            "answer away, so this score says how the data was made, not how good the model is."
        )
    else:
        severity = Severity.HIGH
        message = (
            f"Accuracy is {scores[Metric.ACCURACY].value:.3f}, better than real data usually allows; a "
            f"linear model on words reaches {span}."
        )
    if not leaked:
        message += " No test row repeats a training row."
    return Finding(
        id="score_too_good",
        severity=severity,
        count=rows,
        share=1.0,
        split="test",
        rows=(),  # it is about the split as a whole
        message=message,
        action="Do not quote the score as quality; try the model on texts written by real users first.",
    )


def _no_better_than_linear(linear: Comparison, baselines: Sequence[ScoredModel]) -> Finding:
    score = next(model for model in baselines if model.name == "linear").scores[linear.metric]
    why = (
        "Words alone give the answer away: texts of a class share their wording, as templated data does."
        if score.value >= TOO_GOOD
        else "What tells these classes apart is in single words, or the data is too small to show more."
    )
    gain = [100 * value for value in (linear.gain.value, linear.gain.low, linear.gain.high)]
    return Finding(
        id="no_better_than_linear",
        severity=Severity.HIGH,
        count=linear.rows,
        share=1.0,
        split="test",
        rows=(),  # it is about the split as a whole
        message=(
            f"The linear baseline does {standing(linear)}: {linear.metric.words} {score.value:.3f} "
            f"[{score.low:.3f}, {score.high:.3f}]; the trained model gains {gain[0]:+.1f} points "
            f"[{gain[1]:+.1f}, {gain[2]:+.1f}]. {why}"
        ),
        action="Use the linear model, which is smaller and faster, unless you expect other wording.",
    )


def _no_better(scores: Scores, gain: Interval, rows: int) -> Finding:
    return Finding(
        id="no_better_than_trivial",
        severity=Severity.CRITICAL,
        count=rows,
        share=1.0,
        split="test",
        rows=(),  # it is about the split as a whole
        message=(
            f"Accuracy {scores[Metric.ACCURACY].value:.3f} is within noise of always answering the most "
            f"frequent class: the gain is {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]."
        ),
        action="Do not use the model; look at the labels and at whether the text can tell them apart.",
    )


def verdict(scores: Scores, metric: Metric, findings: Sequence[Finding]) -> str:
    """The one sentence that a report opens with."""
    found = scores[metric]
    words = metric.words[0].upper() + metric.words[1:]
    said = f"{words} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}] on the sealed test split"
    ids = {finding.id for finding in findings}
    if "no_better_than_trivial" in ids:
        return f"{said}, which is no better than always giving the most frequent answer."
    if "no_better_than_linear" in ids:
        return f"{said}, and the linear baseline does no worse; see the findings."
    if "score_too_good" in ids:
        return f"{said}, but this says more about the data than about the model; see the findings."
    if LEAK_FINDING in ids:
        return f"{said}; part of the test split repeats training rows, so quote the score without them."
    if NEAR_LEAK_FINDING in ids:
        return (
            f"{said}; part of the test split nearly repeats training rows, so quote the score without them."
        )
    return f"{said}."
