"""The model beside the one before it, from the stored predictions and stress cases of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.evaluation.intervals import paired_difference
from ml_intern.evaluation.predictions import read_predictions
from ml_intern.evaluation.sureness import held_back
from ml_intern.evaluation.truth import Truth
from ml_intern.improvement.ideas import paraphrases
from ml_intern.improvement.ideas.unknown import ASKED
from ml_intern.records.base import FileRef
from ml_intern.records.data import DataReport, Split
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import UNKNOWN, BeforeAfter, Difference, Improvements, changes
from ml_intern.records.metrics import Metric
from ml_intern.records.spec import AnswerRule, TaskSpec
from ml_intern.records.stress import StressReport
from ml_intern.records.training import TrainingRun, TrainingScript
from ml_intern.store.artifacts import StoredArtifact
from ml_intern.stress.judge import paired_drop
from ml_intern.workflow.run import Run

AIMED = {
    "typo_augmentation": ("typos_light", "typos_medium", "typos_heavy", "ocr_noise"),
    "wording_augmentation": paraphrases.HELD,
    UNKNOWN: ASKED,
}
"""The capabilities that something is changed for."""


@dataclass(frozen=True)
class Model:
    """One model of the run with what was found of it."""

    script: TrainingScript
    rule: AnswerRule
    trained: TrainingRun
    evaluation: Evaluation
    stress: StressReport


def compared(run: Run) -> BeforeAfter | None:
    """The current model against the last one that was evaluated before; None for the first one."""
    now = Model(
        run.need(TrainingScript),
        run.need(AnswerRule),
        run.need(TrainingRun),
        run.need(Evaluation),
        run.need(StressReport),
    )
    before = earlier(run, now)
    if before is None:
        return None
    old, new = (changes(model.script.config, model.rule.unknown) for model in (before, now))
    changed = {
        name: (old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
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

    A model that was gone back to has none but what came before its own evaluation.
    """
    stored = {(each.kind, each.sha256): each for each in run.history}
    split = run.sha256(Split)
    for each in reversed(_until_evaluated(run, now)):
        if each.kind != StressReport.kind or each.inputs.get(Split.kind) != split:
            continue
        evaluation = stored.get((Evaluation.kind, each.inputs[Evaluation.kind]))
        trained = stored.get((TrainingRun.kind, each.inputs[TrainingRun.kind]))
        rule = _rule_of(stored, evaluation)
        if evaluation is None or trained is None or rule is None:
            continue
        training = TrainingRun.model_validate_json(trained.content)
        if (training.config_sha256, rule) == (now.trained.config_sha256, now.rule):
            continue
        script = _script_of(run, training)
        if script is not None:
            return Model(
                script,
                rule,
                training,
                Evaluation.model_validate_json(evaluation.content),
                StressReport.model_validate_json(each.content),
            )
    return None


def _until_evaluated(run: Run, now: Model) -> list[StoredArtifact]:
    """The history up to where this model was first evaluated."""
    stored = {(each.kind, each.sha256): each for each in run.history}
    wanted = (now.trained.script_sha256, now.trained.config_sha256, now.rule)
    found = []
    for each in run.history:
        trained = stored.get((TrainingRun.kind, each.inputs.get(TrainingRun.kind, "")))
        if each.kind == Evaluation.kind and trained:
            made = TrainingRun.model_validate_json(trained.content)
            if (made.script_sha256, made.config_sha256, _rule_of(stored, each)) == wanted:
                break
        found.append(each)
    return found


def _rule_of(
    stored: dict[tuple[str, str], StoredArtifact], evaluation: StoredArtifact | None
) -> AnswerRule | None:
    """What the UNKNOWN answer was fitted for; None for a model that an earlier version evaluated."""
    found = stored.get((AnswerRule.kind, evaluation.inputs.get(AnswerRule.kind, ""))) if evaluation else None
    return AnswerRule.model_validate_json(found.content) if found else None


def tried_in_vain(run: Run) -> list[dict[str, object]]:
    """The changes that earlier iterations of the run tried and that did not help."""
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
    """The suggestions of the run that ask for exactly these changes, or some of them."""
    for each in reversed(run.history):
        if each.kind == Improvements.kind:
            known = Improvements.model_validate_json(each.content).suggestions
            found = [s.title for s in known if s.changes and s.changes.items() <= config.items()]
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
    held, kept = (_held_back(run, model, cases, split.labels) for model in (before, now))
    if held is not None and kept is not None:
        fine, well = held | (old == truth.indices), kept | (new == truth.indices)
        found.append(_difference("share of the test rows answered UNKNOWN", ~held, ~kept, False))
        found.append(_difference("share of the test rows answered wrongly", fine, well, False))
    return found


def _held_back(
    run: Run, model: Model, cases: Sequence[str], labels: Sequence[str]
) -> NDArray[np.bool_] | None:
    """The test rows that the model answers UNKNOWN, (rows,); None where it was not fitted."""
    fitted = model.evaluation.abstention
    if fitted is None:
        return None
    if model.rule.unknown.coverage == 1:
        return np.zeros(len(cases), dtype=bool)
    predictions = read_predictions(run.folder / model.evaluation.predictions.path, cases, labels)
    return held_back(predictions, fitted.chosen.value, fitted.threshold)


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
        passed, still = ((cases[name] == "").to_numpy() for name in ("why", "why_now"))
        found.append(_difference(f"failures: {titles[str(id)].lower()}", passed, still, str(id) in aimed))
    if aimed:
        mine = both.filter(pl.col("capability").is_in(sorted(aimed)))
        passed, still = ((mine[name] == "").to_numpy() for name in ("why", "why_now"))
        found.insert(0, _difference("failures: all of what was aimed at", passed, still, True))
    return found


def _difference(measure: str, passed: NDArray[np.bool_], still: NDArray[np.bool_], aimed: bool) -> Difference:
    rows = max(1, len(passed))
    return Difference(
        measure=measure,
        before=1 - int(passed.sum()) / rows,
        after=1 - int(still.sum()) / rows,
        change=paired_drop(passed.tolist(), still.tolist()),
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
    if now.trained == before.trained:
        text += " Nothing was trained for it."
    else:
        text += f" Training took {now.trained.seconds:.0f} s instead of {before.trained.seconds:.0f} s."
    if settings > 1:
        text += f" {settings} settings changed at once, so that their effects cannot be told apart."
    return text
