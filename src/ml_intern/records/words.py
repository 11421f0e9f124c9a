"""Quantities as people read them."""

from typing import Any, Final

_MOST_ENTRIES: Final = 8


def duration(seconds: float) -> str:
    """Seconds up to two minutes, then minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def dollars(micro_usd: int) -> str:
    """Millionths of a US dollar as dollars and cents; amounts below a dollar with all their digits."""
    cents = f"${micro_usd / 1_000_000:.2f}"
    if micro_usd % 10_000 == 0 or micro_usd >= 1_000_000:
        return cents
    return f"${micro_usd / 1_000_000:.6f}".rstrip("0")


def storage(count: int) -> str:
    """Bytes in GiB with one decimal, small amounts in MiB."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 / 10 else f"{count / 2**20:.1f} MiB"


def setting(value: Any) -> str:
    """The value of a setting; of a long list only how many it holds."""
    if value is None or value == []:
        return "none"
    return f"{len(value)} entries" if isinstance(value, list) and len(value) > _MOST_ENTRIES else str(value)
