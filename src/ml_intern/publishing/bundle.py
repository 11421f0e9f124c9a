"""The folder for the Hub: model, scripts, card, evaluation, and a manifest over all of it."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from ml_intern.publishing.results import write_results
from ml_intern.publishing.trace import Tracer, untraced_numbers
from ml_intern.records.base import Artifact, FileRef
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import DataReport
from ml_intern.records.errors import InternError
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.metrics import Interval
from ml_intern.records.research import DatasetChoice, data_in_use
from ml_intern.records.spec import HubOrigin, TaskSpec
from ml_intern.records.stress import StressReport
from ml_intern.records.training import TrainingRun

TEMPLATE = Path(__file__).with_name("card.md.j2")
FOLDER = "bundle"
USAGE = Path(__file__).with_name("usage")
SERVE = "serve.py"
"""The script of `USAGE` that goes into the bundle; the others run its examples."""


class Example(Artifact):
    """An inference example that was executed with the packaged model.

    `output` is what predict.py printed. `label` and `pipeline` are what Python showed, `served` is what the
    server answered to `client`; empty where that way was not tried, as with a script that prints no JSON.
    """

    text: str
    output: str
    label: str = ""
    pipeline: str = ""
    served: str = ""
    client: str = ""


SPOKEN = 0.1
"""A language of at least this share of the texts is one of the model's languages."""


class Facts(Artifact):
    """Values that the card needs and that follow from the evaluation."""

    classes: int
    unknown_label: str | None
    dataset: HubOrigin | None
    languages: tuple[str, ...]
    licence: str
    weakest_class: str
    weakest_f1: Interval


def make_bundle(
    run_folder: Path,
    artifacts: Mapping[str, Artifact],
    contents: Mapping[str, Path],
    example: Example,
    licence: str,
) -> Bundle:
    """Write the bundle folder and pin it.

    `artifacts` are all current artifacts by kind; `contents` maps a path in the bundle to the file to
    copy there. The folder appears complete or not at all.

    Raises:
        InternError: the card would hold a number that no artifact stands behind.
    """
    draft = run_folder / f"{FOLDER}.new"
    shutil.rmtree(draft, ignore_errors=True)
    for name, source in contents.items():
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    _write_reports(draft, artifacts)
    facts = _facts(artifacts, contents, licence)
    if facts.dataset:
        evaluation = artifacts[Evaluation.kind]
        assert isinstance(evaluation, Evaluation)
        write_results(draft, facts.dataset, evaluation)
    tracer = Tracer({**artifacts, "example": example, "facts": facts})
    template = TEMPLATE.read_text(encoding="utf-8")
    card = tracer.render(template)
    if untraced := untraced_numbers(card, template, tracer.traces):
        raise InternError(f"The card holds numbers without a source: {untraced[:5]}")
    (draft / "README.md").write_text(card, encoding="utf-8")
    _write_manifest(draft)
    final = run_folder / FOLDER
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    files = pinned(final)
    return Bundle(
        folder=FOLDER,
        files=files,
        card=next(file for file in files if file.path == "README.md"),
        traces=tuple(tracer.traces),
        example_output=example.output,
        licence=licence,
        seconds=0.0,
    )


def _facts(artifacts: Mapping[str, Artifact], contents: Mapping[str, Path], licence: str) -> Facts:
    evaluation = artifacts[Evaluation.kind]
    assert isinstance(evaluation, Evaluation)
    tested = [each for each in evaluation.per_class if each.support]
    weakest = min(tested, key=lambda each: (each.f1.value, each.f1.low, each.label))
    return Facts(
        classes=len(evaluation.labels),
        unknown_label=_unknown_label(contents),
        dataset=_from_hub(artifacts),
        languages=_languages(artifacts),
        licence=licence,
        weakest_class=weakest.label,
        weakest_f1=weakest.f1,
    )


def _languages(artifacts: Mapping[str, Artifact]) -> tuple[str, ...]:
    """The codes of the languages that a good part of the texts is in."""
    report = artifacts[DataReport.kind]
    assert isinstance(report, DataReport)
    return tuple(code for code, share in report.languages.items() if share >= SPOKEN)


def _from_hub(artifacts: Mapping[str, Artifact]) -> HubOrigin | None:
    spec, choice = artifacts[TaskSpec.kind], artifacts[DatasetChoice.kind]
    assert isinstance(spec, TaskSpec) and isinstance(choice, DatasetChoice)
    data = data_in_use(spec, choice)
    return data.hub if data else None


def _unknown_label(contents: Mapping[str, Path]) -> str | None:
    """What the packaged model answers where it is too unsure; None where it always answers."""
    for name in ("intern.json", "config.json"):
        if name in contents:
            settings = json.loads(contents[name].read_text(encoding="utf-8"))
            return settings.get("unknown", {}).get("label") if isinstance(settings, dict) else None
    return None


def _write_reports(folder: Path, artifacts: Mapping[str, Artifact]) -> None:
    """The artifacts behind the card, without the rows of data that serve as examples in them."""
    for kind, name in ((Evaluation.kind, "evaluation/evaluation.json"), (DataReport.kind, "data/audit.json")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        value = artifacts[kind].model_dump(mode="json")
        for finding in value["findings"]:
            finding.pop("examples")
        value.pop("doubts", None)  # nothing but rows of the test split
        for pair in value.get("confused", ()):
            pair.pop("examples")
        path.write_text(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    _write_stress(folder, artifacts)
    trained = artifacts[TrainingRun.kind]
    assert isinstance(trained, TrainingRun)
    packages = {name: version for name, version in trained.versions.items() if name != "python"}
    lines = [f"{name}=={version}\n" for name, version in sorted(packages.items())]
    (folder / "requirements.txt").write_text("".join(lines))


def _write_stress(folder: Path, artifacts: Mapping[str, Artifact]) -> None:
    """The stress report without its examples, which are made from rows of the data."""
    report = artifacts[StressReport.kind].model_dump(mode="json")
    for own in ("cases", "seconds"):
        report.pop(own)
    for each in report["capabilities"]:
        each.pop("examples")
    path = folder / "stress" / "report.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False, sort_keys=True) + "\n")


def pinned(folder: Path) -> tuple[FileRef, ...]:
    """All files below `folder`, in order of path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(
        FileRef(
            path=path.relative_to(folder).as_posix(),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            bytes=path.stat().st_size,
        )
        for path in paths
    )


def _write_manifest(folder: Path) -> None:
    lines = [f"{file.sha256}  {file.path}\n" for file in pinned(folder)]
    (folder / "MANIFEST.sha256").write_text("".join(lines))
