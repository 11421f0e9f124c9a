"""One run: its stored artifacts seen through the stage table, and the only way to add to them."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine

from ml_intern.ports.artifacts import A
from ml_intern.records.approval import Verdict
from ml_intern.records.base import Artifact
from ml_intern.records.runs import Approval, Event, EventName, RunRecord, RunRequest
from ml_intern.store import approvals, artifacts, events, journal
from ml_intern.store.artifacts import StoredArtifact
from ml_intern.store.database import now
from ml_intern.workflow.stages import KINDS, NAMES, STAGE_OF, STAGES, Stage

Listener = Callable[[Event], None]


class Run:
    """A run that this process may drive. Satisfies `ports.artifacts.ArtifactReader`."""

    def __init__(self, engine: Engine, record: RunRecord, folder: Path, listener: Listener) -> None:
        self.record = record
        self._engine = engine
        self._folder = folder
        self._listener = listener
        self._stage_began = time.monotonic()
        self._unheard: list[Event] = []
        self._memory: dict[str, Any] = {}
        self._as_of: tuple[object, ...] = ()
        with engine.begin() as connection:
            self._history = artifacts.history(connection, record.id)
            self._approvals = approvals.history(connection, record.id)
        self._unreadable = {(each.kind, each.version) for each in self._history if not _readable(each)}

    # --- reading ---------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        return self._folder

    @property
    def request(self) -> RunRequest:
        """What the user asked for."""
        return self.record.request

    @property
    def history(self) -> Sequence[StoredArtifact]:
        """Every stored version, void ones included, oldest first."""
        return tuple(self._history)

    @property
    def answers(self) -> Sequence[Approval]:
        """Every answer to a request for approval, oldest first."""
        return tuple(self._approvals)

    def current(self) -> dict[str, StoredArtifact]:
        """By kind: the newest version, where everything it was made from is itself current."""
        return dict(self._remembered("current", self._current))

    def _current(self) -> dict[str, StoredArtifact]:
        latest = {stored.kind: stored for stored in self._history}
        valid: dict[str, StoredArtifact] = {}
        for stage in STAGES:
            for kind in (cls.kind for cls in stage.artifacts):
                found = latest.get(kind)
                if found and (kind, found.version) in self._unreadable:
                    continue
                if found and all(k in valid and valid[k].sha256 == h for k, h in found.inputs.items()):
                    valid[kind] = found
        return valid

    @property
    def outdated(self) -> Sequence[str]:
        """The kinds whose newest version was made by another version of us and means nothing to this one."""
        newest = {stored.kind: stored.version for stored in self._history}
        return sorted(kind for kind, version in newest.items() if (kind, version) in self._unreadable)

    def get(self, kind: type[A]) -> A | None:
        """The current artifact of this kind, or None."""
        found = self.current().get(kind.kind)
        return kind.model_validate_json(found.content) if found else None

    def need(self, kind: type[A]) -> A:
        """The current artifact of this kind.

        Raises:
            LookupError: there is none.
        """
        found = self.get(kind)
        if found is None:
            raise LookupError(f"run {self.record.id} has no current {kind.kind}")
        return found

    def sha256(self, kind: type[Artifact]) -> str | None:
        """The hash of the current artifact of this kind."""
        found = self.current().get(kind.kind)
        return found.sha256 if found else None

    def question(self) -> StoredArtifact | None:
        """What waits, or waited last, for a person's answer in the current stage."""
        stage = self.stage()
        return self.current().get(stage.asks.kind) if stage and stage.asks else None

    def artifacts(self) -> dict[str, Artifact]:
        """All current artifacts by kind."""
        return {kind: KINDS[kind].model_validate_json(a.content) for kind, a in self.current().items()}

    def approval(self, kind: type[Artifact]) -> Approval | None:
        """The newest answer for exactly the current artifact of this kind."""
        sha256 = self.sha256(kind)
        given = [a for a in self._approvals if (a.subject_kind, a.subject_sha256) == (kind.kind, sha256)]
        return given[-1] if given else None

    def objections(self, stage: Stage) -> list[str]:
        """Why the stage is not done; empty when it is, or when nobody asked for it."""
        if not stage.wanted(self.record.request):
            return []
        missing = [f"{cls.kind} is missing" for cls in stage.artifacts if self.sha256(cls) is None]
        return missing or stage.gate(self)

    def stage(self) -> Stage | None:
        """The first stage that is not done, or None when all are."""
        found: Stage | None = self._remembered("stage", self._stage)
        return found

    def _stage(self) -> Stage | None:
        return next((stage for stage in STAGES if self.objections(stage)), None)

    def _remembered(self, name: str, find: Callable[[], Any]) -> Any:
        """What `find` finds, asked once: it follows from what is stored and what the user wants.

        A loop asks for the stage once for every tool, and each time every gate would read every artifact.
        """
        as_of = (self._history, self._approvals, self.record)
        if len(self._as_of) != len(as_of) or any(a is not b for a, b in zip(as_of, self._as_of, strict=True)):
            self._memory, self._as_of = {}, as_of
        if name not in self._memory:
            self._memory[name] = find()
        return self._memory[name]

    def is_after(self, stage: Stage, name: str) -> bool:
        """Whether `stage` comes after the stage called `name`."""
        return NAMES.index(stage.name) > NAMES.index(name)

    def events(self) -> list[Event]:
        """All that was told of this run, oldest first."""
        with self._engine.begin() as connection:
            return events.history(connection, self.record.id)

    def sources(self) -> frozenset[str]:
        """Keys of what tools have read outside in this run, as their events say."""
        return frozenset(key for event in self.events() for key in event.data.get("sources", ()))

    # --- writing ---------------------------------------------------------------------------------

    def intend(self, call_id: str, tool: str, unknown: str) -> None:
        """Store, before a call whose effect lies outside, what is known of it if we do not see its end.

        So a resumed run does not call again: `unknown` is the call's result until `commit` says better.
        """
        with self._engine.begin() as connection:
            journal.record_result(connection, self.record.id, call_id, tool, unknown)

    def commit(
        self,
        call_id: str,
        tool: str,
        result: str,
        made: Sequence[Artifact] = (),
        news: Sequence[tuple[EventName, dict[str, Any]]] = (),
        intended: bool = False,
    ) -> None:
        """Store what one tool call made, what it has to tell, and that it took effect: all or nothing.

        `intended`: it was announced with `intend`.
        """
        before = self.stage()
        inputs = {}
        for artifact in made:
            wanted = STAGE_OF[artifact.kind].needs
            inputs[artifact.kind] = {cls.kind: sha for cls in wanted if (sha := self.sha256(cls))}
        with self._engine.begin() as connection:
            for artifact in made:
                artifacts.append(connection, self.record.id, artifact, inputs[artifact.kind])
            record = journal.replace_result if intended else journal.record_result
            record(connection, self.record.id, call_id, tool, result)
            if made:  # else what was found of it, such as the stage, still holds
                self._history = artifacts.history(connection, self.record.id)
            for name, data in news:
                self._record(connection, name, before, **data)
            self._advance(connection, before)
        self._tell()

    def answer(self, approval: Approval) -> None:
        """Store the answer to a request for approval."""
        before = self.stage()
        given = approval.verdict is Verdict.APPROVED
        name = EventName.APPROVAL_GIVEN if given else EventName.APPROVAL_DENIED
        with self._engine.begin() as connection:
            approvals.append(connection, self.record.id, approval)
            self._approvals = approvals.history(connection, self.record.id)
            self._record(
                connection,
                name,
                before,
                subject=approval.subject_kind,
                by=approval.by,
                sha256=approval.subject_sha256,
                reason=approval.reason,
            )
            self._advance(connection, before)
        self._tell()

    def emit(self, event: EventName, **data: Any) -> None:
        """Store and show one event of the current stage."""
        with self._engine.begin() as connection:
            self._record(connection, event, self.stage(), **data)
        self._tell()

    def say(self, words: str) -> None:
        """Show words of the brain as they come. The conversation holds them, so the events do not."""
        if words:
            self.pass_on(EventName.SAID, text=words)

    def pass_on(self, event: EventName, **data: Any) -> None:
        """Show one event that is of this moment alone, and not stored."""
        stage = self.stage()
        name = stage.name if stage else ""
        self._listener(Event(event=event, run=self.record.id, stage=name, time=now(), data=data))

    def begin(self) -> None:
        """Announce the first stage of a new run, or what of an old one must be done again."""
        with self._engine.begin() as connection:
            if not events.history(connection, self.record.id):
                self._start(connection, self.stage())
        self._tell()
        if self.outdated:
            names = ", ".join(self.outdated)
            self.emit(
                EventName.MESSAGE,
                text=f"Another version of ML Intern made {names}: that is done again, and all that follows.",
            )

    def _advance(self, connection: Connection, before: Stage | None) -> None:
        after = self.stage()
        if after is before:
            return
        if before and (after is None or NAMES.index(after.name) > NAMES.index(before.name)):
            seconds = round(time.monotonic() - self._stage_began, 3)
            self._record(connection, EventName.STAGE_FINISHED, before, seconds=seconds)
        self._start(connection, after)

    def _start(self, connection: Connection, stage: Stage | None) -> None:
        self._stage_began = time.monotonic()
        if stage:
            self._record(connection, EventName.STAGE_STARTED, stage, does=stage.does)

    def _record(self, connection: Connection, name: EventName, stage: Stage | None, **data: Any) -> None:
        where = stage.name if stage else ""
        event = Event(event=name, run=self.record.id, stage=where, time=now(), data=data)
        events.append(connection, event)
        self._unheard.append(event)

    def _tell(self) -> None:
        # Listeners hear of an event only after it is stored, so that what was shown is never lost.
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            self._listener(event)


def _readable(stored: StoredArtifact) -> bool:
    try:
        KINDS[stored.kind].model_validate_json(stored.content)
    except (KeyError, ValidationError):
        return False
    return True
