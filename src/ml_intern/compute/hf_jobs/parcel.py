"""What goes up for a job: one private repository for each run, one commit for each job."""

import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ml_intern.compute.transfer import files_below
from ml_intern.records.errors import ComputeRefused
from ml_intern.records.jobs import JobSpec

if TYPE_CHECKING:
    from huggingface_hub import HfApi, Volume

LAUNCH: Final = Path(__file__).with_name("launch.py")
INPUTS, OUTPUTS, TOOLS = "/inputs", "/outputs", "/launch"
_BLOCK = re.compile(r"^# /// script$(.*?)^# ///$", re.MULTILINE | re.DOTALL)
_DEPENDENCY = re.compile(r'"([A-Za-z0-9][\w.\[\]-]*(?:[<>=!~]=?[\w.]+)?)"')


@dataclass(frozen=True)
class Parcel:
    """Where a job's files are: a commit of a repository."""

    repo: str
    revision: str
    job: JobSpec

    def volumes(self, bucket: str) -> "list[Volume]":
        """What the machine shows to the job: inputs and mounts read-only, and a bucket for its outputs."""
        from huggingface_hub import Volume

        def shown(at: str, path: str) -> Volume:
            place = f"{self.job.intent_id}/{path}"
            source = {"type": "dataset", "source": self.repo, "revision": self.revision, "path": place}
            return Volume(**source, mount_path=at, read_only=True)

        found = [shown(INPUTS, "inputs"), shown(TOOLS, "launch")]
        found += [shown(at, f"mounts/{number}") for number, at in enumerate(self.job.mounts)]
        return [*found, Volume(type="bucket", source=bucket, mount_path=OUTPUTS, path=self.job.intent_id)]


def send(api: "HfApi", namespace: str, job: JobSpec) -> Parcel:
    """Put the job's inputs into the run's private repository, in one commit.

    Raises:
        ComputeRefused: the repository can be seen by others, or an input is no ordinary file.
    """
    from huggingface_hub import CommitOperationAdd

    repo = repo_of(namespace, job.run)
    if not api.repo_exists(repo, repo_type="dataset"):
        api.create_repo(repo, repo_type="dataset", private=True)
    if not api.dataset_info(repo).private:
        raise ComputeRefused(
            f"The dataset {repo}, to which the training rows would go, can be seen by everybody.",
            "Make it private, or delete it.",
        )
    top = job.intent_id
    wanted = [("launch", LAUNCH.name, LAUNCH)]
    for place, source in job.inputs.items():
        wanted += [
            ("inputs", f"{place}/{name}".rstrip("/"), file) for name, file in files_below(Path(source))
        ]
    for number, source in enumerate(job.mounts.values()):
        wanted += [(f"mounts/{number}", name, file) for name, file in files_below(Path(source))]
    operations = [CommitOperationAdd(f"{top}/{kind}/{name}", str(file)) for kind, name, file in wanted]
    made = api.create_commit(
        repo, operations, repo_type="dataset", commit_message=f"Inputs of the job {job.purpose}"
    )
    return Parcel(repo, made.oid, job)


def repo_of(namespace: str, run: str) -> str:
    """The repository for the inputs of a run's jobs; the bucket for their outputs has the same name."""
    return f"{namespace}/ml-intern-run-{run}"


def command(job: JobSpec) -> list[str]:
    """The whole command: uv makes the environment that the script asks for, and the launcher runs it."""
    packages = [word for name in dependencies(job) for word in ("--with", name)]
    return [
        *("uv", "run", "--no-project", *packages),
        *("python", f"{TOOLS}/{LAUNCH.name}", INPUTS, OUTPUTS, *job.argv),
    ]


def image() -> str:
    """The image that the client uses for uv scripts, with the version of Python that we run on."""
    return f"ghcr.io/astral-sh/uv:python{sys.version_info.major}.{sys.version_info.minor}-bookworm"


def dependencies(job: JobSpec) -> list[str]:
    """What the program's own block of script metadata (PEP 723) asks for."""
    name = next((word for word in job.argv if word.endswith(".py")), None)
    source = job.inputs.get(name) if name else None
    block = _BLOCK.search(Path(source).read_text(encoding="utf-8")) if source else None
    return (
        [_pinned(each) for each in _DEPENDENCY.findall(block[1].partition("dependencies")[2])]
        if block
        else []
    )


def _pinned(name: str) -> str:
    """With the version that the smoke test ran with, where that can be had anywhere."""
    try:
        found = version(name)
    except (PackageNotFoundError, ValueError):
        return name
    return f"{name}=={found.partition('+')[0]}"
