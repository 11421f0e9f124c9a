"""Machines as the Jobs API lists them."""

import re
from typing import TYPE_CHECKING

from ml_intern.records.jobs import Hardware

if TYPE_CHECKING:
    from huggingface_hub import JobHardwareInfo

_SIZES = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def hardware(offer: "JobHardwareInfo") -> Hardware:
    """One machine with its price of now."""
    return Hardware(
        flavour=offer.name,
        micro_usd_per_unit=offer.unit_cost_micro_usd,
        unit=offer.unit_label,
        cpus=_number(offer.cpu),
        memory_bytes=_bytes(offer.ram),
        accelerator=offer.accelerator.model if offer.accelerator else None,
    )


def _number(text: str) -> int:
    """The number that a text begins with; 1 where it begins with none, as "N/A" does."""
    found = re.match(r"\s*(\d+)", text)
    return int(found[1]) if found else 1


def _bytes(text: str) -> int:
    """A size such as "15 GB"; 0 where it is not understood."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]B)", text, re.IGNORECASE)
    return round(float(found[1]) * _SIZES[found[2].upper()]) if found else 0
