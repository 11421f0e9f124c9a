"""Tool: change the drafted script or its settings, for example to mend a bug that the smoke test found."""

from typing import Any

from ml_intern.records.errors import UsageProblem
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Repair, TrainingScript
from ml_intern.tools.draft_script import FROM_TASK
from ml_intern.training.packages import APPROVED, install, normalised
from ml_intern.training.script import MOST_REPAIRS, PACKAGES, difference, read_scripts, rewrite_script
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


@tool("smoke", "plan")
def edit_script(
    bench: Workbench,
    files: dict[str, str] | None = None,
    config: dict[str, Any] | None = None,
    packages: list[str] | None = None,
    bug: str = "",
    explanation: str = "",
    evidence: str = "",
) -> Done:
    """Change the script or its settings. The smoke test must then pass again, for exactly what you left.

    Args:
        bench: Where the tool works.
        files: The full new text of each changed script, by name.
        config: Settings with their new values, by name.
        packages: Names on PyPI of packages to install for the script.
        bug: A short name of the bug that this mends; empty where it mends none.
        explanation: What was wrong and what is different now.
        evidence: The line of the log that shows the bug.
    """
    run = bench.run
    script, spec = run.need(TrainingScript), run.need(TaskSpec)
    files, config = files or {}, config or {}
    if bug and len(script.repairs) >= MOST_REPAIRS:
        raise Unfit(f"{MOST_REPAIRS} repairs did not make the script pass: stop the run")
    _check(files, config, script, spec)
    wanted = (*script.packages, *_allowed(bench, packages or []))
    if packages:
        install(wanted, run.folder / PACKAGES)
    before = read_scripts(script, run.folder)
    changed = difference(
        before | {"config.json": script.config}, before | files | {"config.json": script.config | config}
    )
    if not changed and not packages:
        raise Unfit("that changes nothing")
    repairs = script.repairs
    if bug:
        repair = Repair(
            bug=bug, explanation=explanation, evidence=evidence, diff=changed, packages=tuple(packages or ())
        )
        repairs = (*repairs, repair)
    edited = rewrite_script(script, run.folder, files, config, wanted, repairs)
    news = [(EventName.REPAIR, repairs[-1].model_dump(mode="json"))] if bug else []
    return Done(explanation or f"Changed: {', '.join([*files, *config])}.", [edited], news)


def _check(files: dict[str, str], config: dict[str, Any], script: TrainingScript, spec: TaskSpec) -> None:
    """See that nothing is changed that the locked task settles, and that the files are scripts."""
    locked = {*FROM_TASK, "base_model", "base_revision"} | ({"max_length"} if spec.max_length else set())
    if touched := sorted(locked & {name for name in config if config[name] != script.config.get(name)}):
        raise Unfit(f"{', '.join(touched)} follows from the locked task and cannot change here")
    if unknown := sorted(set(config) - set(script.config)):
        raise Unfit(
            f"there is no setting {', '.join(unknown)}; there are: {', '.join(sorted(script.config))}"
        )
    for name, text in files.items():
        if "/" in name or not name.endswith(".py") or name.startswith("."):
            raise Unfit(f"{name!r} is no name for a script: use a plain name ending in .py")
        try:
            compile(text, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise Unfit(f"{name} is not Python: {error}") from error


def _allowed(bench: Workbench, packages: list[str]) -> list[str]:
    """The packages, each approved by the list or by the user.

    Raises:
        UsageProblem: the user refused one, or cannot be asked.
    """
    for name in packages:
        if normalised(name) in APPROVED:
            continue
        question = (
            f"The script needs the package {name} from PyPI, which is not on the approved list. Install it?"
        )
        if bench.ask(question, ("yes", "no")) != "yes":
            raise UsageProblem(
                f"The script needs the package {name}, which is not on the approved list.",
                f"If you trust it: pip install {name}   and then: ml-intern resume {bench.run.record.id}",
            )
    return packages
