"""Tool: settle what is published where, for a person to agree to."""

import re

from ml_intern.data.split import ROW_ID
from ml_intern.hub.access import HubAccess
from ml_intern.hub.publish import full_name, standing
from ml_intern.publishing.demo import FOLDER, make_demo
from ml_intern.publishing.licences import conflicts
from ml_intern.records.base import digest
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import DataReport
from ml_intern.records.demo import Demo
from ml_intern.records.display import escape
from ml_intern.records.errors import DataUnfit, UsageProblem
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.publication import Publication, PublicationPlan, SpacePlan
from ml_intern.records.research import DatasetChoice, ModelChoice
from ml_intern.records.training import TrainingRun
from ml_intern.records.words import storage
from ml_intern.tools.package_model import model_licence
from ml_intern.tools.train_model import model_inputs
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool

LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,60}")
OTHERWISE = "or publish for yourself alone: ml-intern publish --private"
ANOTHER = "Choose another name with: ml-intern publish --to OWNER/NAME"
PUBLIC = "Choose another name with --to, or agree to that: ml-intern publish --public"


@tool("publish")
def plan_publication(bench: Workbench) -> Done:
    """Settle the destination, visibility and files of the publication that the user asked for."""
    with bench.hub() as access:
        plan = settle(bench.run, access)
    seen = "you alone" if plan.private else "everybody"
    text = f"To be published: {len(plan.files)} files, {storage(plan.bytes)}, as {plan.repo}, for {seen}."
    if plan.space:
        text += f" Beside it a demo, as the Space {plan.space.repo}."
    return Done(text, [plan])


def settle(run: Run, access: HubAccess) -> PublicationPlan:
    """What the run's request asks to publish, held against what is there.

    Raises:
        DataUnfit: the licence of the data forbids it.
        UsageProblem: the repository holds other files, or its name cannot be.
        HubRefused: there is no token that the Hub accepts.
    """
    request, bundle, dataset = run.record.request, run.need(Bundle), run.need(DatasetChoice)
    if request.public and dataset.private_use_only:
        raise DataUnfit(
            "The licence of the data is not known, so the model cannot be made public.",
            f"Name it with --licence in a new run, {OTHERWISE}",
        )
    problems = _conflicts(run, bundle.licence)
    if request.public and problems:
        raise DataUnfit(
            f"The model cannot be made public: {' '.join(problems)}", f"Ask a lawyer, {OTHERWISE}"
        )
    repo = full_name(access, request.publish or "")
    there = standing(access, repo)
    # Our own Hub runs only while we do: its address would be another one next time.
    endpoint = "embedded" if access.embedded else access.endpoint
    ours = _published_before(run, repo)
    folder = run.folder / bundle.folder
    notes = list(problems)
    if there is not None and there.files and not there.holds(folder, bundle.files):
        if there.commit not in ours:
            raise UsageProblem(f"{repo} exists and holds other files; nothing was changed there.", ANOTHER)
        notes.append("Replaces what this run published there before.")
    if there is not None and not there.private and not request.public:
        raise UsageProblem(f"{repo} exists and everybody can see it; you asked for a private one.", PUBLIC)
    return PublicationPlan(
        endpoint=endpoint,
        repo=repo,
        private=not request.public,
        licence=bundle.licence,
        bundle_sha256=bundle_sha256(bundle),
        files=bundle.files,
        bytes=sum(file.bytes for file in bundle.files),
        parent=there.commit if there else None,
        notes=tuple(notes),
        space=_space(run, access, repo),
    )


def _space(run: Run, access: HubAccess, model: str) -> SpacePlan | None:
    """The demo that is asked for, its folder written; None without, and before it was tried.

    Raises:
        UsageProblem: a Space of that name holds other files.
    """
    demo, request = run.get(Demo), run.record.request
    if demo is None or not request.space:
        return None
    bundle, report = run.need(Bundle), run.need(DataReport)
    folder = run.folder / bundle.folder
    names = model_inputs(run.need(TrainingRun), run.folder)
    settings = {
        "labels": list(run.need(Evaluation).labels),
        "id_column": ROW_ID,
        "text_column": report.text.name,
    }
    files = {f"model/{name}": folder / name for name in names} | {"predict.py": folder / "predict.py"}
    made = make_demo(
        run.folder, model, bundle.licence, settings, files, folder / "requirements.txt", demo.examples
    )
    repo = f"{model}-demo"
    there = standing(access, repo, "space")
    if there is not None and there.files and not there.holds(run.folder / FOLDER, made):
        before = _published(run)
        if there.commit not in {each.space.revision for each in before if each.space}:
            raise UsageProblem(
                f"The Space {repo} exists and holds other files; nothing was changed there.", ANOTHER
            )
    if there is not None and not there.private and not request.public:
        raise UsageProblem(f"Everybody can see the Space {repo}; you asked for a private one.", PUBLIC)
    return SpacePlan(
        repo=repo,
        files=made,
        bytes=sum(file.bytes for file in made),
        parent=there.commit if there else None,
    )


def check_licence(run: Run) -> None:
    """See that the model may have the licence that was chosen.

    Raises:
        UsageProblem: it is no identifier of a licence.
        DataUnfit: everybody is to see the model, and the licences of data and base model forbid it.
    """
    chosen = model_licence(run)
    if not LICENCE.fullmatch(chosen):
        raise UsageProblem(
            f"{escape(chosen)!r} is no identifier of a licence.", "Write it as the Hub does, like apache-2.0."
        )
    if run.request.public and (problems := _conflicts(run, chosen)):
        raise DataUnfit(
            f"The model cannot be made public: {' '.join(problems)}", f"Ask a lawyer, {OTHERWISE}"
        )


def _conflicts(run: Run, licence: str) -> list[str]:
    """Where the licences of data and base model do not go with that of the model."""
    made_from = {"the data": run.need(DatasetChoice).licence}
    base = run.need(ModelChoice).base_model
    if base is not None:
        made_from["the base model"] = base.licence
    return conflicts(made_from, licence)


def bundle_sha256(bundle: Bundle) -> str:
    """One hash over the bundle's files."""
    return digest({file.path: file.sha256 for file in bundle.files})


def _published_before(run: Run, repo: str) -> set[str]:
    """The commits that this run has made in the repository."""
    return {each.revision for each in _published(run) if each.repo == repo}


def _published(run: Run) -> list[Publication]:
    return [
        Publication.model_validate_json(stored.content)
        for stored in run.history
        if stored.kind == Publication.kind
    ]
