"""What a channel notes of a delivery for its next attempt: files that are written once, one a note."""

from __future__ import annotations

from dataclasses import dataclass

from formengine.core.lifecycle import Submission
from formengine.services import filing
from formengine.services.ports import Files, Place


@dataclass(frozen=True, slots=True)
class FileNotes:
    """`services.values.Notes` in the file store, sealed; it knows who of two was first."""

    files: Files
    submission: Submission
    channel: str

    def read(self) -> tuple[str, ...]:
        """The notes, oldest first. Errors: StorageError."""
        found: list[str] = []
        while self.files.has(self._place(len(found)).at):
            found.append(self.files.get(self._place(len(found))).decode())
        return tuple(found)

    def add(self, text: str, *, after: int) -> str:
        """The note behind the first *after* ones: this text, or what another attempt wrote there."""
        if self.files.put(self._place(after), text.encode()):
            return text
        return self.files.get(self._place(after)).decode()

    def _place(self, number: int) -> Place:
        return filing.note_place(self.submission, self.channel, number)
