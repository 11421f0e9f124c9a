"""Write docs/reference.md from the code; a test compares the two.

python scripts/write_reference.py          writes the file
python scripts/write_reference.py --check  exits 1 where it is out of date
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from ml_intern.cli.main import app
from ml_intern.data.checks import purposes
from ml_intern.records.errors import ExitCode
from ml_intern.records.runs import EventName, RunStatus
from ml_intern.research.criteria import CRITERIA, LEAST_SCORE, WEIGHTS
from ml_intern.stress.capabilities import discover
from ml_intern.tools.catalogue import TOOLS
from ml_intern.tools.lookups import is_online
from ml_intern.training.recipes import defaults, names, reasons
from ml_intern.training.static.checks import CHECKS, SYNTAX
from ml_intern.workflow.stages import NAMES, STAGES

TARGET = Path(__file__).parent.parent / "docs" / "reference.md"
EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "the request cannot be understood, or names what is not there",
    ExitCode.WAITING: "waiting for approval",
    ExitCode.DENIED: "denied",
    ExitCode.NO_COMPUTE: "no compute or budget",
    ExitCode.UNSUPPORTED: "the task or the data cannot support the claim asked for",
    ExitCode.INTERRUPTED: "interrupted; `ml-intern resume` goes on",
}
RESULT_FIELDS = {
    "run, status, exit_code, stage": "which run, where it stands and how the command ended",
    "question": "what waits for a yes or was turned down, in a sentence; else empty",
    "next": "the commands that take it further, if any",
    "error, hint": "what went wrong and what to do, else empty",
    "metrics": "`{accuracy, macro_f1, weighted_f1}`, each `{value, low, high}`, on the sealed test split",
    "clean_metrics": "the same without test rows that repeat or nearly repeat training rows, if any",
    "baselines, baselines_split": "the same for each baseline, and the split they were scored on",
    "trust": "`{calibration_error, brier, unknown, worse_slices}`; `unknown` is what UNKNOWN does",
    "findings": "`{id, severity, count, share, split, rows, message, action, …}` each; rows from 0",
    "verdict": "one sentence",
    "cost_usd": "what was spent",
    "seconds": "`{stage: seconds}`",
    "report, card, bundle, folder": "paths of the report, the card, the packaged model and the run's folder",
    "published": "`{repo, url, revision, private}` of a published model, else null",
}
COSTS_FIELDS = {
    "`budget_usd`, `limit_usd`": "what the run, and all runs together, may spend; null where nobody said",
    "`reserved_usd`, `spent_usd`": "set aside for what was started, and what was paid",
    "`entries`": "a list of `{key, run, what, where, state, reserved_usd, usd, basis, time}`; `state` is "
    "`reserved`, `settled` or `released`",
}
STRESS_FIELDS = {
    "`model`, `classes`": "what was tried, and what it can answer",
    "`rows`, `rows_left_out`, `texts`": "rows behind the cases, rows of unknown classes, texts answered",
    "`capabilities`": "a list of `{id, title, kind, expectation, cases, failures, rate, low, high, clean, "
    "changed, drop, overconfident, reason, examples}`; `reason` is empty where it was tried",
    "`words`": "words that decide: `{label, word, rows, flips, injected}`",
    "`convictions`": "proven faults: `{id, message, action, capabilities}`",
    "`verdict`, `seed`, `seconds`": "the sentence in short, the seed of the cases, the time",
}
INSPECT_FIELDS = {
    "rows, splits, classes": "all rows; rows by split; rows by label and then by split",
    "text, label": "the names of the columns; `text_choice` and `label_choice` say why",
    "columns, files": "each column with type, missing and different values; each file with its SHA-256",
    "findings": "worst first, as above, with all row numbers; `split` is null where there is one file",
    "lengths": "a histogram of the texts in words, and how many texts common sequence lengths would cut",
    "overlaps": "how many rows of one split have a text that stands in another: `rows`, `exact`",
    "seconds, seconds_by_check": "how long the audit took",
    "page": "the path of the page, null without `--html`",
}


def reference() -> str:
    """The whole page."""
    return (
        "\n".join(
            [
                *_commands(),
                *_output(),
                *_checks(),
                *_capabilities(),
                *_costs(),
                *_judged(),
                *_stages(),
                *_static(),
                *_tools(),
                *_settings(),
            ]
        )
        + "\n"
    )


def _commands() -> Iterator[str]:
    yield "# Reference\n\nWritten from the code by `make docs`.\n\n## Commands\n"
    yield 'A first argument that is a sentence is a task: `ml-intern "…"` is `ml-intern run "…"`.\n'
    for name, command in _named(typer.main.get_command(app)):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join(p.metavar or p.name.upper() for p in arguments)
        yield f"### `ml-intern {name}{' ' + usage if usage else ''}`\n\n{command.help}\n"
        rows = [_option(p) for p in command.params if p.param_type_name == "option"]
        yield "| option | meaning | default |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _named(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The commands of a group with their names, those of groups within it last."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _named(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _option(option: Any) -> str:
    default = option.default if option.default not in (None, False, "") else ""
    shown = getattr(default, "value", default)
    return f"| `{', '.join(option.opts)}` | {option.help} | {shown} |"


def _output() -> Iterator[str]:
    yield "## Exit codes\n\n| code | meaning |\n|---|---|"
    yield "\n".join(f"| {int(code)} | {EXIT_CODES[code]} |" for code in ExitCode)
    yield "\n## JSON output\n\nWith `--json`, stdout holds JSON lines only; people's output goes to stderr."
    yield (
        "Each event has `event`, `run`, `stage`, `time`; events: "
        + ", ".join(f"`{e}`" for e in EventName)
        + "."
    )
    yield "A run's status is one of " + ", ".join(f"`{s}`" for s in RunStatus) + "."
    yield "The last line of `run`, `demo`, `resume`, `approve` and `deny` is `result`:\n"
    yield "| fields | meaning |\n|---|---|"
    yield "\n".join(f"| {fields} | {meaning} |" for fields, meaning in RESULT_FIELDS.items()) + "\n"


def _checks() -> Iterator[str]:
    yield "`inspect --json` prints one object; the main fields:\n\n| fields | meaning |\n|---|---|"
    yield "\n".join(f"| {fields} | {meaning} |" for fields, meaning in INSPECT_FIELDS.items()) + "\n"
    yield "## Checks of the data audit\n\n| check | looks for |\n|---|---|"
    yield "\n".join(f"| `{name}` | {purpose} |" for name, purpose in purposes().items()) + "\n"


def _capabilities() -> Iterator[str]:
    yield "## Capabilities of the stress suite\n\n| capability | kind | a sound model |\n|---|---|---|"
    for each in discover():
        yield f"| `{each.id}` | {each.kind.value.replace('_', ' ')} | {each.title}: {each.expectation} |"
    yield "\n`stress --json` prints one object; the main fields:\n\n| fields | meaning |\n|---|---|"
    yield "\n".join(f"| {fields} | {meaning} |" for fields, meaning in STRESS_FIELDS.items()) + "\n"


def _costs() -> Iterator[str]:
    yield "`costs --json` prints one object:\n\n| fields | meaning |\n|---|---|"
    yield "\n".join(f"| {fields} | {meaning} |" for fields, meaning in COSTS_FIELDS.items()) + "\n"


def _judged() -> Iterator[str]:
    yield "## How datasets are judged\n\nWithout `--data`, research judges what the Hub offers; see"
    yield "[how-to](how-to.md#let-it-find-the-data). The score is the weighted mean of the criteria, each"
    yield f"0 to 1. Below {LEAST_SCORE} only a person takes a dataset. It must be readable as tables, without"
    yield "running code.\n"
    yield "| criterion | weight | must be met | looks at |\n|---|---|---|---|"
    for name, (judge, needed) in CRITERIA.items():
        looks = " ".join((judge.__doc__ or "").split())
        yield f"| {name} | {WEIGHTS[name]:g} | {needed} | {looks} |"
    yield ""


def _stages() -> Iterator[str]:
    yield "## Stages, artifacts and gates\n\n| stage | makes | from | gate |\n|---|---|---|---|"
    for stage in STAGES:
        makes, needs = (", ".join(f"`{a.kind}`" for a in each) for each in (stage.artifacts, stage.needs))
        gate = " ".join((stage.gate.__doc__ or "").split())
        yield f"| {stage.name} | {makes} | {needs or 'the request'} | {gate} |"
    yield ""


def _static() -> Iterator[str]:
    yield "## Checks of a script before it is run\n\n| check | holds where |\n|---|---|"
    yield f"| `{SYNTAX}` | the scripts are Python |"
    yield "\n".join(f"| `{name}` | {message} |" for name, (message, _) in CHECKS.items()) + "\n"


def _tools() -> Iterator[str]:
    yield "## Tools of a brain\n\nEach is offered in its stages only. Those marked `--online` leave the Hub"
    yield "that is configured; without that option they are not offered.\n"
    yield "| tool | does | stages |\n|---|---|---|"
    for each in TOOLS:
        does = inspect.cleandoc(each.function.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        offered = [name for name in NAMES if name in each.stages]
        stages = "all" if len(offered) == len(NAMES) else ", ".join(offered)
        online = " (`--online`)" if each.fits is is_online else ""
        yield f"| `{each.name}`{online} | {does} | {stages} |"
    yield ""


def _settings() -> Iterator[str]:
    yield "## Settings of the recipes"
    for name in names():
        yield f"\n### {name}\n\n| setting | default | why |\n|---|---|---|"
        values = defaults(name)
        yield "\n".join(f"| `{key}` | {values[key]} | {why} |" for key, why in reasons(name).items())


def main() -> int:
    """Write or check the page."""
    if sys.argv[1:] == ["--check"]:
        return 0 if TARGET.read_text(encoding="utf-8") == reference() else 1
    TARGET.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
