"""Tool: a shell in the sandbox, beside a copy of the scripts, for looking and trying."""

from typing import Annotated, Final

from pydantic import Field

from ml_intern.records.jobs import JobState, Limits
from ml_intern.records.training import TrainingScript
from ml_intern.tools.mounts import mounts_of
from ml_intern.training.script import script_inputs
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

LIMITS: Final = Limits(seconds=120, memory_bytes=4 << 30, disk_bytes=1 << 30)
LONGEST: Final = 4_000
"""Characters of a command."""
_IN_BASH: Final = "import subprocess, sys; sys.exit(subprocess.call(['bash', '-c', sys.argv[1]]))"
_SPLITS: Final = ("train", "validation")
"""The test split is in no job that runs what a brain wrote."""


def in_sandbox(bench: Workbench) -> bool:
    """Whether jobs of the run are held by a sandbox: without one, no command of a brain is run."""
    return not bench.run.record.request.unsandboxed


@tool("draft", "smoke", "plan", fits=in_sandbox, aside=True)
def run_command(bench: Workbench, command: Annotated[str, Field(max_length=LONGEST)]) -> Done:
    """Run a shell command in the sandbox: no network, a copy of the scripts, nothing it writes is kept.

    To change a script, use edit_script or replace_in_script.

    Args:
        bench: Where the tool works.
        command: For bash, such as: python -c "import torch; print(torch.__version__)"
    """
    if not command.strip() or "\0" in command or len(command) > LONGEST:
        raise Unfit(f"a command has 1 to {LONGEST} characters, none of them NUL")
    script, folder = bench.run.get(TrainingScript), bench.run.folder
    inputs = script_inputs(script, folder) if script else {}
    if bench.rows_may_be_seen:
        inputs |= {f"data/{name}.parquet": folder / "data" / f"{name}.parquet" for name in _SPLITS}
    argv = ["python", "-c", _IN_BASH, command]
    ended = bench.jobs("command", argv, inputs, LIMITS, mounts_of(bench))
    how = _HOW.get(ended.status.state, f"ended as {ended.status.state.value}")
    return Done("\n".join([f"The command {how}.", *ended.log_tail]))


_HOW: Final = {
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.TIMED_OUT: f"was stopped after {LIMITS.seconds} seconds",
    JobState.OUT_OF_MEMORY: "had not enough memory",
}
