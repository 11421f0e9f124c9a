"""Rows without a text.

Shows as a tokenizer, vectorizer or string function that was given None.

Fix: a missing text is read as an empty one, in training and prediction alike. No row is left out: that
would change what is scored.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.functions import FILL_TEXTS
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.source import Edit, Source, names, parse, quoted

PRIORITY = 50
METHODS = "lower|upper|strip|split|replace|encode|casefold|translate|startswith|endswith"
SIGN = re.compile(
    rf"'NoneType' object has no attribute '({METHODS})'|object of type 'NoneType' has no len|"
    r"expected string or bytes-like object, got 'NoneType'|expected str instance, NoneType found|"
    r"argument of type 'NoneType' is not iterable|can only concatenate str \(not .NoneType|"
    r"is an invalid document, expected byte or unicode|You need to specify either `text` or `text_target`|"
    r"TextEncodeInput must be Union|text input must be of type `str`"
)


def recognise(failure: Failure) -> Patch | None:
    """An empty text where there is none, wherever the data is read."""
    found, column = crash(failure), failure.config.get("text_column")
    if not found or not SIGN.search(found.message) or not isinstance(column, str):
        return None
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        if source and "fill_texts(" not in text and (edits := _edits(source, column)):
            files[name] = source.apply(edits, FILL_TEXTS)
    if not files:
        return None
    return Patch(
        bug="missing_text",
        explanation="Some rows have no text. A missing text is now read as an empty one; no row is left out.",
        evidence=found.line,
        files=files,
    )


def _edits(source: Source, column: str) -> list[Edit]:
    """Texts filled in wherever polars reads data."""
    reads = [call for call in source.calls("read_parquet") if not names(call.func) & {"pd", "pandas"}]
    return [edit for call in reads for edit in source.wrap(call, "fill_texts(", f", {quoted(column)})")]
