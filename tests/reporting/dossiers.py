"""Dossiers made from that of a real run: with hostile names, with many classes, at an earlier stage."""

import json
from dataclasses import replace

from ml_intern.records.data import LEAK_FINDING, Finding, Severity
from ml_intern.records.evaluation import ClassScore, Evaluation
from ml_intern.records.metrics import Interval
from ml_intern.records.research import Candidate, DatasetChoice, Verdict
from ml_intern.records.runs import RunStatus
from ml_intern.records.spec import HubOrigin, TaskSpec
from ml_intern.records.training import Repair, SmokeReport
from ml_intern.reporting.dossier import Dossier
from ml_intern.workflow.stages import KINDS, NAMES, STAGE_OF

HOSTILE = (
    "<script>alert(1)</script>",
    "a" * 300,
    "\u202egnp.exe\u2066",
    "مرحبا بالعالم: שלום",
    "👩\u200d💻🏳️\u200d🌈 emoji",
    '" onmouseover="alert(2)" x="',
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[2J\x00]]></style><img src=x onerror=alert(3)>&amp;",
)


def searched(dossier: Dossier, loser: str = "acme/other") -> Dossier:
    """The same run as if its data had been found on the Hub, with one that lost."""
    spec, choice = dossier.get(TaskSpec), dossier.get(DatasetChoice)
    assert spec and choice and spec.data
    origin = HubOrigin(repo="acme/tickets", commit="c0ffee" * 6, where="the embedded Hub")
    common = {"revision": origin.commit, "score": 0.87, "licence": "mit"}
    told = (
        Candidate(name=origin.repo, verdict=Verdict.CHOSEN, reason="it holds 4,321 rows", **common),
        Candidate(name=loser, verdict=Verdict.UNFIT, reason="40 rows: too few", **common),
    )
    chosen = choice.model_copy(
        update={
            "name": origin.repo,
            "revision": origin.commit,
            "data": spec.data.model_copy(update={"hub": origin}),
            "queries": ("support ticket",),
            "candidates": told,
            "reason": told[0].reason,
            "accepted_by": "the stated criteria",
        }
    )
    found = {DatasetChoice.kind: chosen, TaskSpec.kind: spec.model_copy(update={"data": None})}
    return replace(dossier, artifacts={**dossier.artifacts, **found})


def with_names(dossier: Dossier, names: tuple[str, ...] = HOSTILE) -> Dossier:
    """The same run with other labels, texts, file names and words of the task."""
    evaluation = dossier.get(Evaluation)
    assert evaluation and len(evaluation.labels) >= len(names)
    new = dict(zip(evaluation.labels, names, strict=False))
    everywhere = " ".join(names)

    def change(value, key=""):
        if isinstance(value, dict):
            return {new.get(k, k): change(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [change(v, key) for v in value]
        if key in {"label", "labels", "majority_label", "truth", "answer", "second"} and value in new:
            return new[value]
        if key in {"text", "title"} and isinstance(value, str):
            return everywhere
        texts = {"sentence", "goal", "target", "examples", "name", "message", "licence", "basis", "location"}
        return everywhere if key in texts and isinstance(value, str) else value

    artifacts = {}
    for kind, artifact in dossier.artifacts.items():
        value = change(json.loads(artifact.model_dump_json()))
        for each in [*value.get("scores", []), *value.get("baselines", []), *value.get("models", [])]:
            if isinstance(each, dict):  # names of models are our own
                each["name"] = "linear"
        artifacts[kind] = KINDS[kind].model_validate(value)
    smoke = artifacts["smoke_report"]
    assert isinstance(smoke, SmokeReport)
    repair = Repair(bug=names[0], explanation=everywhere, evidence=everywhere, diff="+ " + names[0])
    artifacts["smoke_report"] = smoke.model_copy(update={"repairs": (repair,)})
    request = dossier.run.request.model_copy(update={"sentence": everywhere, "data": everywhere})
    return replace(dossier, run=dossier.run.model_copy(update={"request": request}), artifacts=artifacts)


def leaking(dossier: Dossier) -> Dossier:
    """The same run, had it been a transformer with test rows that repeat training rows."""
    evaluation = dossier.get(Evaluation)
    assert evaluation
    finding = Finding(
        id=LEAK_FINDING, severity=Severity.HIGH, count=9, share=0.1, split="test", rows=(1, 2),
        examples=("I cannot pay",), message="9 test rows stand in the train split.", action="Quote the rest.",
    )  # fmt: skip
    lower = {
        metric: Interval(value=0.9 * found.value, low=0.9 * found.low, high=0.9 * found.high)
        for metric, found in evaluation.scores.items()
    }
    leaky = evaluation.model_copy(
        update={
            "findings": (finding,), "clean": lower, "clean_rows": evaluation.rows - 9,
            "worth": "It was worth it: better than the linear baseline.",
        }
    )  # fmt: skip
    return replace(dossier, artifacts={**dossier.artifacts, Evaluation.kind: leaky})


def with_classes(dossier: Dossier, count: int) -> Dossier:
    """The same run with so many classes, each mistaken for the next now and then."""
    evaluation = dossier.get(Evaluation)
    assert evaluation
    labels = tuple(f"a_class_with_a_rather_long_name_{i:03}" for i in range(count))
    confusion = [[0] * count for _ in labels]
    scores = []
    for i, label in enumerate(labels):
        confusion[i][i], confusion[i][(i + 1) % count] = 40 - i % 7, i % 7
        f1 = Interval(value=1 - i / 200, low=0.5, high=1.0)
        scores.append(ClassScore(label=label, precision=0.5, recall=0.5, f1=f1, support=40, predicted=40))
    many = evaluation.model_copy(
        update={
            "labels": labels,
            "per_class": tuple(scores),
            "confusion": tuple(map(tuple, confusion)),
            "rows": 40 * count,
        }
    )
    return replace(dossier, artifacts={**dossier.artifacts, Evaluation.kind: many})


def stopped(dossier: Dossier, stage: str, status: RunStatus, error: str = "", hint: str = "") -> Dossier:
    """The same run as it would look if it had come no further than to this stage."""
    left = [kind for kind in dossier.artifacts if NAMES.index(STAGE_OF[kind].name) < NAMES.index(stage)]
    if status is RunStatus.WAITING:
        left.append("training_plan")
    run_id = dossier.run.id
    commands = (f"ml-intern resume {run_id}",)
    if status is RunStatus.WAITING:
        commands = (f"ml-intern approve {run_id}", f'ml-intern deny {run_id} --reason "what to change"')
    return replace(
        dossier,
        run=dossier.run.model_copy(update={"status": status, "error": error, "hint": hint}),
        artifacts={kind: dossier.artifacts[kind] for kind in left},
        versions=tuple(version for version in dossier.versions if version.kind in left),
        approvals=(),
        steps=tuple(
            replace(step, objections=(), seconds=1.0)
            if NAMES.index(step.name) < NAMES.index(stage)
            else replace(step, objections=("training_run is missing",), seconds=None)
            for step in dossier.steps
        ),
        commands=commands,
    )
