"""The user's side as a person at a terminal: calm lines, one live line while something runs."""

import sys
from typing import Any

from rich.console import Console
from rich.prompt import Prompt
from rich.status import Status
from rich.table import Table
from rich.text import Text

from ml_intern.app.shell import Shell
from ml_intern.cli.candidates import candidate_table
from ml_intern.cli.watch import TrainingView
from ml_intern.records.approval import Verdict
from ml_intern.records.base import Artifact
from ml_intern.records.display import escape
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import Approval, Event, EventName
from ml_intern.records.training import TrainingPlan
from ml_intern.records.words import dollars, storage

CONSOLE = Console(stderr=True, highlight=False)
METRICS = {"accuracy": "accuracy", "macro_f1": "macro F1"}
SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow"}


def say(text: str, style: str = "") -> None:
    """One line for people, on stderr, never read as markup."""
    CONSOLE.print(Text(text, style=style))


class Terminal:
    """Shows events as they come and puts questions."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._training: TrainingView | None = None
        self._interactive = sys.stdin.isatty() and CONSOLE.is_terminal

    def shell(self) -> Shell:
        """What the app needs to reach this user."""
        return Shell(
            listen=self.listen,
            ask=self.ask,
            approve=self.approve,
            interactive=self._interactive,
            stop_it=self.stop_it,
        )

    def listen(self, event: Event) -> None:
        """Show one event."""
        data = event.data
        if event.event is EventName.STAGE_STARTED:
            self._wait_for(f"{event.stage}: {data['does']} …")
        elif event.event is EventName.STAGE_FINISHED:
            self._stop()
            say(f"✓ {event.stage:<9} {data['seconds']:6.1f} s")
        elif event.event is EventName.METRIC:
            self._show_metric(data)
        elif event.event in SHOWN:
            SHOWN[event.event](data)
        elif event.event is EventName.MESSAGE:
            say(f"  {data['text']}")
            if data.get("candidates"):
                self._stop()
                CONSOLE.print(candidate_table(data["candidates"]))
        elif event.event is EventName.APPROVAL_REQUIRED:
            self._stop()
            show = _show_publication if data["subject"] == PublicationPlan.kind else _show_plan
            show(data["plan"], data["why"])
        elif event.event in (EventName.APPROVAL_GIVEN, EventName.APPROVAL_DENIED):
            _show_answer(event.event, data)

    def ask(self, question: str, options: tuple[str, ...]) -> str | None:
        """Put a question; None where nobody sits at the terminal."""
        self._stop()
        if not self._interactive:
            return None
        say(question)
        try:
            return Prompt.ask(">", console=CONSOLE, choices=list(options) or None)
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
        self._stop()
        CONSOLE.print()
        if result["metrics"]:
            say(result["verdict"], "bold")
            CONSOLE.print(_score_table(result))
            if result["worth"]:
                say(result["worth"])
            if result["trust"]:
                say(_trust(result["trust"]))
        for finding in result["findings"][:3] if result["metrics"] else []:
            style = SEVERITY_STYLE.get(finding["severity"], "")
            CONSOLE.print(Text(f"{finding['severity']}: ", style=style) + Text(finding["message"]))
        if result["error"]:
            say(f"Error: {result['error']}", "red")
        if result["question"]:
            say(f"Waits for a yes: {result['question']}")
        say(next_step(result))

    def _show_metric(self, data: dict[str, Any]) -> None:
        if self._training is None:
            self._stop()
            self._training = TrainingView(CONSOLE)
        self._training.show(data)

    def _wait_for(self, text: str) -> None:
        self._stop()
        if CONSOLE.is_terminal:
            self._status = CONSOLE.status(Text(text))
            self._status.start()

    def _stop(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
        if self._training:
            self._training.close()
            self._training = None


def _show_answer(name: EventName, data: dict[str, Any]) -> None:
    word = "approved" if name is EventName.APPROVAL_GIVEN else "denied"
    why = f": {data['reason']}" if data["reason"] else ""
    what = "publication" if data["subject"] == PublicationPlan.kind else "plan"
    say(f"  The {what} was {word} by {data['by']}{why}")


def _show_finding(data: dict[str, Any]) -> None:
    style = SEVERITY_STYLE.get(data["severity"], "")
    CONSOLE.print(Text(f"  {data['severity']:<8} ", style=style) + Text(data["message"]))


def _show_refusal(data: dict[str, Any]) -> None:
    if data.get("place"):  # else it ends the run, and is told as its error
        say(f"  Refused: {data['reason']}", "yellow")


def _show_cost(data: dict[str, Any]) -> None:
    if data["what"] != "brain":  # whose many small costs are in `costs`
        say(f"  {data['what']} cost {dollars(data['micro_usd'])} on {data['place']}")


def _show_plan(plan: dict[str, Any], why: list[str]) -> None:
    table = Table(title="The plan", show_header=False, title_justify="left", box=None)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    plan_record = TrainingPlan.model_validate(plan)
    expected, minutes = plan_record.expected, plan_record.minutes
    rows = [
        ("what", plan_record.summary),
        ("expected", f"{expected.value:.3f} [{expected.low:.3f}, {expected.high:.3f}], {expected.basis}"),
        ("minutes", f"{minutes.value:.1f} [{minutes.low:.1f}, {minutes.high:.1f}], {minutes.basis}"),
        ("memory", f"{storage(plan_record.memory_bytes)} at its peak in the smoke test"),
        (
            "cost",
            f"{dollars(plan_record.cost_micro_usd)}, at worst {dollars(plan_record.worst_case_micro_usd)}",
        ),
        ("where", f"{plan_record.backend}, {plan_record.flavour}"),
        ("checkpoints", plan_record.checkpoints),
    ]
    rows += [(choice.name, f"{choice.value}  ({choice.reason})") for choice in plan_record.hyperparameters]
    rows += [("refused", each.reason) for each in plan_record.refusals]
    rows += [("note", note) for note in (*plan_record.notes, *why)]
    rows += [("changed for", answer) for answer in plan_record.answers]
    rows += [("changed", change) for change in plan_record.changes]
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    CONSOLE.print(table)


def _show_publication(plan: dict[str, Any], why: list[str]) -> None:
    told = PublicationPlan.model_validate(plan)
    table = Table(title="To be published", show_header=False, title_justify="left", box=None)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    where = "the embedded Hub on this machine" if told.endpoint == "embedded" else told.endpoint
    seen = "you alone (private)" if told.private else "everybody (public)"
    rows = [("as", told.repo), ("on", where), ("seen by", seen), ("licence", told.licence)]
    rows.append(
        ("commit", "one, all files or none" + (f", on top of {told.parent[:12]}" if told.parent else ""))
    )
    rows.append(("files", f"{len(told.files)}, {storage(told.bytes)}"))
    largest = sorted(told.files, key=lambda file: -file.bytes)[:8]
    rows += [("", f"{_size(file.bytes):>9}  {escape(file.path)}") for file in largest]
    if len(told.files) > len(largest):
        rows.append(("", f"and {len(told.files) - len(largest)} smaller ones"))
    if told.space:
        rows.append(("and a demo", f"the Space {told.space.repo}, for the same eyes"))
        rows.append(("", f"{len(told.space.files)} files, {storage(told.space.bytes)}, the model among them"))
    rows += [("note", note) for note in (*told.notes, *why)]
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    CONSOLE.print(table)


def _size(count: int) -> str:
    return f"{count / 1024:.1f} KiB" if count < 2**20 / 10 else storage(count)


def _show_repair(data: dict[str, Any]) -> None:
    say(f"  repair   {data['bug']}: {data['explanation']}", "yellow")
    say(f"           seen in: {data['evidence'][:200]}")
    for line in data["diff"].splitlines():
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        say(f"           {line}", style)


def _trust(trust: dict[str, Any]) -> str:
    """What confidence is worth, in a line or two."""
    held = trust["unknown"]
    error, answered, right = (
        found["value"] for found in (trust["calibration_error"], held["coverage"], held["accuracy"])
    )
    said = f"Confidence is {error:.3f} off on average. With UNKNOWN it would answer {answered:.1%} of the "
    said += f"test rows, {right:.1%} of those right"
    if held["unknown_recall"]:
        said += f", and hold back {held['unknown_recall']['value']:.1%} of the texts of no class"
    if trust["worse_slices"]:
        said += f". Worse than the rest beyond noise: {', '.join(map(escape, trust['worse_slices'][:3]))}"
    return said + "."


def _score_table(result: dict[str, Any]) -> Table:
    table = Table(title="Sealed test split, with 95 % intervals", title_justify="left", box=None)
    table.add_column("model")
    for name in METRICS.values():
        table.add_column(name, justify="right", no_wrap=True)
    rows = [("this model", result["metrics"])]
    if result["clean_metrics"]:
        rows.append(("on clean rows", result["clean_metrics"]))
    rows += [(f"{name} baseline", scores) for name, scores in result["baselines"].items()]
    for name, scores in rows:
        cells = [scores[metric] for metric in METRICS]
        shown = [f"{c['value']:.3f} [{c['low']:.3f}, {c['high']:.3f}]" for c in cells]
        table.add_row(Text(name), *map(Text, shown))
    return table


SHOWN = {
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
