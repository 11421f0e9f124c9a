"""Tool: change a few lines of the drafted script, as a person with an editor would."""

from typing import Annotated

from pydantic import Field

from ml_intern.records.training import TrainingScript
from ml_intern.tools.edit_script import edit_script
from ml_intern.training.script import read_scripts
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

Passage = Annotated[str, Field(max_length=20_000)]


@tool("smoke", "plan")
def replace_in_script(
    bench: Workbench,
    name: str,
    old: Passage,
    new: Passage,
    bug: str = "",
    explanation: str = "",
    evidence: str = "",
) -> Done:
    """Replace one passage of a script. The smoke test must then pass again.

    Args:
        bench: Where the tool works.
        name: The script, such as train.py.
        old: The passage as it stands there now, without line numbers; it must occur exactly once.
        new: What to put in its place.
        bug: A short name of the bug that this mends; empty where it mends none.
        explanation: What was wrong and what is different now.
        evidence: The line of the log that shows the bug.
    """
    files = read_scripts(bench.run.need(TrainingScript), bench.run.folder)
    if name not in files:
        raise Unfit(f"there is no {name!r}; there are: {', '.join(files)}")
    count = files[name].count(old) if old else 0
    if count != 1:
        raise Unfit(f"the passage occurs {count} times in {name}: quote enough lines that it is the only one")
    changed = files[name].replace(old, new)
    return edit_script.function(bench, {name: changed}, bug=bug, explanation=explanation, evidence=evidence)
