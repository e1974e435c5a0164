"""What a channel notes of a delivery for its next attempt: files that are written once, one a note."""

from __future__ import annotations

from dataclasses import dataclass

from formengine.core.lifecycle import Reference
from formengine.services import filing
from formengine.services.ports import Files


@dataclass(frozen=True, slots=True)
class FileNotes:
    """`services.values.Notes` in the file store, which knows who of two was first."""

    files: Files
    reference: Reference
    channel: str

    def read(self) -> tuple[str, ...]:
        """The notes, oldest first. Errors: StorageError."""
        found: list[str] = []
        while self.files.has(self._key(len(found))):
            found.append(self.files.get(self._key(len(found))).decode())
        return tuple(found)

    def add(self, text: str, *, after: int) -> str:
        """The note behind the first *after* ones: this text, or what another attempt wrote there."""
        if self.files.put(self._key(after), text.encode()):
            return text
        return self.files.get(self._key(after)).decode()

    def _key(self, number: int) -> str:
        return filing.note_key(self.reference, self.channel, number)
