"""A prediction file comes from a sandbox and is trusted in nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.records.errors import JobFailed

IDS = ["test:0", "test:1"]
LABELS = ["a", "b"]
SOUND: dict[str, Any] = {"row_id": IDS, "label": ["a", "b"], "probabilities": [[0.7, 0.3], [0.2, 0.8]]}


def write(path: Path, **changes: Any) -> Path:
    pl.DataFrame(SOUND | changes, strict=False).write_parquet(path / "p.parquet")
    return path / "p.parquet"


def test_order_is_restored(tmp_path: Path) -> None:
    found = read_predictions(write(tmp_path), IDS[::-1], LABELS)
    assert found.ids == ("test:1", "test:0")
    assert found.answers.tolist() == [1, 0]
    np.testing.assert_allclose(found.probabilities, [[0.2, 0.8], [0.7, 0.3]])


def test_optional_columns_follow_the_order_and_may_be_missing(tmp_path: Path) -> None:
    assert read_predictions(write(tmp_path), IDS, LABELS).energy is None
    more = {"energy": [1, 2], "embedding": [[1.0, 2.0], [3.0, 4.0]]}
    found = read_predictions(write(tmp_path, **more), IDS[::-1], LABELS)
    assert found.energy is not None and found.embeddings is not None
    assert found.energy.tolist() == [2, 1] and found.embeddings.tolist() == [[3, 4], [1, 2]]
    last = found.part(1, 2)
    assert last.ids == ("test:0",) and last.energy is not None and last.energy.tolist() == [1]


def test_single_precision_and_ties_are_sound(tmp_path: Path) -> None:
    tied = pl.Series([[0.5, 0.5], [1 / 3, 2 / 3]], dtype=pl.List(pl.Float32))
    assert read_predictions(write(tmp_path, probabilities=tied), IDS, LABELS).answers.tolist() == [0, 1]
    assert read_predictions(write(tmp_path, probabilities=tied, label=["b", "b"]), IDS, LABELS)


UNSOUND: dict[str, tuple[dict[str, Any], str]] = {
    "a row too few": (
        {"row_id": IDS[:1], "label": ["a"], "probabilities": [[1.0, 0.0]]},
        "1 rows; 2 were asked",
    ),
    "another row": ({"row_id": ["test:0", "test:9"]}, "not for exactly the 2 rows"),
    "a row twice": ({"row_id": ["test:0", "test:0"]}, "not for exactly the 2 rows"),
    "no row id": ({"row_id": ["test:0", None]}, "not for exactly the 2 rows"),
    "a label too few": ({"probabilities": [[1.0], [1.0]]}, "one probability for each of 2 labels"),
    "ragged": ({"probabilities": [[1.0, 0.0], [1.0]]}, "one probability for each of 2 labels"),
    "no list": ({"probabilities": [None, [0.2, 0.8]]}, "one probability for each of 2 labels"),
    "not a list": ({"probabilities": [0.5, 0.5]}, "cannot be read"),
    "words": ({"probabilities": [["x", "y"], ["x", "y"]]}, "cannot be read"),
    "null": ({"probabilities": [[None, 1.0], [0.2, 0.8]]}, "no probabilities"),
    "not a number": ({"probabilities": [[float("nan"), 1.0], [0.2, 0.8]]}, "no probabilities"),
    "infinite": ({"probabilities": [[float("inf"), 0.0], [0.2, 0.8]]}, "no probabilities"),
    "negative": ({"probabilities": [[1.2, -0.2], [0.2, 0.8]]}, "no probabilities"),
    "sum": ({"probabilities": [[0.7, 0.4], [0.2, 0.8]]}, "do not add up to 1"),
    "unlikely label": ({"label": ["b", "b"]}, "not the likeliest one: 'b'"),
    "unknown label": ({"label": ["c", "b"]}, "not the likeliest one: 'c'"),
    "no label": ({"label": [None, "b"]}, "not the likeliest one: None"),
    "no energy": ({"energy": [1.0, None]}, "energies in p.parquet are not all finite"),
    "infinite energy": ({"energy": [1.0, float("-inf")]}, "energies in p.parquet are not all finite"),
    "energy in words": ({"energy": ["x", "y"]}, "cannot be read"),
    "ragged embeddings": ({"embedding": [[1.0], [1.0, 2.0]]}, "not equally long lists"),
    "empty embeddings": ({"embedding": [[], []]}, "not equally long lists"),
    "no embedding": ({"embedding": [[1.0], None]}, "not equally long lists"),
    "a hole in an embedding": (
        {"embedding": [[1.0, None], [1.0, 2.0]]},
        "embeddings in p.parquet are not all",
    ),
    "an endless embedding": ({"embedding": [[1.0] * 9000] * 2}, "not equally long lists"),
    "endless label": ({"label": ["x" * 10**6, "b"]}, "…"),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_unsound_predictions_are_refused(tmp_path: Path, case: str) -> None:
    changes, message = UNSOUND[case]
    with pytest.raises(JobFailed, match=message) as caught:
        read_predictions(write(tmp_path, **changes), IDS, LABELS)
    assert len(caught.value.message) < 600


def test_a_missing_column_or_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    with pytest.raises(JobFailed, match="cannot be read"):
        read_predictions(path, IDS, LABELS)
    pl.DataFrame({"row_id": IDS}).write_parquet(path)
    with pytest.raises(JobFailed, match="cannot be read"):
        read_predictions(path, IDS, LABELS)


def test_damaged_files_are_refused_or_read_never_worse(tmp_path: Path) -> None:
    whole = write(tmp_path).read_bytes()
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for place in generator.integers(0, len(whole), 4):
            damaged[place] = generator.integers(0, 256)
        path = tmp_path / "damaged.parquet"
        path.write_bytes(damaged[: generator.integers(0, 2 * len(whole))])
        try:
            read_predictions(path, IDS, LABELS)
        except JobFailed:
            refused += 1
    assert refused > 200
