"""What the loop adds to a step beside a model that answers at once, and whether memory stays flat.

    python -m benchmarks.overhead [STEPS]     1,000 unless said otherwise

A run stands before its baseline; a scripted model looks at one stored result after the other. Beside it the
same number of calls of the same model in a bare agent of pydantic-ai, with a tool that returns the same texts
at once, since the scripted model counts the words of all that was said. What a step takes more is ours:
stages, gates, tools offered by stage, the stored conversation. The agent's own share grows with the
conversation in both.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import UsageLimits

from benchmarks.chaos import TASK
from benchmarks.command import ML_INTERN, keep
from ml_intern.app.home import open_home
from ml_intern.demo.tickets import write_tickets
from ml_intern.tools.catalogue import TOOLS
from ml_intern.tools.look_at import look_at
from ml_intern.workflow.engine import drive, make_agent
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Workbench, make_toolset

KINDS = ("task_spec", "research", "dataset_choice", "model_choice", "data_report", "split")
BLOCK = 100
"""Steps between two looks at time and memory."""


class Enough(Exception):
    """The model has answered as often as it was to."""


class Scripted:
    """Calls a tool again and again, and notes the time and the memory every `BLOCK` steps."""

    def __init__(self, steps: int, call: str) -> None:
        self.marks: list[dict[str, float]] = []
        self._steps, self._call, self._made = steps, call, 0

    def __call__(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if self._made % BLOCK == 0:
            self.marks.append(
                {
                    "step": self._made,
                    "seconds": time.perf_counter(),
                    "rss_bytes": psutil.Process().memory_info().rss,
                }
            )
        if self._made == self._steps:
            raise Enough
        arguments = {"kind": KINDS[self._made % len(KINDS)]}
        self._made += 1
        return ModelResponse([ToolCallPart(self._call, arguments, tool_call_id=f"step-{self._made}")])

    def milliseconds(self) -> list[float]:
        """Per step, block by block."""
        pairs = zip(self.marks, self.marks[1:], strict=False)
        return [round(1000 * (b["seconds"] - a["seconds"]) / BLOCK, 3) for a, b in pairs]


def ours(home: Path, steps: int) -> tuple[Scripted, dict[str, str]]:
    """Our loop on a run that stands before its baseline, and what its tool returns."""
    opened = open_home(home)
    record = opened.resolve(None)
    run = Run(opened.engine, record, opened.folder(record.id), lambda event: None)
    journal = Journal(opened.engine, run)
    nothing: Any = None
    bench = Workbench(run, journal, nothing, nothing, nothing, home, home, nothing)
    script = Scripted(steps, "look_at")
    agent = make_agent(FunctionModel(script), make_toolset(TOOLS))
    try:
        asyncio.run(drive(agent, bench, journal, lambda: None))
    except Enough:
        pass
    return script, {kind: look_at.function(bench, kind).summary for kind in KINDS}


def bare(steps: int, texts: dict[str, str]) -> Scripted:
    """The same model in an agent that has one tool and keeps nothing."""
    script = Scripted(steps, "nothing")
    agent = Agent(FunctionModel(script))

    @agent.tool_plain
    def nothing(kind: str) -> str:
        return texts[kind]

    try:
        asyncio.run(agent.run(TASK, usage_limits=UsageLimits(request_limit=None)))
    except Enough:
        pass
    return script


def main(steps: int) -> None:
    """Measure both and keep the record."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        write_tickets(Path(folder) / "tickets.csv", rows=400)
        data = ["--data", str(Path(folder) / "tickets.csv"), "--home", str(home)]
        subprocess.run([ML_INTERN, "run", TASK, *data, "--until", "inspect"], check=True, capture_output=True)
        own, texts = ours(home, steps)
        plain = bare(steps, texts)
    record = {
        "steps": steps,
        "bare_ms": plain.milliseconds(),
        "ours_ms": own.milliseconds(),
        "rss_bytes": [mark["rss_bytes"] for mark in own.marks],
        "goal_ms": 5.0,
    }
    keep("overhead", record)
    for name, value in record.items():
        print(name, value)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
