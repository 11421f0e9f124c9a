"""Training without rows whose label is probably wrong.

What is left out are the suspects of confident learning (arXiv:1911.00068), as its authors prune them. To
correct them by hand is better, but needs a person; the test rows stay as they are either way.
"""

from ml_intern.improvement.facts import Facts, Idea, guess


def suggest(facts: Facts) -> Idea | None:
    """The training rows that the audit suspects."""
    for place, finding in enumerate(facts.report.findings):
        rows = facts.training_rows(finding) if finding.id == "label_errors" else ()
        if rows and facts.setting("left_out_rows") in (None, []):
            return _idea(facts, place, rows)
    return None


def _idea(facts: Facts, place: int, rows: tuple[str, ...]) -> Idea:
    share = 100 * len(rows) / len(facts.training_ids)
    return Idea(
        id="label_errors",
        title=f"Train without {len(rows):,} rows of suspected labels",
        change=(
            "Leave them out of training (left_out_rows). Better still: correct those that are wrong, which "
            "ml-intern inspect lists, the most suspect first, and run the task again."
        ),
        evidence=(facts.evidence(place),),
        measure=facts.spec.selection_metric.words,
        expected=guess(
            share / 8,
            -share / 4,
            share / 4,
            "0.4 to 1.0 points where 5 % of banking77's labels were wrong, -0.4 to 0.1 where none were",
        ),
        strength=share / 8,
        config={"left_out_rows": list(rows)} if facts.setting("left_out_rows") == [] else {},
        slower=1 - share / 100,
    )
