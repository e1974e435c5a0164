"""The room that stays free for submits: files are refused while there is less (F-03)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

_SHARE = 0.1
"""Of a small disk so much is enough."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """*size_bytes* on every disk where one of *folders* lies, or a tenth of the disk where that is less."""

    folders: Sequence[Path]
    size_bytes: int

    def shortest(self) -> tuple[Path, int] | None:
        """The first folder whose disk has less left, and how many bytes are free there. Errors: OSError."""
        for folder in self.folders:
            there = next(one for one in (folder, *folder.parents) if one.exists())
            usage = shutil.disk_usage(there)
            if usage.free < min(self.size_bytes, _SHARE * usage.total):
                return folder, usage.free
        return None

    def is_touched(self) -> bool:
        """Whether less is free than should be; a disk that cannot be asked says so when it is written to."""
        try:
            return self.shortest() is not None
        except OSError:
            return False


def on_disk(database_url: str, files_url: str) -> Iterator[Path]:
    """The folders of this machine in which a database and a file store lie, as far as they do."""
    at = make_url(database_url)
    if at.get_backend_name() == "sqlite" and at.database:
        yield Path(at.database).parent
    if files_url.startswith("file://"):
        yield Path(files_url.removeprefix("file://"))
