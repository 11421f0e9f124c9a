"""What could make the model better, and what the last change did."""

from dataclasses import dataclass

from ml_intern.records.improvements import BeforeAfter, Difference, Improvements, Suggestion
from ml_intern.reporting.charts.scale import Axis, spanning
from ml_intern.reporting.dossier import Dossier


@dataclass(frozen=True)
class Change:
    """One figure before and after, its change in points of a hundred."""

    difference: Difference
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class View:
    """The section. `quiet` capabilities did not change beyond noise and are not listed."""

    suggestions: tuple[Suggestion, ...]
    compared: BeforeAfter | None
    changes: tuple[Change, ...]
    axis: Axis
    quiet: int
    run: str


def improvements(dossier: Dossier) -> View | None:
    """The section; None until something was suggested or compared."""
    found = dossier.get(Improvements)
    if found is None or not (found.suggestions or found.compared):
        return None
    every = found.compared.differences if found.compared else ()
    shown = [each for each in every if _tells(each)]
    changes = tuple(
        Change(each, 100 * each.change.value, 100 * each.change.low, 100 * each.change.high) for each in shown
    )
    ends = [end for each in changes for end in (each.low, each.high)]
    return View(
        suggestions=found.suggestions,
        compared=found.compared,
        changes=changes,
        axis=spanning([0.0, *ends]),
        quiet=len(every) - len(shown),
        run=dossier.run.id,
    )


def _tells(each: Difference) -> bool:
    return each.aimed_at or not each.measure.startswith("failures") or not each.said.startswith("no ")
