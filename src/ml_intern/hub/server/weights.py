"""How large a model is, from the header of its safetensors file, which is hostile until read."""

import functools
import json
import math
from collections import Counter
from pathlib import Path
from typing import Final

LONGEST: Final = 8 << 20
"""Bytes of a header that are read; the format allows 100 MB."""


@functools.lru_cache(maxsize=4_096)
def parameters(path: Path) -> dict[str, int]:
    """Parameters by type in the file that is kept at `path`; empty where its header is not sound.

    The format: 8 bytes with the header's length, little-endian, then JSON.
    https://github.com/huggingface/safetensors#format
    """
    found: Counter[str] = Counter()
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > LONGEST:
            return {}
        said = file.read(length)
    try:
        tensors = json.loads(said)
        for name, tensor in tensors.items():
            if name != "__metadata__":
                found[str(tensor["dtype"])[:16]] += math.prod(int(each) for each in tensor["shape"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return {}
    return dict(found) if all(0 <= count < 1 << 50 for count in found.values()) else {}
