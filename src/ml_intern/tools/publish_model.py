"""Tool: publish what was approved, private first, and see by a fresh download that it is what it says."""

import shutil
import time
from pathlib import Path

from ml_intern.hub.access import HubAccess
from ml_intern.hub.publish import RepoKind, fetch, hide_from_all, make_repo, show_to_all, standing, upload
from ml_intern.publishing.demo import FOLDER as DEMO
from ml_intern.records.approval import Verdict
from ml_intern.records.base import FileRef
from ml_intern.records.bundle import Bundle
from ml_intern.records.display import listing
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.records.publication import Publication, PublicationPlan, PublishedSpace
from ml_intern.records.runs import EventName
from ml_intern.tools.plan_publication import ANOTHER, PUBLIC
from ml_intern.tools.verify_bundle import verify_bundle
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


@tool("publish")
def publish_model(bench: Workbench) -> Done:
    """Upload the approved files in one commit, download them afresh, and compare every score again."""
    began = time.monotonic()
    run = bench.run
    plan, bundle, answer = run.need(PublicationPlan), run.need(Bundle), run.approval(PublicationPlan)
    if answer is None or answer.verdict is not Verdict.APPROVED:
        raise Unfit("the publication has not been approved")
    _see_unchanged(run.folder / bundle.folder, bundle.files)
    fresh = run.folder / "published"
    with bench.hub() as access:
        if plan.endpoint != ("embedded" if access.embedded else access.endpoint):
            raise UsageProblem(
                f"The publication was approved for another Hub than the one configured now: {plan.endpoint}.",
                "Set HF_ENDPOINT and HF_TOKEN as they were then, or deny it and publish again.",
            )
        revision = _put(access, plan.repo, plan.private, plan.parent, run.folder / bundle.folder, plan.files)
        shutil.rmtree(fresh, ignore_errors=True)
        fetch(access, plan.repo, revision, fresh)
        checks = verify_bundle(bench, fresh)
        if failed := [check.message for check in checks if check.ok is False]:
            raise InternError(
                f"{plan.repo} does not hold what it says, so it stays private: {' '.join(failed)}",
                f"Look at it, then: ml-intern resume {run.record.id}",
            )
        space = _put_space(run, access, plan)
        if not plan.private:
            show_to_all(access, plan.repo)
            if space:
                show_to_all(access, space.repo, "space")
        now = standing(access, plan.repo)
        if now is None or now.private is not plan.private:
            raise InternError(
                f"{plan.repo} is not {'private' if plan.private else 'public'} as it should be.",
                "Somebody may have changed it meanwhile: look at its settings on the Hub.",
            )
        url = f"{access.endpoint}/{plan.repo}"
    made = Publication(
        endpoint=plan.endpoint,
        repo=plan.repo,
        url=url,
        revision=revision,
        private=now.private,
        bundle_sha256=plan.bundle_sha256,
        checks=tuple(checks),
        seconds=round(time.monotonic() - began, 3),
        space=space,
    )
    where = "on the embedded Hub" if plan.endpoint == "embedded" else f"at {url}"
    text = (
        f"Published as {plan.repo} {where}, revision {revision[:12]}; a fresh download reproduces its scores."
    )
    if space:
        text += f" Its demo is the Space {space.repo}."
    return Done(text, [made], [(EventName.MESSAGE, {"text": text})])


def _put_space(run: Run, access: HubAccess, plan: PublicationPlan) -> PublishedSpace | None:
    """The demo that was approved, uploaded where it is not there yet; None where none was."""
    if plan.space is None:
        return None
    wanted, folder = plan.space, run.folder / DEMO
    _see_unchanged(folder, wanted.files)
    revision = _put(access, wanted.repo, plan.private, wanted.parent, folder, wanted.files, "space")
    there = standing(access, wanted.repo, "space")
    if there is None or there.commit != revision or not there.holds(folder, wanted.files):
        raise InternError(
            f"The Space {wanted.repo} does not hold what was uploaded, so it stays private.",
            f"Look at it, then: ml-intern resume {run.record.id}",
        )
    return PublishedSpace(repo=wanted.repo, url=f"{access.endpoint}/spaces/{wanted.repo}", revision=revision)


def _see_unchanged(folder: Path, files: tuple[FileRef, ...]) -> None:
    from ml_intern.training.script import tree_refs

    found = {ref.path: ref.sha256 for ref in tree_refs(folder, folder)} if folder.is_dir() else {}
    approved = {file.path: file.sha256 for file in files}
    changed = sorted(name for name in approved if found.get(name) != approved[name])
    if changed:
        raise InternError(
            f"The packaged files in {folder} were changed after they were approved: {listing(changed)}.",
            "Restore them, then go on with ml-intern resume, or start a new run.",
        )
    if added := sorted(set(found) - set(approved)):
        raise InternError(
            f"In {folder} lies what was not packaged: {listing(added)}.",
            "Delete it, then go on with ml-intern resume. Python leaves __pycache__ where it imports.",
        )


def _put(
    access: HubAccess,
    repo: str,
    private: bool,
    parent: str | None,
    folder: Path,
    files: tuple[FileRef, ...],
    kind: RepoKind = "model",
) -> str:
    """The commit that holds the files; made only where there is none yet, as after a crash."""
    there = standing(access, repo, kind)
    if there is None:
        make_repo(access, repo, kind)
        there = standing(access, repo, kind)
    if there is None:
        raise InternError(f"{repo} was made but cannot be seen.", "Check what the token may read.")
    if private and not there.private:
        raise UsageProblem(f"Everybody can see {repo} meanwhile; nothing was uploaded there.", PUBLIC)
    if there.holds(folder, files):
        return there.commit
    if there.files and there.commit != parent:
        raise UsageProblem(
            f"{repo} has come to hold other files meanwhile; nothing was changed there.", ANOTHER
        )
    if not there.private and not there.files:  # nothing is to be seen before it was checked
        hide_from_all(access, repo, kind)
    what = "Publish the demo with ML Intern" if kind == "space" else "Publish the model with ML Intern"
    return upload(access, repo, folder, files, there, what, kind)
