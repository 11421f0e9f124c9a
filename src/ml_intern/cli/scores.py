"""The scores of a finished run, and what its confidence is worth."""

from typing import Any

from rich.table import Table
from rich.text import Text

from ml_intern.records.display import escape

METRICS = {"accuracy": "accuracy", "macro_f1": "macro F1"}


def trust_line(trust: dict[str, Any]) -> str:
    """What confidence is worth, in a line or two."""
    held = trust["unknown"]
    error, answered, right = (
        found["value"] for found in (trust["calibration_error"], held["coverage"], held["accuracy"])
    )
    said = f"Confidence is {error:.3f} off on average. With UNKNOWN it would answer {answered:.1%} of the "
    said += f"test rows, {right:.1%} of those right"
    if held["unknown_recall"]:
        said += f", and hold back {held['unknown_recall']['value']:.1%} of the texts of no class"
    if trust["worse_slices"]:
        said += f". Worse than the rest beyond noise: {', '.join(map(escape, trust['worse_slices'][:3]))}"
    return said + "."


def score_table(result: dict[str, Any]) -> Table:
    """The model's scores beside those of the baselines."""
    table = Table(title="Sealed test split, with 95 % intervals", title_justify="left", box=None)
    table.add_column("model")
    for name in METRICS.values():
        table.add_column(name, justify="right", no_wrap=True)
    rows = [("this model", result["metrics"])]
    if result["clean_metrics"]:
        rows.append(("on clean rows", result["clean_metrics"]))
    rows += [(f"{name} baseline", scores) for name, scores in result["baselines"].items()]
    for name, scores in rows:
        cells = [scores[metric] for metric in METRICS]
        shown = [f"{c['value']:.3f} [{c['low']:.3f}, {c['high']:.3f}]" for c in cells]
        table.add_row(Text(name), *map(Text, shown))
    return table
