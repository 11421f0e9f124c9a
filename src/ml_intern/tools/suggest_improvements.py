"""Tool: say what could make the model better, and what the last change did."""

import time

import polars as pl

from ml_intern.data.split import ROW_ID
from ml_intern.improvement.facts import Facts
from ml_intern.improvement.rank import suggestions
from ml_intern.records.data import DataReport, Split
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import Improvements
from ml_intern.records.runs import EventName
from ml_intern.records.spec import AnswerRule, TaskSpec
from ml_intern.records.stress import StressReport
from ml_intern.records.training import TrainingPlan, TrainingRun, TrainingScript
from ml_intern.tools.before_after import compared, tried_in_vain
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("improve")
def suggest_improvements(bench: Workbench) -> Done:
    """Rank changes by what was measured; none of them is made."""
    began = time.monotonic()
    run = bench.run
    train = run.need(Split).train
    facts = Facts(
        spec=run.need(TaskSpec),
        unknown=run.need(AnswerRule).unknown,
        report=run.need(DataReport),
        script=run.need(TrainingScript),
        trained=run.need(TrainingRun),
        evaluation=run.need(Evaluation),
        stress=run.need(StressReport),
        in_vain=tuple(tried_in_vain(run)),
        training_ids=frozenset(pl.read_parquet(run.folder / train.path, columns=[ROW_ID])[ROW_ID]),
    )
    found = suggestions(facts, run.need(TrainingPlan).cost_micro_usd)
    made = Improvements(suggestions=found, compared=compared(run), seconds=round(time.monotonic() - began, 3))
    what = f"Suggested {len(found)} changes" if len(found) != 1 else "Suggested 1 change"
    text = f"{what}; the first: {found[0].title}." if found else "Nothing measured speaks for a change."
    if made.compared:
        text = f"{made.compared.verdict} {text}"
    return Done(text, [made], [(EventName.MESSAGE, {"text": text})])
