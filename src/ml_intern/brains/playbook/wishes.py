"""Base models that people name in a sentence, and where the Hub keeps them."""

import re
from typing import Final

_HUB_ID = re.compile(r"(?<![\w/:.])([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*[A-Za-z0-9])(?![\w/])")
_WORDS: Final = (
    # Longer names first: DistilBERT and RoBERTa contain BERT.
    (r"all-?mini-?lm(?:-l6-v2)?|mini-?lm", "sentence-transformers/all-MiniLM-L6-v2"),
    (r"distil-?roberta", "distilbert/distilroberta-base"),
    (r"distil-?bert", "distilbert/distilbert-base-uncased"),
    (r"modern-?bert", "answerdotai/ModernBERT-base"),
    (r"xlm-?roberta|xlm-?r", "FacebookAI/xlm-roberta-base"),
    (r"roberta", "FacebookAI/roberta-base"),
    (r"deberta(?:-?v3)?", "microsoft/deberta-v3-base"),
    (r"albert", "albert/albert-base-v2"),
    (r"electra", "google/electra-small-discriminator"),
    (r"bert-?tiny", "google/bert_uncased_L-2_H-128_A-2"),
    (r"bert(?:-base)?", "google-bert/bert-base-uncased"),
)
_NEARBY: Final = re.compile(r"\b(model|encoder|fine-?tun\w*|train\w*|start\w* from|base)\b", re.I)

_DATA_BEFORE: Final = re.compile(
    r"\b(dataset|data set|data|corpus)\s+(?:called\s+|named\s+|from\s+|is\s+)?[`'\"]?$", re.I
)
_DATA_AFTER: Final = re.compile(r"[`'\"]?\s+(dataset|data set|data|corpus)\b", re.I)


def named_dataset(sentence: str) -> str | None:
    """The Hub id that stands beside the word "dataset" or "data" in the sentence; None without one."""
    for match in _HUB_ID.finditer(sentence):
        if _is_data(sentence, match):
            return match[1]
    return None


def _is_data(sentence: str, match: re.Match[str]) -> bool:
    before, after = (
        sentence[max(0, match.start() - 25) : match.start()],
        sentence[match.end() : match.end() + 15],
    )
    return _DATA_BEFORE.search(before) is not None or _DATA_AFTER.match(after) is not None


def named_model(sentence: str) -> str | None:
    """The Hub id of the base model that the sentence names; None where it names none.

    A word with a slash counts as an id only beside a word such as "model" or "fine-tune": otherwise
    "yes/no" would be one.
    """
    for match in _HUB_ID.finditer(sentence):
        around = sentence[max(0, match.start() - 40) : match.end() + 20]
        if _is_data(sentence, match):
            continue
        if _NEARBY.search(around) and any(c.isdigit() or c == "-" for c in match[1]):
            return match[1]
    for pattern, hub_id in _WORDS:
        if re.search(rf"\b(?:{pattern})\b", sentence, re.I):
            return hub_id
    return None
