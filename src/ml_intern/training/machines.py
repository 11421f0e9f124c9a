"""How much faster than this machine rented hardware trains, foretold from data sheets."""

from typing import Final

from ml_intern.records.jobs import Hardware

PEAK_GFLOPS: Final = {
    "T4": 8_100,
    "L4": 30_300,
    "A10G": 31_200,
    "L40S": 91_600,
    "A100": 19_500,
    "H200": 67_000,
}
"""Peak speed in 32-bit floating point, from NVIDIA's data sheets of these cards (A10G: that of the A10)."""
USED: Final = 0.3
"""The share of its peak that a small encoder gets out of a card; assumed: small models leave it waiting."""
GFLOPS_PER_CORE: Final = 48.0
"""What one core of the machines we measured on did: all-MiniLM-L6-v2 at 47 rows/s of 32 tokens on 2 cores,
times 6 operations a parameter and token, for its 10.6 M parameters outside the embeddings."""
START_SECONDS: Final = 150.0
"""From being scheduled to the first step on a rented machine: image, packages with CUDA, model; assumed."""
SPREAD: Final = 2.0
"""The factor up and down within which such an estimate is given."""


def speed_up(hardware: Hardware, cores_here: int) -> float | None:
    """How many times as fast as here its accelerator trains; None where it has none that is known.

    Never below 1: a card that is slower than this machine is a card that was not used.
    """
    peak = PEAK_GFLOPS.get(hardware.accelerator or "")
    return None if peak is None else max(1.0, peak * USED / (GFLOPS_PER_CORE * cores_here))
