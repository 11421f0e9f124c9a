"""Suggestions from what was measured, the strongest evidence first."""

from ml_intern.improvement.facts import Facts, Idea
from ml_intern.improvement.ideas import discover
from ml_intern.records.improvements import Suggestion


def suggestions(facts: Facts, cost_micro_usd: int) -> tuple[Suggestion, ...]:
    """All that the facts speak for, numbered from 1, but for the changes that were tried in vain.

    `cost_micro_usd` is what the last training cost.
    """
    ideas = [idea for suggest in discover() if (idea := suggest(facts)) and idea.changes not in facts.in_vain]
    ideas.sort(key=lambda idea: (-idea.strength, idea.id))
    return tuple(_numbered(number, idea, facts, cost_micro_usd) for number, idea in enumerate(ideas, start=1))


def _numbered(number: int, idea: Idea, facts: Facts, cost_micro_usd: int) -> Suggestion:
    return Suggestion(
        number=number,
        id=idea.id,
        title=idea.title,
        change=idea.change,
        evidence=idea.evidence,
        measure=idea.measure,
        expected=idea.expected,
        minutes=round(idea.slower * facts.trained.seconds / 60, 2),
        cost_micro_usd=round(idea.slower * cost_micro_usd),
        config=idea.config,
        unknown=idea.unknown,
    )
