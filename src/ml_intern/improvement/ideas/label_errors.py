"""Correcting labels that are probably wrong."""

from ml_intern.improvement.facts import Facts, Idea, guess


def suggest(facts: Facts) -> Idea | None:
    """The rows that the audit suspects."""
    found = facts.finding("label_errors")
    if found is None:
        return None
    finding, evidence = found
    share = 100 * finding.share
    return Idea(
        id="label_errors",
        title=f"Read and correct {finding.count:,} suspected labels",
        change="ml-intern inspect lists them, the most suspect first; correct those that are wrong.",
        evidence=(evidence,),
        measure=facts.spec.selection_metric.words,
        expected=guess(share / 4, 0, share, "a quarter of the suspected rows cost an answer; a guess"),
        strength=share / 4,
        slower=0.0,
    )
