"""Looking into one dataset of the Hub: what it says of itself and what its rows show."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.data.audit import audit
from ml_intern.data.columns import Ambiguous, choose
from ml_intern.data.label_fit import label_fit
from ml_intern.data.languages import told_languages
from ml_intern.data.load import Tables, load
from ml_intern.data.table import AuditTable
from ml_intern.hub.access import HubAccess
from ml_intern.hub.datasets import DatasetName, HubDataset, describe, download, pick_config
from ml_intern.hub.errors import HubDown, HubRefused
from ml_intern.hub.layout import Config
from ml_intern.hub.sample import ROWS, WHOLE, some_rows
from ml_intern.records.display import example
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.research.criteria import Facts

SLOW_CHECKS: Final = frozenset({"label_errors", "look_alike_classes", "shortcut_tokens"})
"""They train models on the rows, which the chosen dataset gets in full at inspection."""
_TEXTS: Final = 1_000
_MOST_CLASSES: Final = 1_000
_LONGEST_REASON: Final = 300
_CODES: Final = {
    "English": "en", "German": "de", "French": "fr", "Spanish": "es", "Italian": "it", "Portuguese": "pt",
    "Dutch": "nl", "Cyrillic": "ru", "Greek": "el", "Arabic": "ar", "Hebrew": "he", "Devanagari": "hi",
    "Chinese or Japanese": "zh", "Korean": "ko", "Thai": "th", "Bengali": "bn", "Tamil": "ta",
}  # fmt: skip


def look_into(access: HubAccess, repo: str, target: str, sentence: str, folder: Path) -> Facts:
    """What can be found out about a dataset. What cannot be read, or may not be, is a fact, too.

    Up to `WHOLE` bytes all rows are read and up to `ROWS` of them audited; of a larger dataset some rows are.
    Nothing is kept in `folder`.

    Raises:
        HubDown: the Hub does not answer, or takes no more requests.
    """
    try:
        found = describe(access, DatasetName(repo))
    except (HubRefused, UsageProblem) as problem:
        return out_of_reach(repo, problem.message)
    if found.gated:
        return _facts(repo, found, f"it is gated: its owner grants access ({found.gated})")
    if found.trouble:
        return _facts(repo, found, found.trouble)
    config, _ = pick_config(found, None, sentence)
    if config is None:
        return _facts(repo, found, f"it has {len(found.configs)} tables and nothing says which one is meant")
    try:
        with _rows(access, found, config, folder) as (location, whole):
            return _read(_facts(repo, found, ""), load(location, strict=False), whole, target, sentence)
    except HubDown:
        raise
    except InternError as problem:
        return _facts(repo, found, problem.message)
    except (ValueError, ArithmeticError, pl.exceptions.PolarsError) as problem:  # one odd file of many
        return _facts(repo, found, f"its rows could not be looked at ({type(problem).__name__})")


def out_of_reach(repo: str, trouble: str) -> Facts:
    """A dataset of which only its name is known."""
    return _facts(repo, None, trouble)


@contextmanager
def _rows(access: HubAccess, found: HubDataset, config: Config, folder: Path) -> Iterator[tuple[Path, bool]]:
    if config.bytes > WHOLE:
        with some_rows(access, found, config) as path:
            yield path, False
        return
    place = folder / "looked-into"
    try:
        yield download(access, found, config, place), True
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _facts(repo: str, found: HubDataset | None, trouble: str) -> Facts:
    return Facts(
        name=repo,
        revision=found.commit if found else "",
        licence=found.licence if found else "unknown",
        title=found.title if found else "",
        tags=found.tags if found else (),
        prose=found.text if found else "",
        languages=found.languages if found else (),
        modified=found.modified if found else "",
        downloads=found.downloads if found else 0,
        trouble=example(trouble, _LONGEST_REASON),
    )


def _read(known: Facts, tables: Tables, whole: bool, target: str, sentence: str) -> Facts:
    """The facts with what the rows show."""
    facts = known.__dict__ | {"rows": tables.rows, "whole": whole}
    try:
        found = choose(tables, target, sentence)
    except InternError as problem:
        return Facts(**facts | {"no_columns": example(problem.message, _LONGEST_REASON)})
    if isinstance(found.text, Ambiguous):
        return Facts(**facts | {"no_columns": f"no telling which column is the text: {found.text.why}"})
    if isinstance(found.label, Ambiguous):
        return Facts(**facts | {"no_columns": f"no telling which column is the label: {found.label.why}"})
    text, label = found.text, found.label
    counts = AuditTable.of(tables, text.name, label.name).usable["label"].value_counts()
    table = AuditTable.of(_some(tables), text.name, label.name)
    texts = tuple(random.Random(0).sample(kept := table.usable["text"].to_list(), min(_TEXTS, len(kept))))
    report = audit(table, text, label, without=SLOW_CHECKS)
    return Facts(
        **facts
        | {
            "text": text.name,
            "label": label.name,
            "label_fit": label_fit(label.name, target, sentence),
            "classes": dict(counts.head(_MOST_CLASSES).rows()),
            "texts": texts,
            "spoken": _spoken(texts),
            "findings": report.findings,
        }
    )


def _some(tables: Tables) -> Tables:
    """At most `ROWS` rows, drawn with a fixed seed from each file in proportion."""
    if tables.rows <= ROWS:
        return tables
    return tables.sampled(ROWS / tables.rows)


def _spoken(texts: tuple[str, ...]) -> str | None:
    """The code of the language that most texts are in, of those that tell."""
    told = [each for each in told_languages(texts) if each is not None]
    if len(told) * 5 < len(texts):
        return None
    most = max(sorted(set(told)), key=told.count)
    return _CODES.get(most) if told.count(most) * 2 > len(told) else None
