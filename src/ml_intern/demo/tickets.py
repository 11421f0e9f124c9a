"""Writes readable support tickets of our own making, with a few honest flaws in them."""

import csv
import json
import random
from pathlib import Path
from typing import Any

WEIGHTS = (8, 6, 4, 6, 5, 4, 4, 3)
REPEATED, MISSING, CONFLICTING = 0.04, 0.01, 0.01


def write_tickets(path: Path, rows: int = 1200, seed: int = 0) -> None:
    """Write `rows` tickets as CSV with the columns `ticket` and `issue_type`.

    Some 4 % repeat an earlier ticket up to letter case, 1 % have no text and 1 % repeat an earlier
    text under another label. The same seed writes the same bytes.
    """
    phrases = json.loads(Path(__file__).with_name("phrases.json").read_text(encoding="utf-8"))
    chance = random.Random(seed)
    tickets: list[tuple[str, str]] = []
    while len(tickets) < rows:
        tickets.append(_ticket(phrases, chance, tickets))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["ticket", "issue_type"])
        writer.writerows(tickets)


def _ticket(phrases: dict[str, Any], chance: random.Random, before: list[tuple[str, str]]) -> tuple[str, str]:
    issues = list(phrases["issues"])
    issue = chance.choices(issues, WEIGHTS)[0]
    draw = chance.random()
    if before and draw < REPEATED:
        text, issue = chance.choice(before)
        return text.upper() if chance.random() < 0.3 else text, issue
    if draw < REPEATED + MISSING:
        return "", issue
    if before and draw < REPEATED + MISSING + CONFLICTING:
        return chance.choice(before)[0], issue
    slots = {name: chance.choice(values) for name, values in phrases["slots"].items()}
    core = chance.choice(phrases["issues"][issue]).format(**slots)
    opener, closer = (chance.choice(phrases[part]) for part in ("openers", "closers"))
    text = f"{opener}{core}{closer}"
    return text[0].upper() + text[1:], issue
