"""The table of stages: what each produces, what that is made from, and the gate at its end.

Loop, command line, playbook and documentation read this one table. A stage is done when all its
artifacts are current and its gate has no objection; it is the current stage when it is the first
that is not done.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ml_intern.records.base import Artifact
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import DataReport, Split
from ml_intern.records.demo import Demo
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import Improvements
from ml_intern.records.publication import Publication, PublicationPlan
from ml_intern.records.research import DatasetChoice, ModelChoice, Research
from ml_intern.records.runs import RunRequest
from ml_intern.records.spec import AnswerRule, TaskSpec
from ml_intern.records.stress import StressReport
from ml_intern.records.training import Baselines, SmokeReport, TrainingPlan, TrainingRun, TrainingScript
from ml_intern.workflow import gates
from ml_intern.workflow.gates import Gate


@dataclass(frozen=True)
class Stage:
    """One row of the table.

    `does` completes the sentence "ML Intern is …". `needs` are the artifacts that the stage's own
    are made from: when one of them gets a new version, what was made from the old one is void.
    `asks` is the artifact that a person must approve in it; `wanted` says whether a request asks for the
    stage at all.
    """

    name: str
    does: str
    artifacts: tuple[type[Artifact], ...]
    needs: tuple[type[Artifact], ...]
    gate: Gate
    asks: type[Artifact] | None = None
    wanted: Callable[[RunRequest], bool] = lambda request: True


STAGES: tuple[Stage, ...] = (
    Stage("define", "understanding the task", (TaskSpec, AnswerRule), (), gates.task_is_complete),
    Stage(
        "research",
        "comparing approaches",
        (Research, DatasetChoice, ModelChoice),
        (TaskSpec,),
        gates.choices_have_sources,
    ),
    Stage(
        "inspect",
        "reading all of the data",
        (DataReport, Split),
        (TaskSpec, DatasetChoice),
        gates.data_is_read_and_split,
    ),
    Stage(
        "baseline",
        "scoring simple baselines",
        (Baselines,),
        (TaskSpec, ModelChoice, Split),
        gates.baselines_are_scored,
    ),
    Stage(
        "draft",
        "writing the training script",
        (TrainingScript,),
        (TaskSpec, ModelChoice, Split),
        gates.script_is_complete,
    ),
    Stage(
        "smoke",
        "testing the script on a small sample",
        (SmokeReport,),
        (TrainingScript, Split),
        gates.smoke_test_passed,
    ),
    Stage(
        "plan",
        "planning the training",
        (TrainingPlan,),
        (TaskSpec, Baselines, SmokeReport),
        gates.plan_is_approved,
        asks=TrainingPlan,
    ),
    Stage("train", "training", (TrainingRun,), (TrainingPlan,), gates.training_finished),
    Stage(
        "evaluate",
        "scoring the sealed test split",
        (Evaluation,),
        (TaskSpec, AnswerRule, Split, Baselines, TrainingRun),
        gates.evaluation_is_complete,
    ),
    Stage(
        "stress",
        "trying hard texts",
        (StressReport,),
        (Split, TrainingRun, Evaluation),
        gates.every_capability_was_tried,
    ),
    Stage(
        "improve",
        "looking for improvements",
        (Improvements,),
        (TaskSpec, DataReport, TrainingRun, Evaluation, StressReport),
        gates.suggestions_have_evidence,
    ),
    Stage(
        "package",
        "packaging the model",
        (Bundle,),
        (TaskSpec, Research, ModelChoice, DataReport, Evaluation, StressReport),
        gates.bundle_is_traced,
    ),
    Stage(
        "demo",
        "trying the demo",
        (Demo,),
        (Evaluation, Bundle),
        gates.demo_was_tried,
        wanted=lambda request: request.space and request.publish is not None,
    ),
    Stage(
        "publish",
        "publishing the model",
        (PublicationPlan, Publication),
        (TaskSpec, Bundle),
        gates.publication_is_verified,
        asks=PublicationPlan,
        wanted=lambda request: request.publish is not None,
    ),
)

NAMES: tuple[str, ...] = tuple(stage.name for stage in STAGES)
KINDS: dict[str, type[Artifact]] = {kind.kind: kind for stage in STAGES for kind in stage.artifacts}
STAGE_OF: dict[str, Stage] = {kind.kind: stage for stage in STAGES for kind in stage.artifacts}
