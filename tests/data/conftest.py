import csv
import os
import random
import string
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

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


def _words(number: int) -> list[str]:
    chance = random.Random(number)
    return ["".join(chance.choices(string.ascii_lowercase, k=5)) for _ in range(4)]
