"""Reading more of long texts, where many are cut."""

from ml_intern.improvement.facts import Facts, Idea, guess
from ml_intern.records.improvements import Evidence

LEAST_SHARE = 0.02
MOST_TOKENS = 512


def suggest(facts: Facts) -> Idea | None:
    """Twice as many tokens for each text."""
    length, lengths = facts.setting("max_length"), facts.report.lengths
    if not isinstance(length, int) or lengths is None or 2 * length > MOST_TOKENS or facts.spec.max_length:
        return None
    cut = [(place, each) for place, each in enumerate(lengths.longer) if each.tokens >= length and each.rows]
    if not cut or cut[0][1].rows < LEAST_SHARE * facts.report.rows:
        return None
    place, found = cut[0]
    share = 100 * found.rows / facts.report.rows
    return Idea(
        id="longer_sequence",
        title="Read longer texts to their end",
        change=f"Cut texts after {2 * length} tokens instead of {length} (max_length={2 * length}).",
        evidence=(
            Evidence(
                source=f"data_report.lengths.longer.{place}.rows",
                text=f"{found.rows:,} texts ({share:.1f} %) are longer than {found.tokens} tokens.",
            ),
        ),
        measure=facts.spec.selection_metric.words,
        expected=guess(0.1 * share, 0, share, "a tenth of the cut texts are answered wrong for it; a guess"),
        strength=0.1 * share,
        config={"max_length": 2 * length},
        slower=1 + share / 100,
    )
