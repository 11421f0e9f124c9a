"""The MCP servers that the user has named in `mcp.json`, in the format that coding agents share.

Nothing is discovered: a server is in this file of the state folder, or there is none. The file holds no
credentials; `env` and `headers` name environment variables instead, as `${NAME}`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, ValidationError

from ml_intern.data.credentials import secrets
from ml_intern.records.base import Record
from ml_intern.records.display import example, listing
from ml_intern.records.errors import UsageProblem
from ml_intern.research.web import is_loopback
from ml_intern.workflow.stages import NAMES

FILE: Final = "mcp.json"
STAGES: Final = ("research", "draft", "smoke")
"""Where a server's tools are offered unless its entry says otherwise."""
HOW: Final = (
    'Write it like {"mcpServers": {"notes": {"command": "notes-server", "args": ["--stdio"], '
    '"env": {"NOTES_TOKEN": "${NOTES_TOKEN}"}, "allow": ["search"]}}}; see the how-to.'
)
_NAME: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")
_LONGEST_NAME: Final = 20
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_KEPT_SECRET: Final = re.compile(
    r"(?:token|key|secret|passw(?:or)?d|authorization|cookie|credentials?|auth)$", re.IGNORECASE
)
"""How a variable, a header or a parameter is called that holds a credential, whatever that looks like."""
_HOSTS_OF: Final = {
    "HF_TOKEN": ("huggingface.co", "hf.co"),
    "GITHUB_TOKEN": ("github.com", "githubcopilot.com"),
}
"""Credentials that we use ourselves go to nobody's hosts but these."""
_NEVER: Final = "ML_INTERN_BRAIN_KEY"


class Server(Record):
    """One server: a program that is started (`command`), or an address that is asked (`url`).

    The tools in `allow` may be called without asking. `timeout` is in seconds, for one call.
    """

    name: str
    type: Literal["stdio", "http", "streamable-http"] | None = None
    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    allow: frozenset[str] = frozenset()
    stages: tuple[str, ...] = STAGES
    timeout: int = Field(default=60, ge=1, le=600)

    @property
    def place(self) -> str:
        """What is started or asked, as a person may see it."""
        return example(" ".join((self.command, *self.args)) if self.command else self.url or "")

    def filled(self, environ: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
        """`env` or `headers` with the variables that they name, and the values of these.

        Raises:
            UsageProblem: one is not set.
        """
        written = self.env if self.command else self.headers
        named = {each for value in written.values() for each in _REFERENCE.findall(value)}
        missing = sorted(each for each in named if not environ.get(each))
        if missing:
            raise UsageProblem(
                f"The MCP server {self.name} needs the environment variable {', '.join(missing)}.",
                f"Set it, or change the entry in {FILE}.",
            )
        filled = {
            key: _REFERENCE.sub(lambda found: environ[found[1]], value) for key, value in written.items()
        }
        return filled, frozenset(environ[each] for each in named)


def read_servers(path: Path) -> dict[str, Server]:
    """The servers in the file, by name; none where there is no file.

    Raises:
        UsageProblem: the file cannot be understood, holds a credential, or would send one astray.
    """
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{path} cannot be read as JSON: {type(error).__name__}.", HOW) from error
    entries = written.get("mcpServers") if isinstance(written, dict) else None
    if not isinstance(entries, dict) or set(written) != {"mcpServers"}:
        raise UsageProblem(f'{path} must hold "mcpServers", by name, and nothing else.', HOW)
    return {name: _one(name, entry) for name, entry in entries.items()}


def chosen(servers: Mapping[str, Server], names: tuple[str, ...], path: Path) -> list[Server]:
    """The servers of these names.

    Raises:
        UsageProblem: there is none of such a name.
    """
    unknown = [name for name in names if name not in servers]
    if unknown:
        there = f"There are: {listing(list(servers))}." if servers else f"There is none: {path} names them."
        raise UsageProblem(f"There is no MCP server {listing(unknown)}.", f"{there} {HOW}")
    return [servers[name] for name in dict.fromkeys(names)]


def _one(name: str, entry: Any) -> Server:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise UsageProblem(
            f"{example(name)!r} is no name for an MCP server.",
            f"At most {_LONGEST_NAME} lower-case letters, digits and single hyphens in {FILE}.",
        )
    try:
        server = Server.model_validate({**entry, "name": name} if isinstance(entry, dict) else entry)
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the entry"
        raise _wrong(name, f"{example(where)}: {first['msg']}") from None  # the cause would quote values
    for objection in _objections(server):
        raise _wrong(name, objection)
    return server


def _wrong(name: str, what: str) -> UsageProblem:
    return UsageProblem(f"The MCP server {name} in {FILE} cannot be used: {what}.", HOW)


def _objections(server: Server) -> Iterator[str]:
    if bool(server.command) == bool(server.url):
        yield "it needs either a command or a url"
    if server.command and (server.headers or server.type not in (None, "stdio")):
        yield "a command has env, no headers, and the type stdio"
    if server.url and (server.env or server.args or server.type == "stdio"):
        yield "a url has headers, no args or env, and the type http"
    if unknown := [stage for stage in server.stages if stage not in NAMES]:
        yield f"there is no stage {listing(unknown)}; there are {', '.join(NAMES)}"
    yield from _held_credentials(server)
    if server.url:
        yield from _astray(server, server.url)


def _held_credentials(server: Server) -> Iterator[str]:
    """Credentials in the file itself, by their form or by what they are called."""
    named = {**server.env, **server.headers}
    for text in (server.command or "", *server.args, server.url or "", *named, *named.values()):
        if any(secrets(text)):
            yield "it holds a credential; name an environment variable in env or headers instead, as ${NAME}"
    for name, value in named.items():
        if value and _KEPT_SECRET.search(name) and not _REFERENCE.search(value):
            yield f"{example(name)} must name an environment variable, as ${{NAME}}, and not hold its value"
        if "${" in _REFERENCE.sub("", value):
            yield f"{example(name)} names a variable in another form than ${{NAME}}"
        if _NEVER in _REFERENCE.findall(value):
            yield f"{_NEVER} is the brain's and goes to no other"


def _astray(server: Server, url: str) -> Iterator[str]:
    """What an address would send where it should not go."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        yield "its url is no address"
        return
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        yield "its url must be https, or http on this machine"
    if parts.username or parts.password or any(_KEPT_SECRET.search(key) for key, _ in parse_qsl(parts.query)):
        yield "its url must hold no credential; put it into headers, as ${NAME}"
    for variable in (each for value in server.headers.values() for each in _REFERENCE.findall(value)):
        own = _HOSTS_OF.get(variable)
        if own and not any(host == each or host.endswith(f".{each}") for each in own):
            yield f"{variable} goes to {' and '.join(own)} alone; give this server a token of its own"
