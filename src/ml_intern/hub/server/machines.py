"""The machines that this Hub pretends to rent out: all of them are the one it runs on.

The names are those of the public Hub, so that a plan made here reads like one made there. The prices are made
up: they are near those that the public Hub showed in 2025, and bind nobody.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Machine:
    """One flavour; the price is in micro-dollars a minute."""

    name: str
    pretty: str
    cpu: str
    ram: str
    micro_usd: int
    gpu: tuple[str, str] | None = None

    def told(self) -> dict[str, Any]:
        """As the protocol writes it."""
        told: dict[str, Any] = {
            "name": self.name,
            "prettyName": self.pretty,
            "cpu": self.cpu,
            "ram": self.ram,
            "unitCostMicroUSD": self.micro_usd,
            "unitCostUSD": self.micro_usd / 1_000_000,
            "unitLabel": "minute",
        }
        if self.gpu:
            model, vram = self.gpu
            accelerator = {"type": "gpu", "model": model, "quantity": "1", "vram": vram}
            told["accelerator"] = accelerator | {"manufacturer": "Nvidia"}
        return told


MACHINES: Final = {
    each.name: each
    for each in (
        Machine("cpu-basic", "CPU Basic", "2 vCPU", "16 GB", 167),
        Machine("cpu-upgrade", "CPU Upgrade", "8 vCPU", "32 GB", 500),
        Machine("t4-small", "Nvidia T4 - small", "4 vCPU", "15 GB", 6_667, ("T4", "16 GB")),
        Machine("t4-medium", "Nvidia T4 - medium", "8 vCPU", "30 GB", 10_000, ("T4", "16 GB")),
        Machine("l4x1", "1x Nvidia L4", "8 vCPU", "30 GB", 13_333, ("L4", "24 GB")),
        Machine("a10g-small", "Nvidia A10G - small", "4 vCPU", "15 GB", 16_667, ("A10G", "24 GB")),
    )
}
