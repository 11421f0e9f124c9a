"""The confusion matrix as a picture and a table."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from ml_intern.evaluation.figures import confusion_figure
from ml_intern.evaluation.scores import confusion_matrix
from tests.evaluation.samples import guesses


@pytest.mark.parametrize("classes", [2, 11, pytest.param(77, marks=pytest.mark.long), 120])
def test_any_number_of_classes_gives_a_picture_and_the_same_bytes_again(tmp_path: Path, classes: int) -> None:
    confusion = confusion_matrix(*guesses(600, classes, 0.8, 0), classes)
    labels = tuple(f"class_{i}" for i in range(classes))
    picture, _ = confusion_figure(tmp_path / "one", labels, confusion, "A title")
    again, _ = confusion_figure(tmp_path / "two", labels, confusion, "A title")
    assert picture.read_bytes() == again.read_bytes()
    height, width, _ = imread(picture).shape
    assert 400 < height < 2500 and 400 < width < 2600
    assert picture.stat().st_size < 1_000_000


def test_right_and_wrong_differ_in_colour(tmp_path: Path) -> None:
    def seen(confusion: list[list[int]]) -> np.ndarray:
        return imread(confusion_figure(tmp_path, ("a", "b"), np.array(confusion), "t")[0])[..., :3]

    right, wrong = seen([[9, 0], [0, 9]]), seen([[0, 9], [9, 0]])

    def blue_cells(picture: np.ndarray) -> int:
        return int((picture[..., 2] > picture[..., 0] + 0.3).sum())

    assert blue_cells(right) > blue_cells(wrong) + 10_000


def test_the_table_holds_labels_and_counts_as_they_are(tmp_path: Path) -> None:
    labels = ('quoted, "so"', "a$b$c", "訂單 😀", "line\nbreak", "x" * 200)
    confusion = np.diag([5, 4, 3, 2, 1])
    _, table = confusion_figure(tmp_path, labels, confusion, "costs $5 and $6")
    with table.open(newline="", encoding="utf-8") as stream:
        header, *lines = csv.reader(stream)
    assert tuple(header[1:]) == labels == tuple(line[0] for line in lines)
    assert [[int(n) for n in line[1:]] for line in lines] == confusion.tolist()


def test_classes_without_rows_draw_nothing(tmp_path: Path) -> None:
    confusion_figure(tmp_path, ("a", "b"), np.array([[0, 0], [3, 1]]), "t")


def test_scoring_loads_neither_scikit_learn_nor_matplotlib() -> None:
    code = (
        "import sys, ml_intern.evaluation.evaluate, ml_intern.evaluation.investigate;"
        "print([m for m in ('sklearn', 'matplotlib', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
