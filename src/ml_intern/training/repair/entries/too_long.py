"""A text with more tokens than the encoder has places for.

Shows as an index error or a mismatch of sizes inside the model, often after the tokenizer's own warning, or
as the shipped recipes' message about `max_length`.

Fix: the tokenizer cuts texts at the least of the lengths that the log and the config name. Longer texts are
read from their start, in training and prediction alike.
"""

import ast
import re

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash, last_match
from ml_intern.training.repair.source import Edit, Source, keyword, parse

PRIORITY = 40
SIGN = re.compile(
    r"^index out of range in self|^index \d{1,9} is out of bounds for dimension 1 with size \d|"
    r"^The (?:expanded )?size of (?:the )?tensor .{0,20}must match the (?:existing )?size"
)
PLACES = re.compile(r"(?:existing size|tensor b) \((\d{1,7})\)|for dimension 1 with size (\d{1,7})$")
WARNING = re.compile(r"sequence length is longer than .{0,80}\((\d{1,7}) > (\d{1,7})\)")
VOCABULARY = re.compile(r"\b(word_embeddings|embed_tokens)\(")
"""In the traceback of an index that is out of range because the tokenizer is that of another model."""
RECIPE = re.compile(r"max_length is \d{1,9}, but .{0,300} takes at most (\d{1,9}) tokens")
TOKENIZER = re.compile(r"(?:^|[._])tok(?:enizer)?(?:\.encode|\.encode_plus|\.batch_encode_plus)?$")
"""How the call of a tokenizer is written."""


def recognise(failure: Failure) -> Patch | None:
    """Texts cut to what the encoder takes."""
    if stated := last_match(RECIPE, failure.log):
        limit = int(stated[0][1])
        return _patch(limit, stated[1]).model_copy(update={"config": {"max_length": limit}})
    found = crash(failure)
    places = _limit(failure, found.message) if found and SIGN.search(found.message) else None
    if found is None or places is None or last_match(VOCABULARY, failure.log):
        return None
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        if source and (edits := _edits(source, places)):
            files[name] = source.apply(edits)
    return _patch(places, found.line).model_copy(update={"files": files}) if files else None


def _limit(failure: Failure, message: str) -> int | None:
    """The least number of tokens that the config, the tokenizer's warning and the error allow."""
    warned, places = last_match(WARNING, failure.log), PLACES.search(message)
    asked = failure.config.get("max_length")
    known = [
        int(warned[0][2]) if warned else 0,
        int(places[1] or places[2]) if places else 0,
        asked if type(asked) is int else 0,
    ]
    return min((limit for limit in known if limit > 0), default=None)


def _edits(source: Source, places: int) -> list[Edit]:
    """Each call of a tokenizer told to cut at so many tokens."""
    edits = []
    for call in source.nodes(ast.Call):
        length, cut = keyword(call, "max_length"), keyword(call, "truncation")
        if not call.args or not TOKENIZER.search(source.code(call.func)):
            continue
        if length is None:
            edits.append(source.add_argument(call, f"max_length={places}"))
        elif isinstance(length, ast.Constant) and isinstance(length.value, int) and length.value > places:
            edits.append(source.replace(length, str(places)))
        if cut is None:
            edits.append(source.add_argument(call, "truncation=True"))
        elif isinstance(cut, ast.Constant) and not cut.value:
            edits.append(source.replace(cut, "True"))
    return edits


def _patch(limit: int, evidence: str) -> Patch:
    return Patch(
        bug="too_long",
        explanation=f"A text has more than the {limit} tokens that the encoder takes. It is now cut there.",
        evidence=evidence,
    )
