"""Implements `services.ports.Intake`: size, kind by content, agreement, scan, and a name that can be shown.

In this order (security.md 6): limits, the confined child that looks at the bytes, the scanner, which gets them
unparsed. Rebuilding follows in its own issue; until then what is stored is what came.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from formengine.errors import FileRefused
from formengine.intake import sandbox
from formengine.intake.kinds import agrees, clean_name, told
from formengine.intake.scanning import Scanner, Verdict
from formengine.services.ports import Examined

MOST_BYTES = 20 * 1024 * 1024
"""The largest file that is taken (UPL-01)."""

_CHILD = Path(__file__).with_name("examine_child.py")


@dataclass(frozen=True, slots=True)
class FileIntake:
    """Examines files in a confined child and has them scanned. *most_bytes* is the cap of one file."""

    scanner: Scanner
    most_bytes: int = MOST_BYTES

    def examine(self, name: str, claimed: str, data: bytes, *, accept: Sequence[str]) -> Examined:
        """The file with its kind and its clean name; not `clean` where the scanner could not say.

        Errors: FileRefused with a code of empty, size, type, encrypted, broken or infected.
        """
        if not data:
            raise FileRefused("empty")
        if len(data) > self.most_bytes:
            raise FileRefused("size")
        media_type, state = _look_at(data)
        kind = told(media_type)
        if kind is None or kind.media_type not in accept or not agrees(kind, name, claimed):
            raise FileRefused("type")
        if state != "ok":
            raise FileRefused(state)
        verdict = self.scanner.scan(data)
        if verdict is Verdict.INFECTED:
            raise FileRefused("infected")
        return Examined(clean_name(name, kind), kind.media_type, verdict is Verdict.CLEAN, data)


def _look_at(data: bytes) -> tuple[str, str]:
    """What the child says: the media type, and ok, encrypted or broken. Errors: FileRefused("broken")."""
    try:
        said = json.loads(sandbox.run(_CHILD, data))
    except (sandbox.ChildFailed, ValueError) as error:
        raise FileRefused("broken") from error
    match said:
        case {"kind": str(media_type), "state": "ok" | "encrypted" | "broken" as state}:
            return media_type, state
    raise FileRefused("broken")
