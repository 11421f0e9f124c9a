"""The tools of MCP servers, offered beside our own, each call taking effect at most once."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from pydantic_ai import RunContext
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool
from pydantic_core import SchemaValidator, core_schema

from ml_intern.data.masking import specimen
from ml_intern.records.runs import EventName
from ml_intern.tools.servers.connection import Connection, ServerLost
from ml_intern.tools.servers.permission import Permissions, Refused
from ml_intern.tools.servers.wording import BETWEEN, MOST_TOOLS, Offer, heard, offer, sendable
from ml_intern.workflow.workbench import Workbench, shown

_AN_OBJECT: Final = SchemaValidator(core_schema.dict_schema(core_schema.str_schema()))
"""What a brain sends is an object, or it is asked to mend it; whether it fits is for the server to say."""
_MENDED: Final = 3
_UNKNOWN: Final = (
    "The run was stopped while this call was under way: whether it took effect is not known. "
    "See whether it did before you call it again."
)


class ServerTools(AbstractToolset[Workbench]):
    """All servers of a run. A server is started when the first stage comes that it is for."""

    def __init__(self, connections: Sequence[Connection], permissions: Permissions) -> None:
        self._connections = {each.server.name: each for each in connections}
        self._permissions = permissions
        self._offers: dict[str, dict[str, Offer]] = {}

    @property
    def id(self) -> str | None:
        """What pydantic-ai tells toolsets apart by."""
        return "mcp-servers"

    async def aclose(self) -> None:
        """End all servers."""
        for each in self._connections.values():
            await each.close()

    async def get_tools(self, ctx: RunContext[Workbench]) -> dict[str, ToolsetTool[Workbench]]:
        """The tools of the servers that are for the current stage."""
        bench = ctx.deps
        stage = bench.run.stage()
        if stage is None or bench.finished():
            return {}
        offers = [
            each
            for connection in self._connections.values()
            if stage.name in connection.server.stages
            for each in (await self._offered(bench, connection)).values()
        ]
        return {each.name: self._as_tool(each) for each in offers}

    async def call_tool(
        self,
        name: str,
        tool_args: dict[str, Any],
        ctx: RunContext[Workbench],
        tool: ToolsetTool[Workbench],
    ) -> str:
        """What the tool returned, now or when this call was made; or why it was not called."""
        bench, call_id = ctx.deps, ctx.tool_call_id or ""
        recorded = bench.journal.result(call_id)
        if recorded is not None:
            return recorded
        connection = self._connections[name.partition(BETWEEN)[0]]
        told = {
            "tool": name, "call": call_id, "arguments": shown(tool_args), "server": connection.server.name,
        }  # fmt: skip
        try:
            sent = sendable(tool_args)
            current = await self._as_it_is_now(connection, name)
            by, pin = self._permissions.ask(bench, connection.server, current, sent)
        except (Refused, ServerLost, ValueError) as refused:
            why = str(refused)
            bench.run.commit(call_id, name, why, (), [_called(told, refused=specimen(why))])
            return why
        told |= {"permission": by, **({"pin": pin} if pin else {})}
        bench.run.intend(call_id, name, _UNKNOWN)
        try:
            found = heard(await connection.call(current.tool, sent), connection.credentials)
        except ServerLost as lost:
            bench.run.commit(call_id, name, str(lost), (), [_called(told, refused=str(lost))], intended=True)
            return str(lost)
        if sent != tool_args:
            found = f"(Credentials and personal data were blanked before the call.)\n{found}"
        read = _called(told, sources=[_source(current, found)])
        bench.run.commit(call_id, name, found, (), [read], intended=True)
        return found

    async def _offered(self, bench: Workbench, connection: Connection) -> dict[str, Offer]:
        """What was listed when it was last asked; a server that cannot be had offers nothing."""
        name = connection.server.name
        if name not in self._offers:
            self._offers[name] = {}
            try:
                passed_over = await self._list(connection)
            except ServerLost as lost:
                bench.run.emit(EventName.MESSAGE, text=f"{lost} It is left out.")
                return {}
            left = f"; left out: {'; '.join(passed_over[:5])}" if passed_over else ""
            told = f"The MCP server {name} offers {len(self._offers[name])} tools to the brain{left}."
            bench.run.emit(EventName.MESSAGE, text=told)
        return self._offers[name]

    async def _list(self, connection: Connection) -> list[str]:
        """Ask for its tools; returns why some are not offered."""
        found = [offer(connection.server.name, each) for each in await connection.tools()]
        fit = [each for each in found if isinstance(each, Offer)]
        self._offers[connection.server.name] = {each.name: each for each in fit[:MOST_TOOLS]}
        more = [f"{len(fit) - MOST_TOOLS} more than {MOST_TOOLS}"] if len(fit) > MOST_TOOLS else []
        return [each for each in found if isinstance(each, str)] + more

    async def _as_it_is_now(self, connection: Connection, name: str) -> Offer:
        """The tool as its server describes it at this moment: a description can change after a yes."""
        await self._list(connection)
        current = self._offers[connection.server.name].get(name)
        if current is None:
            raise Refused(f"{name} was not called: its server does not offer it any more.")
        return current

    def _as_tool(self, each: Offer) -> ToolsetTool[Workbench]:
        definition = ToolDefinition(
            name=each.name,
            description=each.description,
            parameters_json_schema=each.schema,
            sequential=True,
        )
        return ToolsetTool(toolset=self, tool_def=definition, max_retries=_MENDED, args_validator=_AN_OBJECT)


def _called(told: dict[str, Any], **more: Any) -> tuple[EventName, dict[str, Any]]:
    return EventName.TOOL_CALLED, told | more


def _source(current: Offer, found: str) -> str:
    """A key for what was read: to read something new is to get on, to read the same again is not."""
    digest = hashlib.sha256(found.encode("utf-8", "surrogatepass")).hexdigest()
    return f"mcp:{current.server}/{current.tool}/{digest[:12]}"
