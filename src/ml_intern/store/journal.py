"""The conversation with the brain, and which of its tool calls have taken effect."""

from sqlalchemy import Connection, delete, func, insert, select, update

from ml_intern.store.database import now
from ml_intern.store.schema import messages, tool_calls


def messages_of(connection: Connection, run_id: str) -> list[str]:
    """The stored messages as JSON texts, oldest first."""
    rows = select(messages.c.content).where(messages.c.run_id == run_id).order_by(messages.c.position)
    return list(connection.execute(rows).scalars())


def count_messages(connection: Connection, run_id: str) -> int:
    """How many messages are stored."""
    mine = messages.c.run_id == run_id
    return connection.execute(select(func.count()).select_from(messages).where(mine)).scalar_one()


def append_messages(connection: Connection, run_id: str, contents: list[str], start: int) -> None:
    """Add messages from position `start`, which is how many are stored: another one there is an error."""
    for position, content in enumerate(contents, start=start):
        connection.execute(insert(messages).values(run_id=run_id, position=position, content=content))


def drop_messages(connection: Connection, run_id: str, keep: int) -> None:
    """Forget all but the first `keep` messages."""
    connection.execute(delete(messages).where(messages.c.run_id == run_id, messages.c.position >= keep))


def recorded_result(connection: Connection, run_id: str, call_id: str) -> str | None:
    """What the tool call returned, if it took effect before."""
    query = select(tool_calls.c.result).where(tool_calls.c.run_id == run_id, tool_calls.c.call_id == call_id)
    found: str | None = connection.execute(query).scalar()
    return found


def record_result(connection: Connection, run_id: str, call_id: str, tool: str, result: str) -> None:
    """Record that a tool call took effect; a second time for the same call is an integrity error."""
    values = {"run_id": run_id, "call_id": call_id, "tool": tool, "result": result, "time": now()}
    connection.execute(insert(tool_calls).values(**values))


def replace_result(connection: Connection, run_id: str, call_id: str, tool: str, result: str) -> None:
    """Record what a tool call returned whose result was open until now."""
    mine = (tool_calls.c.run_id == run_id, tool_calls.c.call_id == call_id, tool_calls.c.tool == tool)
    connection.execute(update(tool_calls).where(*mine).values(result=result, time=now()))
