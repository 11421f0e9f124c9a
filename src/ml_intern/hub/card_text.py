"""The text of a repository's card, bounded."""

import re
import tempfile
from pathlib import Path
from typing import Final

from ml_intern.hub.access import HubAccess
from ml_intern.hub.errors import in_words

LONGEST_CARD: Final = 64 << 10
"""Bytes of a card that are read."""
_FRONT_MATTER: Final = re.compile(r"\A\ufeff?---\n.*?\n---\n", re.S)


def card_text(access: HubAccess, kind: str, repo: str, commit: str, size: int) -> str:
    """The card of a model or dataset without its header; empty where there is none or it is far too long.

    Raises:
        HubRefused: it may not be read.
        HubDown: the Hub does not answer.
    """
    if not 0 < size <= 16 * LONGEST_CARD:
        return ""
    with (
        in_words(f"show the card of {repo}"),
        tempfile.TemporaryDirectory(prefix="ml-intern-card-") as folder,
    ):
        path = access.api.hf_hub_download(
            repo, "README.md", repo_type=kind, revision=commit, local_dir=folder
        )
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            text = file.read(LONGEST_CARD)
    return _FRONT_MATTER.sub("", text)
