"""The folder of a child process: locked by whoever uses it, so that what a crash left is known and swept (ENC-13).

The lock is the kernel's: it goes with the last process that holds it, however that ended.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "formengine-child-"


def make() -> tuple[Path, int]:
    """A new folder, and the open descriptor that locks it: hand it on to the child, close it at the end."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX)
        if folder.exists():  # else it was swept before it was locked
            return folder, held
        os.close(held)


def sweep() -> None:
    """Remove the folders that nobody uses any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # in use, another account's, or gone
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)
