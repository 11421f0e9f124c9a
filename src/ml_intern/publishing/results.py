"""Scores in the Hub's own format for them: `.eval_results/*.yaml`, one entry a metric.

The format is that of https://huggingface.co/docs/hub/eval-results. It names datasets of the Hub only.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from ml_intern.records.evaluation import Evaluation
from ml_intern.records.metrics import Metric
from ml_intern.records.spec import HubOrigin

FOLDER: Final = ".eval_results"
DIGITS: Final = 4
DEFAULT_TASK: Final = "default"
"""The task of a dataset that has one table."""


def write_results(folder: Path, data: HubOrigin, evaluation: Evaluation) -> None:
    """Write the scores on the test split beside the card in `folder`."""
    entries = [
        {
            "dataset": {
                "id": data.repo,
                "task_id": data.config or DEFAULT_TASK,
                "revision": data.commit,
            },
            "value": round(score.value, DIGITS),
            "notes": f"{metric.words}, test split",
        }
        for metric, score in evaluation.scores.items()
        if metric in (Metric.ACCURACY, Metric.MACRO_F1, Metric.WEIGHTED_F1)
    ]
    place = folder / FOLDER / f"{data.repo.rpartition('/')[2]}.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")


def stated(folder: Path, longest: int) -> list[tuple[str, Any]]:
    """What such files in `folder` state: the words before the first comma of each note, and the value.

    At most `longest` characters of each are read. They may be a stranger's: whatever they hold, this returns.
    """
    found: list[tuple[str, Any]] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        try:
            entries = yaml.safe_load(path.read_text(encoding="utf-8")[:longest])
            found += [
                (str(each["notes"]).partition(",")[0], each["value"]) for each in entries if "notes" in each
            ]
        except (OSError, ValueError, TypeError, KeyError, RecursionError, yaml.YAMLError):
            continue
    return found
