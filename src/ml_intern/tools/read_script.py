"""Tool: read the drafted script."""

from ml_intern.records.training import TrainingScript
from ml_intern.training.script import read_scripts
from ml_intern.workflow.workbench import AFTERWARDS, Done, Unfit, Workbench, tool


@tool("draft", "smoke", "plan", AFTERWARDS, aside=True)
def read_script(bench: Workbench, name: str, first_line: int = 1, lines: int = 120) -> Done:
    """Read lines of a script in the run's folder, with their numbers.

    Args:
        bench: Where the tool works.
        name: Its name, such as train.py.
        first_line: The first line, from 1.
        lines: How many.
    """
    script = bench.run.get(TrainingScript)
    if script is None:
        raise Unfit("there is no script yet: draft it first")
    files = read_scripts(script, bench.run.folder)
    if name not in files:
        raise Unfit(f"there is no {name!r}; there are: {', '.join(files)}")
    whole = files[name].splitlines()
    start = max(first_line, 1)
    shown = whole[start - 1 : start - 1 + min(max(lines, 1), 200)]
    numbered = "\n".join(f"{number:4} {line}" for number, line in enumerate(shown, start))
    return Done(f"{name}, lines {start} to {start + len(shown) - 1} of {len(whole)}:\n{numbered}")
