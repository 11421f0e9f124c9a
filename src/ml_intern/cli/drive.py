"""Commands that drive a run: run, resume, approve, deny, cancel."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from ml_intern.cli.options import HomeOption, JsonOption, RunArgument, print_json, reporting_errors
from ml_intern.cli.values import micro_dollars, names, repository, unknown_target, whole_seconds
from ml_intern.records.approval import ApprovalPolicy, Verdict

PLAYBOOK = "playbook"
BRAIN_HELP = "Who decides what to do next: playbook, PROVIDER:MODEL, or URL#MODEL; see the how-to."
BrainOption = Annotated[str | None, typer.Option(envvar="ML_INTERN_BRAIN", metavar="NAME", help=BRAIN_HELP)]
OtherBrainOption = Annotated[  # the environment does not change the brain of a run that began with another
    str | None, typer.Option("--brain", metavar="NAME", help=f"{BRAIN_HELP} As before unless named.")
]
ShareRowsOption = Annotated[
    bool, typer.Option("--share-rows", help="Let a brain elsewhere see training rows, personal data masked.")
]
OnlineOption = Annotated[
    bool,
    typer.Option("--online", help="Let a brain look things up beyond the Hub: arXiv, GitHub, documentation."),
]
McpOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,…", help="Offer a brain the tools of these MCP servers; see ml-intern mcp-servers."
    ),
]
UnpricedOption = Annotated[
    bool, typer.Option("--unpriced-brain", help="Use a brain whose price is not known.")
]
ComputeOption = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE,…", help="Where to train, in this order: local, or hf-jobs:FLAVOUR; default: local."
    ),
]
NoSandboxOption = Annotated[
    bool,
    typer.Option("--no-sandbox", help="Run jobs as ordinary processes, without protection from them."),
]


def stages(incomplete: str) -> list[tuple[str, str]]:
    """The stages that a shell may complete `incomplete` to, with what they do."""
    from ml_intern.app.drive import stages_by_name

    return [(name, does) for name, does in stages_by_name().items() if name.startswith(incomplete)]


UntilOption = Annotated[
    str | None, typer.Option(metavar="STAGE", help="Stop after this stage.", autocompletion=stages)
]


def run(
    task: Annotated[str, typer.Argument(help="The task in words.")],
    data: Annotated[
        str | None,
        typer.Option(
            help="A file, a folder, or OWNER/NAME[:CONFIG][@REVISION] on the Hub, which is else searched."
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(help="The column with the texts.")] = None,
    label: Annotated[str | None, typer.Option(help="The column with the labels.")] = None,
    base_model: Annotated[
        str | None, typer.Option(help="A pretrained model: a folder, or OWNER/NAME[@REVISION] on the Hub.")
    ] = None,
    compute: ComputeOption = None,
    budget: Annotated[str | None, typer.Option(help="What may be spent, in US dollars.")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Longest training, in minutes.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of splits and training.")] = 0,
    approve: Annotated[
        ApprovalPolicy, typer.Option(help="What may go ahead without asking.")
    ] = ApprovalPolicy.ASK,
    licence: Annotated[str, typer.Option(help="Licence of the data, e.g. cc-by-4.0.")] = "unknown",
    unknown: Annotated[
        str | None,
        typer.Option(
            metavar="coverage=SHARE|error=SHARE",
            help="What UNKNOWN is fitted for on validation rows; coverage=0.98 unless said.",
        ),
    ] = None,
    unknown_data: Annotated[
        str | None, typer.Option(help="Texts of no class, to measure UNKNOWN on; never trained on.")
    ] = None,
    track: Annotated[
        str | None, typer.Option(metavar="PROJECT", help="Also log the training's metrics with trackio.")
    ] = None,
    publish: Annotated[
        str | None, typer.Option(metavar="REPO", help="Publish the model as [OWNER/]REPO, after asking.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everybody see what is published.")] = False,
    model_licence: Annotated[
        str | None, typer.Option(metavar="ID", help="Licence of the model; that of the data unless said.")
    ] = None,
    space: Annotated[
        bool, typer.Option("--space", help="Also publish a Gradio demo as a Space beside the model.")
    ] = False,
    brain: BrainOption = None,
    share_rows: ShareRowsOption = False,
    online: OnlineOption = False,
    mcp: McpOption = None,
    unpriced_brain: UnpricedOption = False,
    no_sandbox: NoSandboxOption = False,
    until: UntilOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a task from words to a packaged model."""
    with reporting_errors(as_json):
        from ml_intern.app import drive as app
        from ml_intern.app.compute import read_places
        from ml_intern.app.home import open_home
        from ml_intern.records.runs import RunRequest

        request = RunRequest(
            sentence=task,
            data=data,
            text_column=text,
            label_column=label,
            base_model=base_model,
            compute=read_places(compute),
            budget_micro_usd=None if budget is None else micro_dollars(budget),
            time_limit_seconds=whole_seconds(time_limit),
            seed=seed,
            licence=licence,
            unknown=unknown_target(unknown),
            unknown_data=unknown_data,
            policy=approve,
            track=track,
            unsandboxed=no_sandbox,
            publish=repository(publish, public, space),
            model_licence=model_licence,
            space=space,
            public=public,
            brain=brain or PLAYBOOK,
            share_rows=share_rows,
            online=online,
            mcp=names(mcp) or (),
            unpriced_brain=unpriced_brain,
        )
        finish(lambda shell: app.start(open_home(home), request, shell, until), as_json)


def demo(no_sandbox: NoSandboxOption = False, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Run the main job on built-in tickets: no network, no key, no questions."""
    with reporting_errors(as_json):
        from ml_intern.app import drive as app
        from ml_intern.app.demo import demo_request
        from ml_intern.app.home import open_home

        opened = open_home(home)
        request = demo_request(opened).model_copy(update={"unsandboxed": no_sandbox})
        finish(lambda shell: app.start(opened, request, shell), as_json)


def resume(
    run: RunArgument = None,
    compute: ComputeOption = None,
    brain: OtherBrainOption = None,
    share_rows: ShareRowsOption = False,
    online: OnlineOption = False,
    mcp: McpOption = None,
    unpriced_brain: UnpricedOption = False,
    no_sandbox: NoSandboxOption = False,
    say: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Tell the brain something before it goes on.")
    ] = None,
    until: UntilOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a run up where it stands; what is done is not repeated."""
    with reporting_errors(as_json):
        from ml_intern.app import drive as app
        from ml_intern.app.brain import BrainWish
        from ml_intern.app.compute import read_places
        from ml_intern.app.home import open_home

        wish = BrainWish(brain, share_rows, unpriced_brain, online, names(mcp))
        places = read_places(compute) if compute else None
        finish(
            lambda shell: app.resume(open_home(home), run, shell, until, no_sandbox, wish, places, say),
            as_json,
        )


def approve(run: RunArgument = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say yes to what waits, a training or a publication, and go on."""
    _answer(run, Verdict.APPROVED, "", home, as_json)


def deny(
    run: RunArgument = None,
    reason: Annotated[str, typer.Option(help="Why, or what to change: C=1, faster, balanced.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say no to what waits; for a training, a reason leads to another plan."""
    _answer(run, Verdict.DENIED, reason, home, as_json)


def cancel(run: RunArgument = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Stop a run's jobs; what it has found is kept."""
    with reporting_errors(as_json):
        from ml_intern.app import drive as app
        from ml_intern.app.home import open_home
        from ml_intern.cli.terminal import say

        result = app.cancel(open_home(home), run)
        if as_json:
            print_json(result)
        say(f"Run {result['run']} is cancelled. Go on after all with: ml-intern resume {result['run']}")


def _answer(run: str | None, verdict: Verdict, reason: str, home: Any, as_json: bool) -> None:
    with reporting_errors(as_json):
        from ml_intern.app import drive as app
        from ml_intern.app.home import open_home

        by = f"the command {'approve' if verdict is Verdict.APPROVED else 'deny'}"
        finish(lambda shell: app.answer(open_home(home), run, verdict, by, reason, shell), as_json)


def finish(drive: Callable[[Any], dict[str, Any]], as_json: bool) -> None:
    """Drive with the terminal or JSON as the user's side, show the result, end with its exit code."""
    from ml_intern.cli.interrupts import interrupts
    from ml_intern.cli.jsonlines import json_shell
    from ml_intern.cli.terminal import IN_CHARGE, Terminal

    terminal = IN_CHARGE.get() or Terminal()
    with interrupts():
        result = drive(json_shell() if as_json else terminal.shell())
    if as_json:
        print_json(result)
    else:
        terminal.show_result(result)
    raise typer.Exit(result["exit_code"] or 0)


COMMANDS = (run, demo, resume, approve, deny, cancel)
