"""What jobs of a run are shown beside their inputs."""

from pathlib import Path

from ml_intern.records.jobs import PACKAGES as PACKAGES_MOUNT
from ml_intern.records.research import ModelChoice
from ml_intern.records.training import TrainingScript
from ml_intern.training.base_models import MOUNT, shown_folder
from ml_intern.training.script import PACKAGES
from ml_intern.workflow.workbench import Workbench


def mounts_of(bench: Workbench) -> dict[str, Path]:
    """The base model, seen to be the chosen one, and the packages that the script asked for; read-only.

    Raises:
        UsageProblem: the model's files were changed.
    """
    base, script = bench.run.need(ModelChoice).base_model, bench.run.get(TrainingScript)
    shown = {MOUNT: shown_folder(base, bench.models)} if base else {}
    if script and script.packages:
        shown[PACKAGES_MOUNT] = bench.run.folder / PACKAGES
    return shown
