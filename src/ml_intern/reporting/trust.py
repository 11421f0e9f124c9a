"""How far the answers can be trusted: confidence, holding back, and where the mistakes are."""

from dataclasses import dataclass

from ml_intern.records.evaluation import Evaluation
from ml_intern.records.spec import AnswerRule
from ml_intern.records.trust import Abstention, Calibration, ConfusedPair, Doubt, Slice
from ml_intern.reporting.charts.shares import Shares, histogram, reliability, risk_coverage
from ml_intern.reporting.dossier import Dossier

OPEN_SLICES = 10
OPEN_PAIRS = 10


@dataclass(frozen=True)
class Trust:
    """The section on trust. `carried` says whether the packaged model holds answers back."""

    calibration: Calibration
    clean: Calibration | None
    charts: tuple[Shares, ...]
    abstention: Abstention | None
    carried: bool
    slices: tuple[Slice, ...]
    folded: tuple[Slice, ...]
    worse: int
    doubts: tuple[Doubt, ...]
    confused: tuple[ConfusedPair, ...]


def trust(dossier: Dossier) -> Trust | None:
    """The section on trust; None until it was measured, as by earlier versions it was not."""
    evaluation, rule = dossier.get(Evaluation), dossier.get(AnswerRule)
    if evaluation is None or evaluation.calibration is None or rule is None:
        return None
    charts = [reliability(evaluation.calibration), histogram(evaluation.calibration)]
    if evaluation.abstention is not None:
        charts.append(risk_coverage(evaluation.abstention))
    return Trust(
        calibration=evaluation.calibration,
        clean=evaluation.clean_calibration,
        charts=tuple(charts),
        abstention=evaluation.abstention,
        carried=rule.unknown.coverage != 1,
        slices=evaluation.slices[:OPEN_SLICES],
        folded=evaluation.slices[OPEN_SLICES:],
        worse=sum(each.worse for each in evaluation.slices),
        doubts=evaluation.doubts,
        confused=evaluation.confused[:OPEN_PAIRS],
    )
