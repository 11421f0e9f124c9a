"""The model beside the one before it, from the stored predictions and stress cases of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ml_intern.evaluation.intervals import paired_difference
from ml_intern.evaluation.truth import Truth
from ml_intern.records.base import FileRef
from ml_intern.records.data import DataReport, Split
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import BeforeAfter, Difference, Improvements
from ml_intern.records.metrics import Metric
from ml_intern.records.spec import TaskSpec
from ml_intern.records.stress import StressReport
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.store.artifacts import StoredArtifact
from ml_intern.stress.judge import paired_drop
from ml_intern.workflow.run import Run

AIMED = {"typo_augmentation": ("typos_light", "typos_medium", "typos_heavy", "ocr_noise")}
"""The capabilities that a setting is changed for."""


@dataclass(frozen=True)
class Model:
    """One model of the run with what was found of it."""

    script: TrainingScript
    trained: TrainingRun
    evaluation: Evaluation
    stress: StressReport


def compared(run: Run) -> BeforeAfter | None:
    """The current model against the last one that was evaluated before; None for the first one."""
    now = Model(run.need(TrainingScript), run.need(TrainingRun), run.need(Evaluation), run.need(StressReport))
    before = earlier(run, now)
    if before is None:
        return None
    changed = {
        name: (before.script.config.get(name), now.script.config.get(name))
        for name in sorted({*before.script.config, *now.script.config})
        if before.script.config.get(name) != now.script.config.get(name)
    }
    differences = (*_scores(run, before, now), *_stress(run, before, now, changed))
    return BeforeAfter(
        titles=_titles(run, {name: after for name, (_, after) in changed.items()}),
        config=changed,
        differences=differences,
        seconds=(before.trained.seconds, now.trained.seconds),
        verdict=_verdict(differences, now, before, len(changed)),
    )


def earlier(run: Run, now: Model) -> Model | None:
    """The newest model before this one that was trained on the same split and got as far as the stress tests.

    A model that was gone back to has none but what came before its own training.
    """
    stored = {(each.kind, each.sha256): each for each in run.history}
    split = run.sha256(Split)
    for each in reversed(_until_trained(run, now.trained)):
        if each.kind != StressReport.kind or each.inputs.get(Split.kind) != split:
            continue
        evaluation = stored.get((Evaluation.kind, each.inputs[Evaluation.kind]))
        trained = stored.get((TrainingRun.kind, each.inputs[TrainingRun.kind]))
        if evaluation is None or trained is None:
            continue
        training = TrainingRun.model_validate_json(trained.content)
        if training.config_sha256 == now.trained.config_sha256:
            continue
        script = _script_of(run, training)
        if script is not None:
            return Model(
                script,
                training,
                Evaluation.model_validate_json(evaluation.content),
                StressReport.model_validate_json(each.content),
            )
    return None


def _until_trained(run: Run, trained: TrainingRun) -> list[StoredArtifact]:
    """The history up to where this model was first trained."""
    found = []
    for each in run.history:
        if each.kind == TrainingRun.kind:
            made = TrainingRun.model_validate_json(each.content)
            if (made.script_sha256, made.config_sha256) == (trained.script_sha256, trained.config_sha256):
                break
        found.append(each)
    return found


def tried_in_vain(run: Run) -> list[dict[str, object]]:
    """The changes of settings that earlier iterations of the run tried and that did not help."""
    found = []
    for each in run.history:
        if each.kind == Improvements.kind:
            compared = Improvements.model_validate_json(each.content).compared
            aimed = [d for d in compared.differences if d.aimed_at] if compared else []
            if compared and aimed and aimed[0].said != "better":
                found.append({name: after for name, (_, after) in compared.config.items()})
    return found


def _script_of(run: Run, trained: TrainingRun) -> TrainingScript | None:
    wanted = (trained.script_sha256, trained.config_sha256)
    for each in reversed(run.history):
        if each.kind == TrainingScript.kind:
            script = TrainingScript.model_validate_json(each.content)
            if (script.script_sha256, script.config_sha256) == wanted:
                return script
    return None


def _titles(run: Run, config: dict[str, object]) -> tuple[str, ...]:
    """The suggestions of the run that ask for exactly these settings, or some of them."""
    for each in reversed(run.history):
        if each.kind == Improvements.kind:
            known = Improvements.model_validate_json(each.content).suggestions
            found = [s.title for s in known if s.config and s.config.items() <= config.items()]
            if found:
                return tuple(found)
    return ()


def _scores(run: Run, before: Model, now: Model) -> list[Difference]:
    spec, split, report = run.need(TaskSpec), run.need(Split), run.need(DataReport)
    sealed = pl.read_parquet(run.folder / split.sealed_test.path)
    cases = sealed["test_case_id"].to_list()
    clean = (~sealed["row_id"].is_in(split.seen_test_rows)).to_list()
    truth = Truth.of(sealed[report.label.name].to_list(), split.labels, clean)
    old, new = (_answers(run, model.evaluation.predictions, cases, split.labels) for model in (before, now))
    found = []
    for metric in dict.fromkeys((spec.selection_metric, Metric.ACCURACY)):
        change = paired_difference(truth.indices, new, old, len(truth.labels), metric, spec.seed)
        values = (model.evaluation.scores[metric].value for model in (before, now))
        first, last = values
        found.append(
            Difference(
                measure=f"{metric.words} on all test rows",
                before=first,
                after=last,
                change=change,
                good=1,
                aimed_at=False,
            )
        )
    return found


def _answers(
    run: Run, file: FileRef, cases: Sequence[str], labels: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The place of each row's likeliest label, (rows,)."""
    frame = pl.read_parquet(run.folder / file.path, columns=["row_id", "label"])
    place = {label: i for i, label in enumerate(labels)}
    said = dict(frame.rows())
    return np.array([place[said[case]] for case in cases], dtype=np.intp)


def _stress(
    run: Run, before: Model, now: Model, changed: dict[str, tuple[object, object]]
) -> list[Difference]:
    old, new = (pl.read_parquet(run.folder / m.stress.cases.path) for m in (before, now))
    keys = ["capability", "text", "original"]
    both = old.unique(keys).join(new.unique(keys), on=keys, suffix="_now")
    aimed = {id for name in changed for id in AIMED.get(name, ())}
    found = []
    titles = {each.id: each.title for each in now.stress.capabilities}
    for (id,), cases in sorted(both.group_by(["capability"]), key=lambda pair: str(pair[0])):
        passed, still = ((cases[name] == "").to_list() for name in ("why", "why_now"))
        found.append(_difference(titles[str(id)], passed, still, str(id) in aimed))
    if aimed:
        mine = both.filter(pl.col("capability").is_in(sorted(aimed)))
        passed, still = ((mine[name] == "").to_list() for name in ("why", "why_now"))
        found.insert(0, _difference("all of what was aimed at", passed, still, True))
    return found


def _difference(title: str, passed: list[bool], still: list[bool], aimed: bool) -> Difference:
    rows = max(1, len(passed))
    return Difference(
        measure=f"failures: {title.lower()}",
        before=1 - sum(passed) / rows,
        after=1 - sum(still) / rows,
        change=paired_drop(passed, still),
        good=-1,
        aimed_at=aimed,
    )


def _verdict(found: Sequence[Difference], now: Model, before: Model, settings: int) -> str:
    aimed = next((each for each in found if each.aimed_at), found[0])
    worse = [each.measure for each in found if not each.aimed_at and each.said == "worse"]
    said = {
        "better": "It helped",
        "worse": "It made things worse",
        "no difference beyond noise": "It did not help beyond noise",
    }[aimed.said]
    change = aimed.change
    text = (
        f"{said}: {aimed.measure} went from {aimed.before:.3f} to {aimed.after:.3f} "
        f"({100 * change.value:+.1f} points [{100 * change.low:+.1f}, {100 * change.high:+.1f}])."
    )
    text += f" Worse elsewhere: {'; '.join(worse)}." if worse else " Nothing else got worse beyond noise."
    text += f" Training took {now.trained.seconds:.0f} s instead of {before.trained.seconds:.0f} s."
    if settings > 1:
        text += f" {settings} settings changed at once, so that their effects cannot be told apart."
    return text
