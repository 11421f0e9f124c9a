"""Base models on the Hub: what it tells of encoders to start a classifier from. No file is fetched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ml_intern.hub.access import HubAccess
from ml_intern.hub.errors import in_words
from ml_intern.hub.models import TIMEOUT

KINDS: Final = ("sentence-similarity", "fill-mask", "feature-extraction")
"""The Hub's names for what encoders without a task of their own are used for."""
MOST: Final = 4
"""Models of each kind that are looked at, the most used first."""


@dataclass(frozen=True)
class HubModel:
    """What the Hub tells about a model at one commit. `parameters` is None where it does not say."""

    name: str
    commit: str
    licence: str
    parameters: int | None
    safe: bool
    needs_code: bool
    gated: bool
    languages: tuple[str, ...]
    downloads: int


def find_models(access: HubAccess) -> list[HubModel]:
    """The most used encoders of each kind.

    Raises:
        HubDown: the Hub does not answer.
        HubRefused: it would not say.
    """
    names: list[str] = []
    with in_words("search for base models"):
        access.knock()
        for kind in KINDS:
            names += [m.id for m in access.api.list_models(pipeline_tag=kind, sort="downloads", limit=MOST)]
        found = [
            access.api.model_info(name, files_metadata=True, timeout=TIMEOUT) for name in dict.fromkeys(names)
        ]
    return [_told(info) for info in found]


def _told(info: Any) -> HubModel:
    card: Mapping[str, Any] = info.card_data.to_dict() if info.card_data else {}
    tags = [str(tag) for tag in (info.tags or [])[:100]]
    files = [(each.rfilename, each.size or 0) for each in info.siblings or []]
    weights = [size for name, size in files if name.endswith(".safetensors") and "/" not in name]
    config = info.config or {}
    total = info.safetensors.total if info.safetensors else None
    stated, spoken = card.get("license"), card.get("language")
    languages = [spoken] if isinstance(spoken, str) else spoken if isinstance(spoken, list) else []
    return HubModel(
        name=info.id,
        commit=str(info.sha),
        licence=stated.lower()[:60] if isinstance(stated, str) and stated.isprintable() else "unknown",
        parameters=total or (sum(weights) // 4 or None),
        safe=bool(weights),
        needs_code="custom_code" in tags or "auto_map" in config,
        gated=bool(info.gated),
        languages=tuple(str(each)[:12] for each in languages[:50]),
        downloads=info.downloads or 0,
    )
