"""The brain's notes: a bounded file of JSON lines in the run's folder."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ml_intern.records.base import Record
from ml_intern.workflow.workbench import Unfit

FILE: Final = "notes.jsonl"
LONGEST: Final = 500
"""Characters of one note."""
MOST: Final = 5_000
"""Characters of all notes, so that they are read in one piece."""


class Note(Record):
    """One note. `may_hold_rows`: whoever wrote it may have seen rows of the data."""

    text: str
    may_hold_rows: bool = False


def add(folder: Path, note: Note) -> int:
    """Append a note, and say how many there are; the same again changes nothing.

    Raises:
        Unfit: it is empty or too long, or there is no room.
    """
    kept = notes(folder)
    if not note.text.strip() or len(note.text) > LONGEST:
        raise Unfit(f"a note has 1 to {LONGEST} characters: this one has {len(note.text.strip())}")
    if note in kept:
        return len(kept)
    if sum(len(each.text) for each in kept) + len(note.text) > MOST:
        raise Unfit(f"the notes are full ({MOST:,} characters): go on with what read_notes shows")
    draft = folder / f"{FILE}.new"  # so that a crash leaves the old notes or the new ones
    draft.write_text("".join(f"{each.model_dump_json()}\n" for each in (*kept, note)), encoding="utf-8")
    draft.replace(folder / FILE)
    return len(kept) + 1


def notes(folder: Path) -> list[Note]:
    """The notes that were kept, oldest first; a line that somebody has broken is passed over."""
    path = folder / FILE
    kept = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []:
        try:
            kept.append(Note.model_validate_json(line))
        except ValidationError:
            continue
    return kept
