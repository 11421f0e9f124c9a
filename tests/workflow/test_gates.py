"""Each gate opens for the artifacts of a real run and closes when one of them is tampered with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ml_intern.records.approval import Verdict
from ml_intern.records.base import Artifact, digest
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import DataReport, Split
from ml_intern.records.demo import Demo
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.metrics import Metric
from ml_intern.records.publication import Publication, PublicationPlan
from ml_intern.records.research import BY_CRITERIA, BY_USER, Candidate, Criterion, DatasetChoice, Research
from ml_intern.records.runs import Approval, RunRequest
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines, SmokeReport, TrainingPlan, TrainingRun, TrainingScript
from ml_intern.workflow.stages import STAGES


@dataclass
class View:
    """An `ArtifactReader` on plain values."""

    artifacts: dict[str, Artifact]
    answer: Approval | None
    folder: Path = Path()
    request: RunRequest = field(default_factory=lambda: RunRequest(sentence="Label tickets."))

    def get(self, kind: type[Artifact]) -> Any:
        return self.artifacts.get(kind.kind)

    def need(self, kind: type[Artifact]) -> Any:
        return self.artifacts[kind.kind]

    def sha256(self, kind: type[Artifact]) -> str | None:
        return digest(self.artifacts[kind.kind])

    def approval(self, kind: type[Artifact]) -> Approval | None:
        return self.answer


@pytest.fixture
def view(published) -> View:
    yes = Approval(subject_kind="training_plan", subject_sha256="", verdict=Verdict.APPROVED, by="a test")
    return View(published.artifacts(), yes)


def objections(view: View, stage: str) -> list[str]:
    return next(each for each in STAGES if each.name == stage).gate(view)


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_a_sound_run_passes(view, stage):
    assert objections(view, stage) == []


def change(view: View, kind: type[Artifact], **fields: Any) -> None:
    view.artifacts[kind.kind] = view.artifacts[kind.kind].model_copy(update=fields)


def stray_answers(view: View) -> View:
    examples = view.need(Demo).examples
    strays = tuple(
        each.model_copy(update={"answer": f"made up {place}"}) for place, each in enumerate(examples)
    )
    return change(view, Demo, examples=strays)


def without_baseline(view: View) -> None:
    change(view, Baselines, scores=view.need(Baselines).scores[:1])


def bare_finding(view: View) -> None:
    report = view.need(DataReport)
    counted = next(finding for finding in report.findings if finding.count)
    change(view, DataReport, findings=(counted.model_copy(update={"rows": ()}),))


def failed_check(view: View) -> None:
    first, *rest = view.need(SmokeReport).checks
    change(view, SmokeReport, checks=(first.model_copy(update={"ok": False}), *rest))


def two_chosen(view: View) -> None:
    both = tuple(a.model_copy(update={"chosen": True}) for a in view.need(Research).approaches)
    change(view, Research, approaches=both)


def unsourced(view: View) -> None:
    bare = tuple(
        a.model_copy(update={"references": (), "uncertain": False}) for a in view.need(Research).approaches
    )
    change(view, Research, approaches=bare)


def pickled(view: View) -> None:
    model = view.need(TrainingRun).model
    change(view, TrainingRun, model=(model[0].model_copy(update={"path": "model.pkl"}),))


def no_weights(view: View) -> None:
    files = view.need(Bundle).files
    change(view, Bundle, files=tuple(f for f in files if not f.path.endswith(".safetensors")))


def rechecked(view: View, ok: bool | None, ids: tuple[str, ...] = ("scores",)) -> None:
    """As if the fresh download had been looked at with this outcome."""
    checks = view.need(Publication).checks
    change(
        view,
        Publication,
        checks=tuple(c.model_copy(update={"ok": ok}) if c.id in ids else c for c in checks),
    )


def unanswered(view: View) -> None:
    view.answer = None


def denied(view: View) -> None:
    assert view.answer is not None
    view.answer = view.answer.model_copy(update={"verdict": Verdict.DENIED})


def searched(
    view: View, met: bool = True, reason: str = "it fits", name: str = "", accepted_by: str = BY_CRITERIA
) -> None:
    """As if the task had named no data and research had searched for it."""
    data, choice = view.need(TaskSpec).data, view.need(DatasetChoice)
    need = Criterion(name="licence", score=1, weight=1, needed=True, met=met, reason="it has one")
    chosen = Candidate(
        name=name or choice.name,
        revision=choice.revision,
        verdict="chosen",
        score=1,
        reason=reason,
        licence="mit",
        criteria=(need,),
    )
    change(view, TaskSpec, data=None)
    change(view, DatasetChoice, data=data, candidates=(chosen,), accepted_by=accepted_by)


TAMPERED: list[tuple[str, str, Callable[[View], None]]] = [
    ("define", "goal", lambda v: change(v, TaskSpec, goal="")),
    ("define", "names no metric", lambda v: change(v, TaskSpec, metrics=())),
    ("define", "selection metric", lambda v: change(v, TaskSpec, selection_metric=Metric.WEIGHTED_F1)),
    ("define", "accepted", lambda v: change(v, TaskSpec, accepted_by="")),
    ("define", "limits", lambda v: change(v, TaskSpec, time_limit_seconds=0)),
    ("define", "limits", lambda v: change(v, TaskSpec, budget_micro_usd=-1)),
    ("define", "deliverable", lambda v: change(v, TaskSpec, deliverable="")),
    ("research", "Exactly one", two_chosen),
    ("research", "no source", unsourced),
    ("research", "not the one that the task names", lambda v: change(v, DatasetChoice, revision="0" * 64)),
    (
        "research",
        "private use",
        lambda v: change(v, DatasetChoice, licence="unknown", private_use_only=False),
    ),
    ("research", "may choose no other", lambda v: change(v, DatasetChoice, data=v.need(TaskSpec).data)),
    ("research", "Nobody chose", lambda v: searched(v, accepted_by="")),
    ("research", "no person chose it", lambda v: searched(v, met=False)),
    ("research", "has no reason", lambda v: searched(v, reason="")),
    ("research", "must be marked so", lambda v: searched(v, name="another")),
    ("research", "not the one that the task names", lambda v: change(v, TaskSpec, data=None)),
    ("inspect", "no rows as evidence", bare_finding),
    ("inspect", "rows were read", lambda v: change(v, DataReport, rows=1)),
    ("inspect", "another seed", lambda v: change(v, Split, seed=99)),
    ("inspect", "label column", lambda v: change(v, TaskSpec, label_column="other")),
    ("inspect", "text column", lambda v: change(v, TaskSpec, text_column="other")),
    ("inspect", "empty", lambda v: change(v, Split, rows={"train": 5, "validation": 5, "test": 0})),
    ("baseline", "linear baseline is not scored", without_baseline),
    ("draft", "lacks train.py", lambda v: change(v, TrainingScript, files=())),
    ("smoke", "Smoke check", failed_check),
    ("smoke", "checked nothing", lambda v: change(v, SmokeReport, checks=())),
    ("smoke", "another script", lambda v: change(v, TrainingScript, script_sha256="0")),
    ("smoke", "another config", lambda v: change(v, TrainingScript, config_sha256="0")),
    ("smoke", "another dataset", lambda v: change(v, Split, fingerprint="0")),
    ("plan", "not been approved", unanswered),
    ("plan", "not been approved", denied),
    ("plan", "over the budget", lambda v: change(v, TrainingPlan, worst_case_micro_usd=1)),
    ("plan", "another script", lambda v: change(v, TrainingPlan, config_sha256="0")),
    ("train", "Another script", lambda v: change(v, TrainingRun, script_sha256="0")),
    ("train", "Another config", lambda v: change(v, TrainingRun, config_sha256="0")),
    ("train", "no model", lambda v: change(v, TrainingRun, model=())),
    ("train", "pickled", pickled),
    ("train", "no metrics", lambda v: change(v, TrainingRun, curve=())),
    ("evaluate", "Not all test rows", lambda v: change(v, Evaluation, rows=1, clean_rows=1)),
    ("evaluate", "metric of the task", lambda v: change(v, Evaluation, scores={})),
    ("evaluate", "baselines", lambda v: change(v, Evaluation, baselines=())),
    ("evaluate", "clean subset", lambda v: change(v, Evaluation, clean_rows=0)),
    ("package", "no weights", no_weights),
    ("package", "no model card", lambda v: change(v, Bundle, files=())),
    ("package", "traced", lambda v: change(v, Bundle, traces=())),
    ("package", "example", lambda v: change(v, Bundle, example_output="")),
    ("demo", "no text", lambda v: change(v, Demo, examples=())),
    ("demo", "no labels of the model", stray_answers),
    ("publish", "Another demo", lambda v: change(v, Publication, space=None)),
    ("publish", "not been approved", unanswered),
    ("publish", "not been approved", denied),
    ("publish", "Something else", lambda v: change(v, Publication, repo="acme/other")),
    ("publish", "Something else", lambda v: change(v, Publication, private=False)),
    ("publish", "Something else", lambda v: change(v, Publication, endpoint="https://elsewhere.example")),
    ("publish", "Something else", lambda v: change(v, PublicationPlan, bundle_sha256="0")),
    ("publish", "does not hold", lambda v: rechecked(v, False)),
    ("publish", "not checked", lambda v: rechecked(v, None)),
    ("publish", "not checked", lambda v: change(v, Publication, checks=())),
]


@pytest.mark.parametrize(("stage", "says", "tamper"), TAMPERED, ids=[f"{s}-{m}" for s, m, _ in TAMPERED])
def test_a_tampered_artifact_closes_its_gate(view, stage, says, tamper):
    tamper(view)
    assert any(says in objection for objection in objections(view, stage))


def test_a_dataset_that_was_searched_for_passes_with_its_reasons(view):
    searched(view)
    assert objections(view, "research") == []
    searched(
        view := View(
            view.artifacts
            | {TaskSpec.kind: view.need(TaskSpec).model_copy(update={"data": view.need(DatasetChoice).data})},
            view.answer,
        ),
        met=False,
        accepted_by=BY_USER,
    )
    assert objections(view, "research") == []  # a person may take what lacks something


def test_a_leak_that_no_finding_tells_of_closes_the_gate(view):
    official = view.need(DataReport).files[0].model_copy(update={"split": "train"})
    change(view, Split, repeated_test_rows=("all:1",))
    change(view, DataReport, files=(official,), findings=())
    assert any("no finding says so" in objection for objection in objections(view, "inspect"))


def test_near_copies_that_no_finding_tells_of_close_the_gate(view):
    official = view.need(DataReport).files[0].model_copy(update={"split": "train"})
    change(view, Split, nearly_repeated_test_rows=("all:1",))
    change(view, DataReport, files=(official,), findings=())
    assert "Test rows nearly repeat training rows and no finding says so." in objections(view, "inspect")


def test_a_clean_subset_with_near_copies_closes_the_gate(view):
    split = view.need(Split)
    change(view, Split, nearly_repeated_test_rows=(*split.nearly_repeated_test_rows, "all:1"))
    assert any("clean subset" in objection for objection in objections(view, "evaluate"))
