"""The scores of a model that no run here made, computed again on the dataset that its card names."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from ml_intern.app.home import DATASETS
from ml_intern.data.columns import settle
from ml_intern.data.load import Tables, load
from ml_intern.data.table import AuditTable
from ml_intern.evaluation.predictions import read_predictions
from ml_intern.evaluation.scores import score
from ml_intern.evaluation.truth import Truth
from ml_intern.hub.access import open_hub
from ml_intern.hub.classifier import Classifier
from ml_intern.publishing.claims import NamedData, claims_hold, named_data_of, not_computed
from ml_intern.records.display import escape, listing
from ml_intern.records.errors import InternError, JobFailed
from ml_intern.records.metrics import Metric
from ml_intern.records.publication import Check
from ml_intern.tools.hub_data import HubShelf, is_on_hub, named_data

Predict = Callable[[pl.DataFrame], Path]
"""Answers rows with the model's own columns of ids and texts; the file of its predictions."""
LEAST_KNOWN: Final = 0.99
"""So many of a label column's values must be classes of the model: a stray value is the data's flaw."""


def computed_again(
    folder: Path, model: Classifier, home: Path, predict: Predict, wait: Callable[[str], None]
) -> list[Check]:
    """One check for each dataset of the Hub that the card states scores for; empty where it names none."""
    checks, why_not = [], []
    for named in named_data_of(folder):
        if not is_on_hub(named.name):  # never a path, whatever a stranger's card says
            continue
        try:
            rows = _rows(named, model, folder, home, wait)
            wait(f"computing the scores on {named.name} again")
            found = _scores(rows, model, predict)
        except JobFailed:
            raise
        except InternError as problem:
            why_not.append(f"{escape(named.name)}: {problem.message}")
            continue
        checks.append(claims_hold(named, found, rows.height))
    return checks if checks or not why_not else [not_computed(why_not)]


def _rows(
    named: NamedData, model: Classifier, folder: Path, home: Path, wait: Callable[[str], None]
) -> pl.DataFrame:
    """The rows of the split with a text and a label, as columns `text` and `label`.

    Raises:
        InternError: they cannot be had, or it is not plain which columns are meant.
    """
    wait(f"getting {named.name}, which the card names")
    shelf = HubShelf(lambda: open_hub(home), home / DATASETS)
    source, _ = named_data(named.name, "unknown", shelf, lambda question, options: None, "")
    tables = load(Path(source.location), strict=False)
    parts = [each.part for each in tables.items]
    if named.split not in parts:
        raise InternError(f"it has no split {escape(named.split)}, only {listing(parts, 5)}.")
    names = _class_names(folder)
    label = _label_column(tables, named.split, model, names)
    text, _ = settle(tables, "", "", _text_column(tables, model), label, lambda question, options: None)
    table = AuditTable.of(tables, text.name, label, max_rows=None)
    rows = table.usable.filter(pl.col("part") == named.split).select("text", "label")
    return rows.with_columns(pl.col("label").replace(names) if names else pl.col("label"))


def _scores(rows: pl.DataFrame, model: Classifier, predict: Predict) -> dict[str, float]:
    ids = [str(number) for number in range(rows.height)]
    given = pl.DataFrame({model.id_column: ids, model.text_column: rows["text"]})
    answers = read_predictions(predict(given), ids, model.labels)
    truth = Truth.of(rows["label"].to_list(), model.labels, [True] * rows.height)
    return {metric.value: float(score(metric, truth.confusion(answers))) for metric in Metric}


def _text_column(tables: Tables, model: Classifier) -> str | None:
    """The column that a model of ours was trained on; of a stranger's nothing is known."""
    return model.text_column if model.text_column in tables.columns else None


def _label_column(tables: Tables, split: str, model: Classifier, names: dict[str, str]) -> str:
    """The one column whose values are the model's classes.

    Raises:
        InternError: there is none, or there are several.
    """
    known = {*model.labels, *names}
    frame = next(each.frame for each in tables.items if each.part == split)
    fitting = [name for name in tables.columns if _share(frame[name], known) >= LEAST_KNOWN]
    if len(fitting) != 1:
        have = "several columns hold" if fitting else "no column holds"
        raise InternError(f"{have} the classes of the model ({listing(model.labels, 3)}).")
    return fitting[0]


def _share(values: pl.Series, known: Sequence[str] | set[str]) -> float:
    given = values.drop_nulls().cast(pl.String, strict=False).drop_nulls()
    return float(given.is_in(list(known)).mean() or 0.0)  # type: ignore[arg-type]  # of booleans, a number


def _class_names(folder: Path) -> dict[str, str]:
    """The names of the classes by their numbers, as transformers keeps them; empty where it does not."""
    try:
        config: Any = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return {str(number): str(name) for number, name in (config.get("id2label") or {}).items()}
    except (OSError, ValueError, AttributeError):
        return {}
