"""Command improve: what could make a run's model better, and trying it."""

from typing import TYPE_CHECKING, Annotated

import typer

from ml_intern.cli.drive import finish
from ml_intern.cli.options import HomeOption, JsonOption, RunArgument, print_json, reporting_errors
from ml_intern.records.errors import UsageProblem

if TYPE_CHECKING:
    from rich.console import Console

    from ml_intern.records.improvements import BeforeAfter, Improvements, Suggestion


def improve(
    run: RunArgument = None,
    apply: Annotated[
        str | None, typer.Option(metavar="1,3", help="Try these suggestions; the new plan waits for a yes.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Go back to the model before the last change.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suggest what could make a run's model better, ranked by evidence; with --apply, try it."""
    with reporting_errors(as_json):
        from ml_intern.app import improve as app
        from ml_intern.app.home import open_home

        opened = open_home(home)
        if undo and apply:
            raise UsageProblem("--undo and --apply exclude each other.", "Do one after the other.")
        if undo:
            finish(lambda shell: app.undo(opened, run, shell), as_json)
        if apply is not None:
            numbers = _numbers(apply)
            finish(lambda shell: app.apply(opened, run, numbers, shell), as_json)
        run_id, found = app.improvements(opened, run)
        if as_json:
            print_json({"run": run_id, **found.model_dump(mode="json")})
        else:
            _show(run_id, found)


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageProblem(
            f"--apply {text!r} is no list of numbers.", "Write it like --apply 1 or --apply 1,3"
        ) from None


def _show(run_id: str, found: "Improvements") -> None:
    from ml_intern.cli.console import SafeConsole

    console = SafeConsole(highlight=False)
    if found.compared:
        show_comparison(console, found.compared)
    for each in found.suggestions:
        _one(console, each)
    able = [each for each in found.suggestions if each.applies]
    if not found.suggestions:
        console.print("Nothing that was measured speaks for a change.")
    elif able:
        typer.echo(f"Next: ml-intern improve {run_id} --apply {able[0].number}")
    else:
        typer.echo(f"Next: {found.suggestions[0].change}")


def _one(console: "Console", each: "Suggestion") -> None:
    from ml_intern.records.display import example

    expected = each.expected
    console.print(f"{each.number}. {each.title}", style="bold", markup=False)
    console.print(f"   {each.change}", markup=False, soft_wrap=False)
    for evidence in each.evidence:
        console.print(f"   because: {example(evidence.text, 300)}", markup=False, style="dim")
    gain = f"{expected.value:.1f} points [{expected.low:.1f}, {expected.high:.1f}], {each.measure}"
    console.print(f"   expected gain: {gain}; {expected.basis}", markup=False)
    cost = f"{each.minutes:.1f} min, ${each.cost_micro_usd / 1_000_000:.2f}" if each.applies else "your time"
    console.print(f"   costs: {cost}", markup=False)
    console.print()


def show_comparison(console: "Console", found: "BeforeAfter") -> None:
    """The table of before and after: what was aimed at, the scores, and what else changed beyond noise."""
    from rich import box
    from rich.table import Table

    from ml_intern.records.display import escape
    from ml_intern.records.words import setting

    console.print(found.verdict, style="bold", markup=False)
    changed = ", ".join(
        f"{name}: {setting(before)} → {setting(after)}" for name, (before, after) in found.config.items()
    )
    console.print(f"Changed: {escape(changed)}", markup=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("measure", "before", "after", "change in points [95 %]", ""):
        table.add_column(name, justify="left" if name in ("measure", "") else "right")
    quiet = 0
    for each in found.differences:
        if not each.aimed_at and each.measure.startswith("failures") and each.said.startswith("no "):
            quiet += 1
            continue
        change = each.change
        points = f"{100 * change.value:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}]"
        said = each.said if not each.said.startswith("no ") else "within noise"
        table.add_row(each.measure, f"{each.before:.3f}", f"{each.after:.3f}", points, said)
    console.print(table)
    if quiet:
        console.print(f"{quiet} other capabilities did not change beyond noise.", style="dim")
    if found.by_chance:
        console.print(f"{found.by_chance}\n", style="dim", markup=False)


COMMANDS = (improve,)
