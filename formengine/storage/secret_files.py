"""Files with keys: written whole or not at all, and never open to more accounts than before."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, text: str, *, mode: int) -> None:
    """Put *text* at *path*: with *mode* where it is new, else with owner, group and mode of the file before.

    So an operator's root may rotate a key that belongs to the worker's or the opener's account. Errors: OSError.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        former = path.stat()
        os.chown(beside, former.st_uid, former.st_gid)
        beside.chmod(former.st_mode & 0o777)
    beside.replace(path)
