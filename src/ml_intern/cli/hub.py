"""Commands hub serve, import, list and token: a Hub of your own."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ml_intern.cli.options import HomeOption, JsonOption, print_json, reporting_errors
from ml_intern.records.errors import UsageProblem

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="FOLDER", help="The Hub's folder; default: hub in the state folder."),
]


class Kind(StrEnum):
    """What can be imported."""

    DATASET = "dataset"
    MODEL = "model"


def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen; anywhere but on this machine, all need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8765,
    data: DataOption = None,
    credits: Annotated[
        str | None,
        typer.Option(metavar="USD", help="Credits for jobs here, in made-up dollars; as before unless said."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a Hub from a folder to the official clients, until interrupted.

    It runs jobs on this machine, in the sandbox, at made-up prices.
    """
    with reporting_errors(as_json):
        from ml_intern.app import hub
        from ml_intern.cli.values import micro_dollars

        def told(url: str, token: str) -> None:
            if as_json:
                print_json({"url": url, "token": token})
                return
            typer.echo(f"The Hub answers at {url}. The token holds until it is stopped with Ctrl-C.")
            typer.echo(f"  export HF_ENDPOINT={url}\n  export HF_TOKEN={token}")
            typer.echo("  export HF_HUB_DISABLE_XET=1")

        hub.serve(host, port, data, told, None if credits is None else micro_dollars(credits, "--credits"))


def import_(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A folder or a file on this machine.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="OWNER/NAME, or a name of your own.")],
    kind: Annotated[Kind, typer.Option("--type", help="What it is.")] = Kind.DATASET,
    private: Annotated[bool, typer.Option("--private", help="Only its owner sees it.")] = False,
    licence: Annotated[
        str | None, typer.Option("--licence", metavar="ID", help="Written into the card, like apache-2.0.")
    ] = None,
    card: Annotated[
        Path | None, typer.Option(metavar="README", help="The card, where the folder has none.")
    ] = None,
    data: DataOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a local folder or file on your own Hub as a dataset or model, in one commit."""
    with reporting_errors(as_json):
        from ml_intern.app import hub

        made = hub.import_files(hub.ImportRequest(source, name, kind.value, private, licence, card), data)
        if as_json:
            print_json(made)
        else:
            typer.echo(
                f"{made['type']} {made['repo']} holds {made['files']} files at {made['revision'][:7]}."
            )


def list_(data: DataOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what is on your own Hub."""
    with reporting_errors(as_json):
        from ml_intern.app import hub
        from ml_intern.records.words import storage

        found = hub.list_repos(data)
        if as_json:
            print_json(found)
            return
        for repo in found:
            seen = "private" if repo["private"] else ("gated" if repo["gated"] else "public")
            size = f"{repo['files']} files, {storage(repo['bytes'])}"
            typer.echo(f"{repo['type']:<8} {repo['id']:<40} {seen:<8} {size}, {repo['last_modified'][:10]}")
        if not found:
            typer.echo("Nothing yet. Next: ml-intern hub import FOLDER NAME")


def token(
    read: Annotated[bool, typer.Option("--read", help="Make one that may read.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Make one that may also write.")] = False,
    revoke: Annotated[
        str | None, typer.Option(metavar="ID", help="End this one: by its id, or the token itself.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Whose it is; default: you.")] = None,
    data: DataOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make or revoke a token of your own Hub; without an option, list them."""
    with reporting_errors(as_json):
        from ml_intern.app import hub

        if read + write + (revoke is not None) > 1:
            raise UsageProblem("--read, --write and --revoke exclude each other.", "Do one after the other.")
        if revoke is not None:
            hub.revoke(revoke, data)
            print_json({"revoked": True}) if as_json else typer.echo("It is nobody's token now.")
        elif read or write:
            made = hub.new_token(user, "write" if write else "read", data)
            print_json(made) if as_json else typer.echo(made["token"])
        else:
            found = hub.tokens(data)
            if as_json:
                print_json(found)
            for each in [] if as_json else found:
                typer.echo(f"{each['id']}  {each['role']:<6} {each['user']:<20} since {each['created'][:16]}")


group = typer.Typer(name="hub", no_args_is_help=True, help="A Hub of your own, also without a network.")
for name, command in (("serve", serve), ("import", import_), ("list", list_), ("token", token)):
    group.command(name)(command)
