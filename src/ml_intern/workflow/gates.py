"""What must hold before a stage counts as done.

A gate reads stored artifacts and returns its objections as sentences; none means it is open. It
trusts no brain, no message and no script: only what code computed and stored.
"""

from collections.abc import Callable
from typing import Any

from ml_intern.ports.artifacts import ArtifactReader
from ml_intern.records.approval import Verdict
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import LEAK_FINDING, NEAR_LEAK_FINDING, DataReport, Split
from ml_intern.records.demo import Demo
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import Improvements
from ml_intern.records.publication import Publication, PublicationPlan
from ml_intern.records.research import BY_USER, DatasetChoice, Research, data_in_use
from ml_intern.records.research import Verdict as Chosen
from ml_intern.records.spec import DataSource, TaskSpec
from ml_intern.records.stress import StressReport
from ml_intern.records.training import Baselines, SmokeReport, TrainingPlan, TrainingRun, TrainingScript
from ml_intern.stress.capabilities import ids

Gate = Callable[[ArtifactReader], list[str]]

REQUIRED_SCRIPTS = ("predict.py", "train.py")
PICKLED = (".pkl", ".pickle", ".joblib", ".bin", ".pt", ".pth", ".skops")


def _objections(*checks: tuple[bool, str]) -> list[str]:
    return [message for holds, message in checks if not holds]


def task_is_complete(view: ArtifactReader) -> list[str]:
    """Goal, target, metric, deliverable and limits are present, and somebody accepted them."""
    spec = view.need(TaskSpec)
    return _objections(
        (bool(spec.goal and spec.target), "The task has no goal."),
        (bool(spec.metrics), "The task names no metric."),
        (spec.selection_metric in spec.metrics, "The selection metric is not among the metrics."),
        (bool(spec.deliverable), "The task names no deliverable."),
        (spec.budget_micro_usd >= 0 and spec.time_limit_seconds > 0, "The task has no valid limits."),
        (bool(spec.accepted_by), "Nobody accepted the task."),
    )


def choices_have_sources(view: ArtifactReader) -> list[str]:
    """Each approach is sourced or called uncertain, one is chosen, the dataset is pinned."""
    approaches = view.need(Research).approaches
    dataset, spec = view.need(DatasetChoice), view.need(TaskSpec)
    data = data_in_use(spec, dataset)
    unsourced = [a.name for a in approaches if not a.references and not a.uncertain]
    return _objections(
        (not unsourced, f"These approaches have no source and are not called uncertain: {unsourced}."),
        (sum(a.chosen for a in approaches) == 1, "Exactly one approach must be chosen."),
        (data is not None and _pins(dataset, data), "The chosen dataset is not the one that the task names."),
        (not (spec.data and dataset.data), "The task names its data, so that research may choose no other."),
        *_choice_is_open(dataset),
        (
            dataset.private_use_only or dataset.licence != "unknown",
            "Data without a known licence is for private use only.",
        ),
    )


def _pins(dataset: DatasetChoice, data: DataSource) -> bool:
    """Whether the choice names exactly this content: a commit of the Hub, or the hash of the files."""
    if data.hub:
        return (dataset.name, dataset.revision) == (data.hub.repo, data.hub.commit)
    return dataset.revision == data.sha256


def _choice_is_open(dataset: DatasetChoice) -> list[tuple[bool, str]]:
    """A dataset that was searched for: somebody chose it, from candidates that each have a reason."""
    if dataset.data is None:
        return []
    chosen = [each for each in dataset.candidates if each.verdict is Chosen.CHOSEN]
    unmet = [c.name for each in chosen for c in each.criteria if c.needed and not c.met]
    return [
        ([each.name for each in chosen] == [dataset.name], "Exactly the chosen dataset must be marked so."),
        (all(each.reason for each in dataset.candidates), "A candidate has no reason."),
        (bool(dataset.accepted_by), "Nobody chose the dataset."),
        (
            not unmet or dataset.accepted_by == BY_USER,
            f"The chosen dataset lacks what it needs ({', '.join(unmet)}), and no person chose it.",
        ),
    ]


def data_is_read_and_split(view: ArtifactReader) -> list[str]:
    """All rows were read, findings carry evidence, the columns are the locked ones, leaks are known."""
    report, split, spec = view.need(DataReport), view.need(Split), view.need(TaskSpec)
    bare = [f.id for f in report.findings if f.count and not f.rows]
    read = sum(file.rows for file in report.files)
    told = {f.id for f in report.findings}
    official = any(file.split is not None for file in report.files)
    return _objections(
        (report.rows == read, f"{read} rows were read but {report.rows} reported."),
        (not bare, f"These findings have no rows as evidence: {bare}."),
        (spec.text_column in (None, report.text.name), "The text column is not the one that was asked for."),
        (spec.label_column in (None, report.label.name), "The label column is not the one asked for."),
        (split.seed == spec.seed, "The split was made with another seed."),
        (
            not split.repeated_test_rows or LEAK_FINDING in told or not official,
            "Test rows repeat training rows and no finding says so.",
        ),
        (
            not split.nearly_repeated_test_rows or NEAR_LEAK_FINDING in told or not official,
            "Test rows nearly repeat training rows and no finding says so.",
        ),
        (all(split.rows.get(part) for part in ("train", "validation", "test")), "A split is empty."),
    )


def baselines_are_scored(view: ArtifactReader) -> list[str]:
    """The majority and linear baselines have every metric of the task."""
    scored = {model.name: model for model in view.need(Baselines).scores}
    wanted = set(view.need(TaskSpec).metrics)
    return [
        f"The {name} baseline is not scored."
        for name in ("majority", "linear")
        if name not in scored or not wanted <= set(scored[name].scores)
    ]


def script_is_complete(view: ArtifactReader) -> list[str]:
    """The scripts of the training contract are there and hashed."""
    script = view.need(TrainingScript)
    names = {file.path.rsplit("/", 1)[-1] for file in script.files}
    return [f"The script folder lacks {name}." for name in REQUIRED_SCRIPTS if name not in names]


def smoke_test_passed(view: ArtifactReader) -> list[str]:
    """Every check passed for exactly this script, config and dataset."""
    smoke, script, split = view.need(SmokeReport), view.need(TrainingScript), view.need(Split)
    failed = [f"Smoke check {c.id} failed: {c.message}" for c in smoke.checks if not c.ok]
    return failed + _objections(
        (bool(smoke.checks), "The smoke test checked nothing."),
        (smoke.script_sha256 == script.script_sha256, "The smoke test ran another script."),
        (smoke.config_sha256 == script.config_sha256, "The smoke test ran another config."),
        (smoke.dataset_fingerprint == split.fingerprint, "The smoke test ran on another dataset."),
    )


def plan_is_approved(view: ArtifactReader) -> list[str]:
    """The plan is for the smoke-tested script, within the budget, and a person or policy said yes."""
    plan, spec, smoke = view.need(TrainingPlan), view.need(TaskSpec), view.need(SmokeReport)
    approval = view.approval(TrainingPlan)
    tested = (smoke.script_sha256, smoke.config_sha256, smoke.dataset_fingerprint)
    return _objections(
        (
            (plan.script_sha256, plan.config_sha256, plan.dataset_fingerprint) == tested,
            "The plan is for another script, config or dataset than the smoke test passed.",
        ),
        (plan.worst_case_micro_usd <= spec.budget_micro_usd, "The plan's worst case is over the budget."),
        (
            approval is not None and approval.verdict is Verdict.APPROVED,
            "The plan has not been approved.",
        ),
    )


def training_finished(view: ArtifactReader) -> list[str]:
    """The trained model comes from the approved script and is stored without pickle."""
    trained, plan = view.need(TrainingRun), view.need(TrainingPlan)
    pickled = [f.path for f in trained.model if f.path.endswith(PICKLED)]
    return _objections(
        (trained.script_sha256 == plan.script_sha256, "Another script was trained than the plan names."),
        (trained.config_sha256 == plan.config_sha256, "Another config was trained than the plan names."),
        (bool(trained.model), "The training left no model."),
        (not pickled, f"The model holds pickled files: {pickled}."),
        (bool(trained.curve), "The training left no metrics."),
    )


def evaluation_is_complete(view: ArtifactReader) -> list[str]:
    """All sealed test rows were scored, with every metric of the task, baselines beside them."""
    evaluation, split, spec = view.need(Evaluation), view.need(Split), view.need(TaskSpec)
    return _objections(
        (evaluation.rows == split.rows["test"], "Not all test rows were scored."),
        (set(spec.metrics) <= set(evaluation.scores), "A metric of the task is missing."),
        (
            {"majority", "linear"} <= {b.name for b in evaluation.baselines},
            "The baselines were not scored on the test split.",
        ),
        (
            evaluation.clean_rows == evaluation.rows - len(split.seen_test_rows),
            "The clean subset is not the test split without repeated rows.",
        ),
    )


def every_capability_was_tried(view: ArtifactReader) -> list[str]:
    """Each capability ran, or says why it does not apply, and what it counted fits together."""
    report = view.need(StressReport)
    told = {each.id: each for each in report.capabilities}
    silent = [each.id for each in told.values() if bool(each.cases) == bool(each.reason)]
    odd = [each.id for each in told.values() if not 0 <= each.failures <= each.cases]
    missing = sorted(set(ids()) - set(told))
    return _objections(
        (not missing, f"These capabilities were not tried: {missing}."),
        (not silent, f"These capabilities neither ran nor say why they do not apply: {silent}."),
        (not odd, f"These capabilities failed more cases than they have: {odd}."),
        (bool(report.verdict), "The stress report has no verdict."),
    )


def suggestions_have_evidence(view: ArtifactReader) -> list[str]:
    """Each suggestion cites stored results, and says what gain to expect, on what basis, at what cost."""
    made = view.need(Improvements)
    stored = {kind.kind: view.need(kind).model_dump() for kind in (DataReport, Evaluation, StressReport)}
    bare = [
        each.id
        for each in made.suggestions
        if not each.evidence or not all(_resolves(stored, evidence.source) for evidence in each.evidence)
    ]
    vague = [each.id for each in made.suggestions if not each.expected.basis or each.cost_micro_usd < 0]
    return _objections(
        (not bare, f"These suggestions cite nothing that is stored: {bare}."),
        (not vague, f"These suggestions do not say what their expected gain is based on: {vague}."),
        (
            [each.number for each in made.suggestions] == list(range(1, len(made.suggestions) + 1)),
            "The suggestions are not numbered from 1.",
        ),
    )


def _resolves(stored: dict[str, Any], path: str) -> bool:
    """Whether a dotted path leads to a value."""
    value: Any = stored
    try:
        for part in path.split("."):
            value = value[int(part)] if isinstance(value, list | tuple) else value[part]
    except (KeyError, IndexError, ValueError, TypeError):
        return False
    return value is not None


def bundle_is_traced(view: ArtifactReader) -> list[str]:
    """The folder holds card, model and manifest, and the card's values come from artifacts."""
    bundle = view.need(Bundle)
    paths = {file.path for file in bundle.files}
    return _objections(
        (bundle.card.path in paths, "The bundle has no model card."),
        (any(p.endswith(".safetensors") for p in paths), "The bundle has no weights."),
        (bool(bundle.traces), "No value of the card is traced to an artifact."),
        (bool(bundle.example_output), "The inference example was not executed."),
        (
            (view.request.model_licence or view.need(DatasetChoice).licence) == bundle.licence,
            "Another licence was chosen than it names.",
        ),
    )


def demo_was_tried(view: ArtifactReader) -> list[str]:
    """The demo's examples were answered by the model, with labels that it has or the word for none."""
    examples, labels = view.need(Demo).examples, set(view.need(Evaluation).labels)
    strangers = {each.answer for each in examples} - labels
    return _objections(
        (bool(examples), "The model was tried with no text."),
        (len(strangers) <= 1, f"The demo has answers that are no labels of the model: {sorted(strangers)}."),
    )


def publication_is_verified(view: ArtifactReader) -> list[str]:
    """Exactly the approved files are where they should be, and a fresh download held what it says."""
    plan, made = view.need(PublicationPlan), view.need(Publication)
    approval = view.approval(PublicationPlan)
    failed = [check.id for check in made.checks if check.ok is False]
    checked = {check.id for check in made.checks if check.ok}
    return _objections(
        (
            approval is not None and approval.verdict is Verdict.APPROVED,
            "The publication has not been approved.",
        ),
        (
            (made.endpoint, made.repo, made.private, made.bundle_sha256)
            == (plan.endpoint, plan.repo, plan.private, plan.bundle_sha256),
            "Something else was published than was approved.",
        ),
        (
            (made.space.repo if made.space else None) == (plan.space.repo if plan.space else None),
            "Another demo was published than was approved.",
        ),
        (not failed, f"What was downloaded does not hold what it says: {failed}."),
        (
            {"manifest", "safe", "scores"} <= checked,
            "The published files, or their scores, were not checked.",
        ),
    )
