import csv
import os
import random
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import pytest

from ml_intern.data.audit import audit
from ml_intern.data.load import Tables, load
from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnChoice, DataReport, Finding

Rows = Sequence[Sequence[str]]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows as CSV under a name and returns the path."""

    def to_csv(name: str, rows: Rows, header: Sequence[str] = ("text", "label")) -> Path:
        path = tmp_path / "data" / name
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return to_csv


def real(name: str) -> Path:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("ML_INTERN_DATASETS", root.parent / "shared" / "datasets")) / name
    if not folder.is_dir():
        pytest.skip(f"the real dataset {name} is not at {folder}; set ML_INTERN_DATASETS")
    return folder


@pytest.fixture
def bitext() -> Path:
    return real("bitext-support")


@pytest.fixture
def banking77() -> Path:
    return real("banking77")


def clean_rows(count: int, start: int = 0) -> list[tuple[str, str]]:
    """Rows of three classes whose texts have hardly a word in common: no two are near-copies."""
    return [(" ".join(["the", *_words(i), "arrived"]), "abc"[i % 3]) for i in range(start, start + count)]


_POOL = ["".join(letters) for letters in product("bdklmnrst", "aeiou", "bdklmnrst", "aeiou")]
"""2,025 words that can be spoken, so that no check takes them for gibberish."""


def _words(number: int) -> list[str]:
    return random.Random(number).choices(_POOL, k=4)


def report(location: Path, text: str = "text", label: str = "label") -> DataReport:
    return audited(load(location), text, label)


def audited(tables: Tables, text: str = "text", label: str = "label") -> DataReport:
    choices = (ColumnChoice(name=name, reason="-") for name in (text, label))
    return audit(AuditTable.of(tables, text, label), *choices)


def find(data: DataReport, id: str, split: str | None = None) -> Finding | None:
    hits = [finding for finding in data.findings if (finding.id, finding.split) == (id, split)]
    assert len(hits) <= 1
    return hits[0] if hits else None


def need(data: DataReport, id: str, split: str | None = None) -> Finding:
    finding = find(data, id, split)
    assert finding is not None, f"no {id} in {[f.id for f in data.findings]}"
    return finding
