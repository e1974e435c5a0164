"""The channel `folder`: each application becomes a folder named by its reference, whole or not at all.

The files are written beside it under another name, flushed to the disk and renamed in one step, so whoever
watches the folder never sees half an application. A folder that is there already is the delivery.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formengine.delivery import channels
from formengine.errors import DeliveryDeferred
from formengine.services.ports import Parcel

_STALE_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """*root* is where the folders of the applications are put."""

    root: Path


@channels.register("folder")
class Folder:
    """Delivers to a folder on this machine or a mounted share."""

    takes_supplements = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def deliver(self, parcel: Parcel) -> str:
        """The name of the folder. Errors: DeliveryDeferred if the disk does not take it."""
        root = self.settings.root
        target = root / parcel.name
        try:
            root.mkdir(parents=True, exist_ok=True)
            _clear(root)
            if not target.exists():
                _write(parcel, root / f".{parcel.name}.{secrets.token_hex(4)}", target)
        except OSError as error:
            raise DeliveryDeferred(f"the folder does not take it: {type(error).__name__}") from error
        return target.name


def _write(parcel: Parcel, draft: Path, target: Path) -> None:
    try:
        (draft / "proofs").mkdir(parents=True)
        for file in parcel.files:
            with (draft / file.path).open("xb") as out:
                out.write(file.read())
                out.flush()
                os.fsync(out.fileno())
        _flush(draft / "proofs")
        _flush(draft)
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        _flush(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _clear(root: Path) -> None:
    """Remove what a process left behind that was killed while it wrote."""
    for left in root.glob(".*-*-*.*"):
        if time.time() - left.stat().st_mtime > _STALE_S:
            shutil.rmtree(left, ignore_errors=True)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
