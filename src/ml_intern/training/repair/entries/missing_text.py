"""Rows without a text.

Shows as a tokenizer, vectorizer or string method that was given None.

Fix: a missing text is read as an empty one, in training and prediction alike. No row is left out: that
would change what is scored.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.source import parse

PRIORITY = 50
SIGN = re.compile(
    r"'NoneType' object has no attribute '(lower|upper|strip|split|replace|encode|casefold|translate)'|"
    r"expected string or bytes-like object, got 'NoneType'|is an invalid document, expected byte or unicode|"
    r"TextEncodeInput must be Union|text input must be of type `str`|argument of type 'NoneType'|"
    r"'NoneType' object is not iterable|PreTokenizedInputSequence must be"
)


def recognise(failure: Failure) -> Patch | None:
    """An empty text where there is none, wherever the data is read."""
    found, column = crash(failure), failure.config.get("text_column")
    if not found or not SIGN.search(found.message) or not isinstance(column, str):
        return None
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        if source is None or 'fill_null("")' in text:
            continue
        edits = []
        for call in source.calls("read_parquet"):
            module = source.code(call.func).rpartition(".")[0]
            fill = (
                f".fillna({{{column!r}: ''}})"
                if module in ("pd", "pandas")
                else f'.with_columns({module or "pl"}.col({column!r}).fill_null(""))'
            )
            edits += source.wrap(call, "", fill)
        if edits:
            files[name] = source.apply(edits)
    if not files:
        return None
    return Patch(
        bug="missing_text",
        explanation="Some rows have no text. A missing text is now read as an empty one; no row is left out.",
        evidence=found.line,
        files=files,
    )
