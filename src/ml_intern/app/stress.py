"""The stress suite alone, on any classifier: no run is made and nothing is kept."""

import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ml_intern import __version__
from ml_intern.app.data import data_location
from ml_intern.app.home import default_home, open_home
from ml_intern.app.pages import check_writable, write_page
from ml_intern.app.passing import passing_jobs
from ml_intern.compute.backends import open_backend
from ml_intern.data.columns import settle
from ml_intern.data.load import load
from ml_intern.data.masking import mask
from ml_intern.data.table import TEST, AuditTable
from ml_intern.evaluation.predictions import read_predictions
from ml_intern.evaluation.sureness import held_back
from ml_intern.hub.access import open_hub
from ml_intern.hub.classifier import SCRIPT, Classifier, open_classifier
from ml_intern.hub.models import download_model, is_hub_id
from ml_intern.records.display import escape, listing
from ml_intern.records.errors import DataUnfit, JobFailed, UsageProblem
from ml_intern.records.jobs import LOCAL, UNSANDBOXED, JobState, Limits
from ml_intern.records.shell import command_line
from ml_intern.records.stress import Case
from ml_intern.reporting.stress import StressPage, render_stress, section
from ml_intern.stress.answers import answers
from ml_intern.stress.material import Material
from ml_intern.stress.suite import Shown, Suite, make_suite, show
from ml_intern.training.base_models import require_torch

LIMITS = Limits(seconds=3600)
LATEST = "latest"
_HINT = "Name another file with --html FILE."
RUN_ID = re.compile(r"[0-9a-f]{2,8}")
Ask = Callable[[str, tuple[str, ...]], str | None]


@dataclass(frozen=True)
class Tried:
    """What was tried on which model; `left_out` rows have a label that the model does not know."""

    model: Classifier
    suite: Suite
    shown: Shown
    left_out: int
    seconds: float


@dataclass(frozen=True)
class StressRequest:
    """What a user asked for. `model` is a folder, a run, `latest`, or OWNER/NAME[@REVISION] on the Hub."""

    model: str
    data: str | None = None
    text: str | None = None
    label: str | None = None
    seed: int = 0
    unsandboxed: bool = False
    page: Path | None = None

    def command(self) -> str:
        """The command that asks for the same, on one line and quoted for a shell."""
        page = str(self.page) if self.page else None
        options = {"--data": self.data, "--text": self.text, "--label": self.label, "--html": page}
        return command_line(["ml-intern", "stress", self.model], options | {"--seed": str(self.seed)})


def stress_model(request: StressRequest, ask: Ask, wait: Callable[[str], None]) -> Tried:
    """Make the cases, answer them in the sandbox, judge the answers. `wait` is called while it takes time.

    Raises:
        UsageProblem: there is no such model or data, or the model may not be loaded.
        DataUnfit: no row of the data has a class of the model.
        SandboxMissing: there is no sandbox, and none was not agreed to.
        JobFailed: the model could not answer.
        InternError: the page could not be written.
    """
    began = time.monotonic()
    if request.page is not None:
        check_writable(request.page.expanduser().absolute(), _HINT)
    with tempfile.TemporaryDirectory(prefix="ml-intern-stress-") as name:
        folder = Path(name)
        model = _opened(request.model, folder)
        if model.script == SCRIPT:
            require_torch()
        wait("reading the data")
        texts, truths, left_out = _rows(request, model, ask)
        suite = make_suite(Material.of(texts, truths, model.labels, request.seed))
        given = _answer(model, suite, folder, request.unsandboxed, wait)
        return Tried(model, suite, show(suite, given), left_out, time.monotonic() - began)


def _opened(name: str, folder: Path) -> Classifier:
    path = Path(name).expanduser()
    if not path.exists() and (packed := packaged(name)):
        return open_classifier(packed, name)
    if path.exists() or not is_hub_id(name):
        return open_classifier(path.absolute(), name)
    with open_hub(default_home()) as access:
        fetched, commit, _ = download_model(name, folder / "hub", access)
    return open_classifier(fetched, f"{name.partition('@')[0]}@{commit[:12]}")


def packaged(name: str) -> Path | None:
    """The packaged model of the run that `name` is the id of, or of the newest run for "latest"."""
    if not (name == LATEST or RUN_ID.fullmatch(name)) or not default_home().is_dir():
        return None
    home = open_home()
    record = home.resolve(None if name == LATEST else name)
    folder = home.folder(record.id) / "bundle"
    if not folder.is_dir():
        raise UsageProblem(
            f"Run {record.id} has no packaged model yet.", f"Go on with it: ml-intern resume {record.id}"
        )
    return folder


def _rows(request: StressRequest, model: Classifier, ask: Ask) -> tuple[list[str], list[str], int]:
    """Texts and classes of the test part, or of all parts where there is none."""
    if request.data is None:
        return [], [], 0
    tables = load(data_location(request.data, ask), strict=False)
    text, label = settle(tables, "", "", request.text, request.label, ask)
    table = AuditTable.of(tables, text.name, label.name)
    rows = table.usable.filter(pl.col("part") == TEST) if TEST in table.parts else table.usable
    known = rows.filter(pl.col("label").is_in(model.labels))
    if not known.height:
        theirs = rows["label"].unique().sort().to_list()
        raise DataUnfit(
            f"No row of {escape(request.data)} has a class of the model: the data has {listing(theirs, 3)}, "
            f"the model {listing(model.labels, 3)}.",
            "Name the right label column with --label, or data with the model's own classes.",
        )
    return known["text"].to_list(), known["label"].to_list(), rows.height - known.height


def _answer(
    model: Classifier, suite: Suite, folder: Path, unsandboxed: bool, wait: Callable[[str], None]
) -> Any:
    ids = [f"text-{number}" for number in range(len(suite.texts))]
    path = folder / "texts.parquet"
    columns = {model.id_column: ids, model.text_column: suite.texts}
    pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).write_parquet(path)
    inputs = {"predict.py": model.script, "data/texts.parquet": path}
    inputs |= {f"model/{name}": file for name, file in model.files.items()}
    backend = open_backend(UNSANDBOXED if unsandboxed else LOCAL, folder)
    wait(f"answering {len(suite.texts):,} texts")
    with passing_jobs(backend, "stress", folder, wait) as run:
        result = run(
            "stress",
            ["python", "predict.py", "model", "data/texts.parquet", "outputs/predictions.parquet"],
            inputs,
            LIMITS,
        )
        if result.status.state is not JobState.SUCCEEDED:
            last = next((line for line in reversed(result.log_tail) if line.strip()), "it printed nothing")
            raise JobFailed(
                f"The model {escape(model.name)} could not answer ({result.status.reason}): {last}",
                "See whether it loads with the library that made it.",
            )
        found = read_predictions(Path(result.outputs) / "predictions.parquet", ids, model.labels)
    held = held_back(found, *model.unknown) if model.unknown else None
    return answers(suite.texts, found.probabilities, model.labels, held)


def write_stress_page(tried: Tried, request: StressRequest) -> Path | None:
    """Write the page that was asked for, if any, and say where it is.

    Raises:
        InternError: the file cannot be written.
    """
    if request.page is None:
        return None
    path = request.page.expanduser().absolute()
    material, shown = tried.suite.material, tried.shown
    capabilities = [
        each.model_copy(update={"examples": _masked(each.examples)}) for each in shown.capabilities
    ]
    page = StressPage(
        model=request.model,
        command=request.command(),
        product=f"ML Intern {__version__}",
        classes=len(tried.model.labels),
        texts=len(tried.suite.texts),
        seconds=tried.seconds,
        view=section(
            shown.verdict, capabilities, shown.words, shown.convictions,
            len(material.texts), "rows", material.seed,
        ),
    )  # fmt: skip
    write_page(path, render_stress(page), _HINT)
    return path


def _masked(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """The cases without the personal data that the rows they are made from may hold."""
    hidden = ({"text": mask(case.text), "original": mask(case.original)} for case in cases)
    return tuple(case.model_copy(update=each) for case, each in zip(cases, hidden, strict=True))


def as_json(tried: Tried) -> dict[str, Any]:
    """What `stress --json` prints."""
    capabilities = []
    for each in tried.shown.capabilities:
        rate = each.rate
        told = each.model_dump(mode="json", exclude={"rate", "examples"})
        told |= {
            name: getattr(rate, key) if rate else None for name, key in (("rate", "value"), ("low", "low"))
        }
        told |= {"high": rate.high if rate else None}
        told["examples"] = [case.model_dump() for case in _masked(each.examples)]
        capabilities.append(told)
    return {
        "model": tried.model.name,
        "classes": list(tried.model.labels),
        "rows": len(tried.suite.material.texts),
        "rows_left_out": tried.left_out,
        "texts": len(tried.suite.texts),
        "seed": tried.suite.material.seed,
        "seconds": round(tried.seconds, 3),
        "verdict": tried.shown.verdict,
        "capabilities": capabilities,
        "words": [word.model_dump(mode="json") for word in tried.shown.words],
        "convictions": [each.model_dump(mode="json") for each in tried.shown.convictions],
    }
