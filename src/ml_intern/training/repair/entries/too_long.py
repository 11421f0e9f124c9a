"""A text with more tokens than the encoder has places for.

Shows as an index error or a mismatch of sizes inside the model, after the tokenizer's own warning, or as
the shipped recipes' message about `max_length`.

Fix: the tokenizer cuts texts at the length that the warning or the message names.
"""

import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash, last_match
from ml_intern.training.repair.source import has_keyword, parse

PRIORITY = 40
SIGN = re.compile(
    r"index out of range in self|must match the (existing )?size|exceeds the maximum|"
    r"maximum sequence length|max_position_embeddings"
)
WARNING = re.compile(r"sequence length is longer than .{0,80}\((\d{1,7}) > (\d{1,7})\)")
PLACES = re.compile(r"(?:existing size|tensor b) \((\d{1,7})\)")
RECIPE = re.compile(r"max_length is \d{1,9}, but .{0,300} takes at most (\d{1,9}) tokens")
TOKENIZERS = ("tokenizer", "tok", "encode", "batch_encode_plus", "encode_plus")


def recognise(failure: Failure) -> Patch | None:
    """Texts cut to what the encoder takes."""
    if stated := last_match(RECIPE, failure.log):
        limit = int(stated[0][1])
        return _patch(stated[1], limit, config={"max_length": limit})
    found, warned = crash(failure), last_match(WARNING, failure.log)
    if not found or not SIGN.search(found.message):
        return None
    places = PLACES.search(found.message)
    known = warned[0][2] if warned else places[1] if places else None
    if known is None:
        return None
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        calls = (
            [c for c in source.calls(*TOKENIZERS) if c.args and not has_keyword(c, "truncation")]
            if source
            else []
        )
        if source and calls:
            files[name] = source.apply(
                [source.add_argument(call, f"truncation=True, max_length={known}") for call in calls]
            )
    return _patch(warned[1] if warned else found.line, int(known), files=files) if files else None


def _patch(
    evidence: str, limit: int, files: dict[str, str] | None = None, config: dict[str, int] | None = None
) -> Patch:
    return Patch(
        bug="too_long",
        explanation=f"A text has more than the {limit} tokens that the encoder takes. It is now cut there.",
        evidence=evidence,
        files=files or {},
        config=dict(config or {}),
    )
