"""The user's side as a person at a terminal: calm lines, one live line while something runs."""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

from rich.prompt import Prompt
from rich.status import Status
from rich.text import Text

from ml_intern.app.shell import Shell
from ml_intern.cli.candidates import candidate_table
from ml_intern.cli.console import SafeConsole
from ml_intern.cli.interrupts import undisturbed
from ml_intern.cli.plans import plan_table, publication_table
from ml_intern.cli.scores import score_table, trust_line
from ml_intern.cli.watch import TrainingView
from ml_intern.records.approval import Verdict
from ml_intern.records.base import Artifact
from ml_intern.records.display import MAX_TOLD, escape, escape_lines, told
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import Approval, Event, EventName
from ml_intern.records.words import dollars

IN_CHARGE: ContextVar["Terminal | None"] = ContextVar("terminal", default=None)
"""The terminal of a conversation that commands are part of; None where a command stands alone."""
CONSOLE = SafeConsole(stderr=True, highlight=False)
LONGEST_QUESTION = 24_000
"""Characters of a question: what an MCP server would be sent is shown whole, even if all of it is escaped."""
LONGEST_DIFF = 200
"""Lines of one change to the scripts; `ml-intern diff` has all."""
SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow"}


def say(text: str, style: str = "", most: int = MAX_TOLD) -> None:
    """A line or a few for people, on stderr, never read as markup; see `told`."""
    CONSOLE.print(Text(told(text, most), style=style))


class Terminal:
    """Shows events as they come and puts questions."""

    def __init__(self, calls: bool = False) -> None:
        """With `calls`, each call of a tool gets a line."""
        self._status: Status | None = None
        self._training: TrainingView | None = None
        self._calls = calls
        self._mid_line = False
        self._shows: dict[EventName, Callable[[Event], None]] = {
            EventName.STAGE_STARTED: self._on_stage_started,
            EventName.STAGE_FINISHED: self._on_stage_finished,
            EventName.TOOL_CALLED: self._on_call,
            EventName.METRIC: self._on_metric,
            EventName.MESSAGE: self._on_message,
            EventName.APPROVAL_REQUIRED: self._on_approval_required,
        }
        self._interactive = sys.stdin.isatty() and CONSOLE.is_terminal

    def shell(self) -> Shell:
        """What the app needs to reach this user."""
        return Shell(
            listen=self.listen,
            ask=self.ask,
            approve=self.approve,
            interactive=self._interactive,
            streams=self._interactive,
            stop_it=self.stop_it,
        )

    def listen(self, event: Event) -> None:
        """Show one event."""
        if event.event is EventName.SAID:
            self._show_words(event.data["text"])
            return
        self._end_line()
        show = self._shows.get(event.event)
        if show:
            show(event)
        elif event.event in SHOWN:
            SHOWN[event.event](event.data)

    def _on_stage_started(self, event: Event) -> None:
        self._wait_for(f"{event.stage}: {event.data['does']} …")

    def _on_stage_finished(self, event: Event) -> None:
        self._stop()
        say(f"✓ {event.stage:<9} {event.data['seconds']:6.1f} s")

    def _on_call(self, event: Event) -> None:
        if self._calls:
            _show_call(event.data)

    def _on_metric(self, event: Event) -> None:
        if self._training is None:
            self._stop()
            self._training = TrainingView(CONSOLE)
        self._training.show(event.data)

    def _on_message(self, event: Event) -> None:
        say(f"  {event.data['text']}")
        if event.data.get("candidates"):
            self._stop()
            CONSOLE.print(candidate_table(event.data["candidates"]))

    def _on_approval_required(self, event: Event) -> None:
        self._stop()
        table = publication_table if event.data["subject"] == PublicationPlan.kind else plan_table
        CONSOLE.print(table(event.data["plan"], event.data["why"]))

    def ask(self, question: str, options: tuple[str, ...]) -> str | None:
        """Put a question; None where nobody sits at the terminal."""
        self._stop()
        if not self._interactive:
            return None
        say(question, most=LONGEST_QUESTION)
        shown = {escape(option): option for option in options}
        try:
            answer = Prompt.ask(">", console=CONSOLE, choices=list(shown) or None)
            return shown.get(answer, answer)
        except EOFError:
            return None

    def stop_it(self, purpose: str) -> bool:
        """Whether the job stops, too, once we were interrupted; a second Ctrl-C says yes."""
        question = f"The job “{purpose}” runs. Stop it? Left alone it goes on to its end."
        try:
            return self.ask(question, ("stop", "leave")) != "leave"
        except KeyboardInterrupt:
            return True

    def approve(self, subject: Artifact, sha256: str) -> Approval | None:
        """Ask for yes or no; no answer is no approval."""
        if isinstance(subject, PublicationPlan):
            return self._approve_publication(subject, sha256)
        answer = (self.ask("Train this? yes, no, later, or a change such as epochs=3", ()) or "later").strip()
        while answer not in ("yes", "no", "later") and "=" not in answer:
            answer = (
                self.ask("Answer yes, no or later, or name a change such as epochs=3", ()) or "later"
            ).strip()
        if answer == "later":
            return None
        reason = answer if "=" in answer else ""
        if answer == "no":
            reason = self.ask("What should change? (for example faster, balanced; empty to stop)", ()) or ""
        verdict = Verdict.APPROVED if answer == "yes" else Verdict.DENIED
        return Approval(
            subject_kind=subject.kind,
            subject_sha256=sha256,
            verdict=verdict,
            by="the user at the terminal",
            reason=reason,
        )

    def _approve_publication(self, subject: PublicationPlan, sha256: str) -> Approval | None:
        answer = self.ask(f"Publish this as {escape(subject.repo)}?", ("yes", "no", "later")) or "later"
        if answer == "later":
            return None
        verdict = Verdict.APPROVED if answer == "yes" else Verdict.DENIED
        by = "the user at the terminal"
        return Approval(subject_kind=subject.kind, subject_sha256=sha256, verdict=verdict, by=by)

    def show_result(self, result: dict[str, Any]) -> None:
        """The end of a run: verdict, scores, findings, and the one next step."""
        self.close()
        CONSOLE.print()
        if result["metrics"]:
            say(result["verdict"], "bold")
            CONSOLE.print(score_table(result))
            if result["worth"]:
                say(result["worth"])
            if result["trust"]:
                say(trust_line(result["trust"]))
        for finding in result["findings"][:3] if result["metrics"] else []:
            style = SEVERITY_STYLE.get(finding["severity"], "")
            CONSOLE.print(Text(f"{finding['severity']}: ", style=style) + Text(told(finding["message"])))
        if result["error"]:
            say(f"Error: {result['error']}", "red")
        if result["question"]:
            say(f"Waits for a yes: {result['question']}")
        say(next_step(result))

    def close(self) -> None:
        """End what is drawn live, and a line that is not ended."""
        self._stop()
        self._end_line()

    def _show_words(self, words: str) -> None:
        self._stop()
        lines = words.split("\n")
        CONSOLE.print(Text(escape_lines(words)), end="", soft_wrap=True)
        self._mid_line = bool(lines[-1]) or (self._mid_line and len(lines) == 1)

    def _end_line(self) -> None:
        if self._mid_line:
            CONSOLE.print()
            self._mid_line = False

    def _wait_for(self, text: str) -> None:
        self._stop()
        if CONSOLE.is_terminal:
            with undisturbed():
                self._status = CONSOLE.status(Text(told(text)))
                self._status.start()

    @undisturbed()
    def _stop(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
        if self._training:
            self._training.close()
            self._training = None


def _show_answer(word: str, data: dict[str, Any]) -> None:
    why = f": {data['reason']}" if data["reason"] else ""
    what = "publication" if data["subject"] == PublicationPlan.kind else "plan"
    say(f"  The {what} was {word} by {data['by']}{why}")


def _show_call(data: dict[str, Any]) -> None:
    from ml_intern.cli.explain import call_line

    say(f"  · {call_line(None, data['tool'], data['arguments'], CONSOLE.width - 5)}", "dim")
    if data.get("refused"):
        say(f"    refused: {data['refused']}", "yellow")


def _show_finding(data: dict[str, Any]) -> None:
    style = SEVERITY_STYLE.get(data["severity"], "")
    CONSOLE.print(Text(f"  {data['severity']:<8} ", style=style) + Text(told(data["message"])))


def _show_refusal(data: dict[str, Any]) -> None:
    if data.get("place"):  # else it ends the run, and is told as its error
        say(f"  Refused: {data['reason']}", "yellow")


def _show_cost(data: dict[str, Any]) -> None:
    if data["what"] != "brain":  # whose many small costs are in `costs`
        say(f"  {data['what']} cost {dollars(data['micro_usd'])} on {data['place']}")


def _show_repair(data: dict[str, Any]) -> None:
    say(f"  repair   {data['bug']}: {data['explanation']}", "yellow")
    say(f"           seen in: {data['evidence'][:200]}")
    lines = data["diff"].splitlines()
    for line in lines[:LONGEST_DIFF]:
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        say(f"           {line}", style)
    if len(lines) > LONGEST_DIFF:
        say(f"           … {len(lines) - LONGEST_DIFF} more lines: ml-intern diff", "dim")


SHOWN: dict[EventName, Callable[[dict[str, Any]], None]] = {
    EventName.APPROVAL_GIVEN: partial(_show_answer, "approved"),
    EventName.APPROVAL_DENIED: partial(_show_answer, "denied"),
    EventName.FINDING: _show_finding,
    EventName.REPAIR: _show_repair,
    EventName.COMPUTE_REFUSED: _show_refusal,
    EventName.COST: _show_cost,
}


def next_step(result: dict[str, Any]) -> str:
    """The one command or place to go on with, and where the report is."""
    if result["status"] == "done" and result["published"]:
        return f"Packaged in {result['bundle']}\nNext: ml-intern verify {result['published']['repo']}"
    if result["status"] == "done" and result["bundle"]:
        return f"Packaged in {result['bundle']}\nNext: read {result['report']}"
    said = "" if result["status"] == "waiting" else result["hint"]
    said = said or f"Next: {'   or: '.join(result['next'])}"
    return f"{said}\nReport: {result['report']}" if result["report"] else said
