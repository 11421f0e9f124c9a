"""What repositories, revisions and files may be called. Names come from strangers and end up in paths."""

import re
import unicodedata
from typing import Final

from ml_intern.hub.server.refusals import Refused

KINDS: Final = ("model", "dataset", "space")
_PART: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REF: Final = re.compile(r"[\w][\w./-]{0,199}", re.ASCII)
LONGEST_PATH: Final = 1_000
"""Bytes of a file's path in a repository; common file systems allow 255 for a part."""


def repo_part(text: object) -> str:
    """An owner's or a repository's name.

    Raises:
        Refused: it is none.
    """
    if (
        isinstance(text, str)
        and _PART.fullmatch(text)
        and ".." not in text
        and not text.endswith((".git", "."))
    ):
        return text
    raise Refused(
        400, "A name has letters, digits, '-', '_' and '.', at most 96 of them, and starts with one."
    )


def ref_name(text: object) -> str:
    """The name of a branch or tag.

    Raises:
        Refused: it is none.
    """
    if isinstance(text, str) and _REF.fullmatch(text) and not re.search(r"//|\.\.|/$|\.lock$", text):
        return text
    raise Refused(400, "That is no name for a branch or tag.")


def file_path(text: object) -> str:
    """A file's path in a repository: relative, forward, without tricks.

    Raises:
        Refused: it is none.
    """
    if not isinstance(text, str) or not 0 < len(text.encode("utf-8", "replace")) <= LONGEST_PATH:
        raise Refused(400, "A path has 1 to 1000 bytes.")
    parts = text.split("/")
    odd = any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text) or "\\" in text
    if (
        odd
        or any(part in ("", ".", "..") or len(part.encode()) > 255 for part in parts)
        or parts[0] == ".git"
    ):
        raise Refused(400, "A path is relative and holds no '..', no empty part, no control character.")
    return text
