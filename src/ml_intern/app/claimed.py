"""The scores of a model that no run here made, computed again on the dataset that its card names.

Card, settings and dataset are strangers' words, and their author may want the check to say yes. So nothing of
the model's own files says what is its input or what is true: that is told from the dataset alone.
"""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import polars as pl

from ml_intern.data.columns import Ambiguous, choose
from ml_intern.data.load import Tables, load
from ml_intern.data.table import AuditTable
from ml_intern.evaluation.predictions import read_predictions
from ml_intern.evaluation.scores import score
from ml_intern.evaluation.truth import Truth
from ml_intern.hub.access import open_hub
from ml_intern.hub.classifier import Classifier
from ml_intern.hub.datasets import DatasetName, describe
from ml_intern.publishing.claims import NamedData, claims_hold, named_data_of, not_computed
from ml_intern.records.display import escape, listing
from ml_intern.records.errors import InternError
from ml_intern.records.metrics import Metric
from ml_intern.records.publication import Check
from ml_intern.records.words import storage
from ml_intern.tools.hub_data import fetched, is_on_hub, reached

Predict = Callable[[pl.DataFrame], Path]
"""Answers rows with the model's own columns of ids and texts; the file of its predictions."""
LEAST_KNOWN: Final = 0.99
"""So many of a label column's values must be classes of the model: a stray value is the data's flaw."""
MOST_DATASETS: Final = 3
MOST_BYTES: Final = 200 << 20
MOST_ROWS: Final = 50_000
"""Nobody was asked whether to download and to compute for hours what a card names."""
_PLAIN: Final = (pl.String, pl.Categorical, pl.Enum, pl.Boolean)


def computed_again(
    folder: Path, model: Classifier, home: Path, work: Path, predict: Predict, wait: Callable[[str], None]
) -> list[Check]:
    """A check for each dataset of the Hub that the card states scores for; empty where it names none.

    Datasets are downloaded into `work`.
    """
    checks, why_not = list[Check](), list[str]()
    # Never a path, whatever a stranger's card says, and what is stated twice is asked for once.
    named = [each for each in dict.fromkeys(named_data_of(folder)) if is_on_hub(each.name)]
    for each in named[:MOST_DATASETS]:
        try:
            wait(f"getting {escape(each.name)}, which the card names")
            rows, how = _rows(each, model, folder, home, work)
            wait(f"computing the scores on {escape(each.name)} again")
            checks.append(claims_hold(each, _scores(rows, model, predict), rows.height, how))
        except InternError as problem:
            why_not.append(f"{escape(each.name)}: {problem.message}")
        except pl.exceptions.PolarsError as problem:
            why_not.append(f"{escape(each.name)}: it cannot be read ({type(problem).__name__}).")
    if len(named) > MOST_DATASETS:
        why_not.append(f"Of {len(named)} datasets, {MOST_DATASETS} were looked at.")
    return [*checks, *([not_computed(why_not)] if why_not else [])]


def _rows(
    named: NamedData, model: Classifier, folder: Path, home: Path, work: Path
) -> tuple[pl.DataFrame, str]:
    """The rows of the split, as columns `text` and `label`, and how they were taken.

    Raises:
        InternError: they cannot be had, are too many, or it is not plain which columns are meant.
    """
    if not named.split:
        raise InternError("the card does not say which split was scored.")
    tables = _tables(named, home, work)
    part = next((each.frame for each in tables.items if each.part == named.split), None)
    if part is None:
        parts = listing([each.part for each in tables.items], 5)
        raise InternError(f"it has no split {escape(named.split)}, only {parts}.")
    if part.height > MOST_ROWS:
        raise InternError(f"its split has {part.height:,} rows; at most {MOST_ROWS:,} are scored unasked.")
    names = _class_names(folder, model)
    label, by_number = _label_column(part, model, names)
    text = _text_column(tables, label)
    table = AuditTable.of(tables, text, label, max_rows=None)
    rows = table.usable.filter(pl.col("part") == named.split).select("text", "label")
    if by_number:
        rows = rows.with_columns(pl.col("label").replace(names))
    known = rows.filter(pl.col("label").is_in(model.labels))
    if not known.height:
        raise InternError("no row of the split has a text and a class of the model.")
    how = f"text in {escape(text)!r}, classes in {escape(label)!r}"
    stray = part.height - known.height
    return known, how + (f", {stray:,} rows without a text or a class of the model left out" if stray else "")


def _tables(named: NamedData, home: Path, work: Path) -> Tables:
    name = DatasetName.read(named.name)
    assert name is not None  # is_on_hub has read it
    with open_hub(home) as own:
        access = reached(own, name.repo)
        found = describe(access, name)  # and this very commit is what is fetched
        size = max((each.bytes for each in found.configs if name.config in (None, each.name)), default=0)
        if size > MOST_BYTES:
            raise InternError(
                f"it has {storage(size)}; at most {storage(MOST_BYTES)} are downloaded unasked."
            )
        place = work / "datasets"
        source, _ = fetched(access, found, name.config, "unknown", place, lambda question, options: None, "")
    return load(Path(source.location), strict=False)


def _scores(rows: pl.DataFrame, model: Classifier, predict: Predict) -> dict[str, float]:
    ids = [str(number) for number in range(rows.height)]
    given = pl.DataFrame({model.id_column: ids, model.text_column: rows["text"]})
    answers = read_predictions(predict(given), ids, model.labels)
    truth = Truth.of(rows["label"].to_list(), model.labels, [True] * rows.height)
    return {metric.value: float(score(metric, truth.confusion(answers))) for metric in Metric}


def _text_column(tables: Tables, label: str) -> str:
    """The one column that reads like the texts.

    Raises:
        InternError: there are several.
    """
    found = choose(tables, "", "", None, label).text
    if isinstance(found, Ambiguous):
        raise InternError(f"several columns could be the text: {listing(found.candidates, 5)}.")
    return found.name


def _label_column(part: pl.DataFrame, model: Classifier, names: dict[str, str]) -> tuple[str, bool]:
    """The one column whose values are the model's classes, and whether they are classes by number.

    Raises:
        InternError: there is none, or there are several.
    """
    by_name = [name for name in part.columns if _share(part[name], model.labels) >= LEAST_KNOWN]
    by_number = [name for name in part.columns if _share(part[name], names) >= LEAST_KNOWN]
    fitting = by_name or by_number
    if len(fitting) != 1:
        have = "several columns hold" if fitting else "no column holds"
        raise InternError(f"{have} the classes of the model ({listing(model.labels, 3)}).")
    return fitting[0], not by_name


def _share(values: pl.Series, known: Collection[str]) -> float:
    if not known or not (values.dtype in _PLAIN or values.dtype.is_integer()):
        return 0.0
    given = values.drop_nulls().cast(pl.String)
    return float(given.is_in(list(known)).mean() or 0.0)  # type: ignore[arg-type]  # of booleans, a number


def _class_names(folder: Path, model: Classifier) -> dict[str, str]:
    """The classes by their numbers, as transformers keeps them; empty where they are not the model's."""
    try:
        config: Any = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        found = {str(number): str(name) for number, name in (config.get("id2label") or {}).items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
    numbers = {str(number) for number in range(len(model.labels))}
    return found if set(found) == numbers and sorted(found.values()) == sorted(model.labels) else {}
