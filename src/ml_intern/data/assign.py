"""Dividing rows into parts: stratified by label, near-copies kept together, the same for the same seed."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from ml_intern.data.table import TRAIN


def assign(rows: Iterable[tuple[str, str]], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Which part each group of rows goes to.

    Args:
        rows: (group, label) of every row; a group is a normalised text.
        shares: the part of all rows that each held-out part should get; the rest goes to train.
        seed: another seed gives another division.

    Returns:
        The part of each group. A class gets its share in each held-out part, at least one group and
        never the group that train needs; a class with fewer groups than there are parts stays whole in
        train. A group with several labels counts for its most frequent one.
    """
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for group, label in rows:
        labels[group][label] += 1
    strata: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for group, counts in labels.items():
        main = min(counts, key=lambda label: (-counts[label], label))
        strata[main].append((group, counts.total()))
    parts: dict[str, str] = {}
    for groups in strata.values():
        # A hash rather than a random generator: the order depends on nothing but seed and text.
        groups.sort(key=lambda item: hashlib.sha256(f"{seed}\0{item[0]}".encode()).digest())
        parts |= _assign_class(groups, shares)
    return parts


def _assign_class(groups: list[tuple[str, int]], shares: Mapping[str, float]) -> dict[str, str]:
    parts = {group: TRAIN for group, _ in groups}
    if len(groups) <= len(shares):
        return parts
    total = sum(size for _, size in groups)
    free = groups
    for done, (part, share) in enumerate(shares.items(), start=1):
        room = max(1, round(share * total))
        spare = len(free) - 1 - (len(shares) - done)  # one group each for train and the parts to come
        # Groups too large for what is left are passed over, so that none overfills a small part.
        taken: set[str] = set()
        for group, size in free:
            if size <= room and len(taken) < spare:
                taken.add(group)
                room -= size
        if not taken:
            taken = {min(free, key=lambda item: item[1])[0]}
        parts.update(dict.fromkeys(taken, part))
        free = [item for item in free if item[0] not in taken]
    return parts
