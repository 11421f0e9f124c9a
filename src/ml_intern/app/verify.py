"""Does a model's card tell the truth? Files, scores and example of any packaged model, downloaded afresh."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from ml_intern.app.claimed import computed_again
from ml_intern.app.home import STATE, default_home, open_home
from ml_intern.app.passing import passing_jobs
from ml_intern.app.stress import packaged
from ml_intern.compute.backends import open_backend
from ml_intern.evaluation.predictions import read_predictions
from ml_intern.evaluation.scores import score
from ml_intern.hub.access import open_hub
from ml_intern.hub.classifier import SCRIPT, Classifier, open_classifier
from ml_intern.hub.models import is_hub_id
from ml_intern.hub.publish import fetch
from ml_intern.publishing.verify import (
    card_scores,
    example_holds,
    example_of,
    files_are_whole,
    nothing_runs_when_loaded,
    scores_hold,
)
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import DataReport
from ml_intern.records.errors import JobFailed, UsageProblem
from ml_intern.records.jobs import LOCAL, UNSANDBOXED, JobResult, JobState, Limits
from ml_intern.records.metrics import Metric
from ml_intern.records.publication import Check
from ml_intern.tools.verify_bundle import test_texts
from ml_intern.training.base_models import require_torch
from ml_intern.workflow.run import Run

LIMITS = Limits(seconds=3600)
NO_ROWS = "the test rows that its card speaks of are not on this machine."
Wait = Callable[[str], None]


@dataclass(frozen=True)
class Verified:
    """What was looked at. `revision` is a commit for a model from the Hub, else empty."""

    model: str
    revision: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing that was looked at failed."""
        return not any(check.ok is False for check in self.checks)


def verify(name: str, home_path: Path | None, unsandboxed: bool, wait: Wait) -> Verified:
    """Check a folder, a run's packaged model, or OWNER/NAME[@REVISION] on the Hub, downloaded afresh.

    Raises:
        UsageProblem: there is no such model.
        SandboxMissing: there is no sandbox, and none was not agreed to.
    """
    home = home_path or default_home()
    with tempfile.TemporaryDirectory(prefix="ml-intern-verify-") as place:
        work = Path(place)
        wait("getting the model")
        folder, revision = _folder(name, home, work / "model")
        checks = [files_are_whole(folder), nothing_runs_when_loaded(folder)]
        if any(check.ok is False for check in checks):
            checks += scores_hold(folder, None, "the files are not what they should be.")
            return Verified(name, revision, tuple(checks))
        checks += _tried(folder, name, home, work, unsandboxed, wait)
        return Verified(name, revision, tuple(checks))


def _folder(name: str, home: Path, into: Path) -> tuple[Path, str]:
    path = Path(name).expanduser()
    if path.is_dir():
        return path.absolute(), ""
    if (packed := packaged(name)) is not None:
        return packed, ""
    if not is_hub_id(name):
        raise UsageProblem(
            f"There is no model {name!r}.", "Name a folder, a run, “latest”, or OWNER/NAME on the Hub."
        )
    repo, _, revision = name.partition("@")
    with open_hub(home) as access:
        return into, fetch(access, repo, revision or None, into)


def _tried(folder: Path, name: str, home: Path, work: Path, unsandboxed: bool, wait: Wait) -> list[Check]:
    """What only running the model shows; it is run in the sandbox."""
    try:
        model = open_classifier(folder, name)
    except UsageProblem as problem:
        return [
            Check(id="loads", ok=False, message=problem.message),
            *scores_hold(folder, None, problem.message),
        ]
    if model.script == SCRIPT:
        require_torch()
    backend = open_backend(UNSANDBOXED if unsandboxed else LOCAL, work)
    with passing_jobs(backend, "verify", work, wait) as job:
        try:
            return _run(folder, model, home, work, job, wait, unsandboxed)
        except JobFailed as failed:
            return [
                Check(id="loads", ok=False, message=failed.message),
                *scores_hold(folder, None, failed.message),
            ]


def _run(
    folder: Path,
    model: Classifier,
    home: Path,
    work: Path,
    job: Callable[..., JobResult],
    wait: Wait,
    unsandboxed: bool,
) -> list[Check]:
    checks: list[Check] = []
    made_by = _run_that_made(folder, home)
    if unsandboxed and made_by is None and model.script != SCRIPT:
        why = "it brings a script of its own, which is run in a sandbox only."
        return [
            Check(id="loads", ok=None, message=f"The model was not tried: {why}"),
            *scores_hold(folder, None, why),
        ]
    example = example_of(folder)
    if example is not None and model.script != SCRIPT:
        wait("running the card's example")
        files = {**model.files, "predict.py": model.script}
        done = _require(job("example", ["python", "predict.py", ".", "--text", example[0]], files, LIMITS))
        checks.append(example_holds(example[1], "\n".join(done.log_tail)))
    if made_by is None:
        checks.append(_loads(model, work, job))
        checks += computed_again(
            folder, model, home, work, lambda rows: _predict(model, rows, work, job), wait
        )
        again = any(check.id == "scores" for check in checks)
        beside = scores_hold(folder, None, NO_ROWS)
        return checks + [check for check in beside if not again or check.id != "scores"]
    checks.append(_card_is_ours(folder, made_by))
    wait("computing the scores again")
    return checks + scores_hold(folder, _recomputed(made_by, model, work, job), "")


def _card_is_ours(folder: Path, run: Run) -> Check:
    """Whether the card is, to the byte, the one that was rendered from the run's stored results."""
    card = folder / "README.md"
    found = hashlib.sha256(card.read_bytes()).hexdigest() if card.is_file() else ""
    mine = _weights(folder) | _settings(folder)  # two models of a run may differ in their threshold alone
    ok = any(
        found == bundle.card.sha256 and mine <= {file.sha256 for file in bundle.files}
        for bundle in _bundles(run)
    )
    said = "is the one that was rendered" if ok else "is not the one that was rendered"
    return Check(id="card", ok=ok, message=f"The card {said} from the stored results.")


def _loads(model: Classifier, work: Path, job: Callable[..., JobResult]) -> Check:
    """Whether the model answers a text at all."""
    _predict(model, pl.DataFrame({model.id_column: ["0"], model.text_column: ["Hello."]}), work, job)
    return Check(
        id="loads", ok=True, message=f"The model loads and answers; it knows {len(model.labels)} classes."
    )


def _recomputed(run: Run, model: Classifier, work: Path, job: Callable[..., JobResult]) -> dict[str, float]:
    rows, truth = test_texts(run)
    path = _predict(model, rows, work, job)
    known = tuple(label for label in truth.labels if label in model.labels)
    if set(known) != set(model.labels):
        raise JobFailed("The model knows other classes than the test rows have.")
    confusion = truth.confusion(read_predictions(path, rows[model.id_column].to_list(), known))
    return {metric.value: float(score(metric, confusion)) for metric in Metric}


def _predict(model: Classifier, rows: pl.DataFrame, work: Path, job: Callable[..., JobResult]) -> Path:
    place = work / "inputs.parquet"
    rows.write_parquet(place)
    files = {"predict.py": model.script, "data/inputs.parquet": place}
    files |= {f"model/{name}": path for name, path in model.files.items()}
    command = ["python", "predict.py", "model", "data/inputs.parquet", "outputs/predictions.parquet"]
    return Path(_require(job("verify", command, files, LIMITS)).outputs) / "predictions.parquet"


def _require(result: JobResult) -> JobResult:
    if result.status.state is not JobState.SUCCEEDED:
        last = next((line for line in reversed(result.log_tail) if line.strip()), "it printed nothing")
        raise JobFailed(f"The model could not answer ({result.status.reason}): {last}")
    return result


def _run_that_made(folder: Path, home: Path) -> Run | None:
    """The run on this machine that made this very model, told by its weights."""
    if not (home / STATE).exists() or not card_scores(folder):
        return None
    opened = open_home(home)
    mine = _weights(folder)
    for record in opened.every_run():
        run = Run(opened.engine, record, opened.folder(record.id), lambda event: None)
        for bundle in _bundles(run):
            if mine and mine <= {file.sha256 for file in bundle.files}:
                return run
    return None


def _bundles(run: Run) -> Iterator[Bundle]:
    """All that it packaged from the data as it stands now, changes that were taken back included."""
    data = run.sha256(DataReport)
    for stored in run.history:
        if stored.kind == Bundle.kind and data and stored.inputs.get(DataReport.kind) == data:
            try:
                yield Bundle.model_validate_json(stored.content)
            except ValidationError:  # of another version of ours
                continue


def _weights(folder: Path) -> set[str]:
    """The hashes of the weights: what tells one model from another."""
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.safetensors")}


def _settings(folder: Path) -> set[str]:
    """The hashes of the settings that the model answers by."""
    places = (folder / name for name in ("config.json", "intern.json"))
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in places if path.is_file()}


def as_json(found: Verified) -> dict[str, Any]:
    """What `verify --json` prints."""
    return {
        "model": found.model,
        "revision": found.revision,
        "ok": found.ok,
        "checks": [check.model_dump() for check in found.checks],
    }
