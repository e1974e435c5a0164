"""What every delivery channel has to keep to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from formengine.core.lifecycle import Reference
from formengine.delivery import channels, folder, inbox
from formengine.services.ports import Channel, Parcel
from tests.fakes import KeepingChannel

MAKE: dict[str, Callable[[Path], Channel]] = {
    "folder": lambda path: folder.Folder(folder.Settings(path)),
    "inbox": lambda path: inbox.Inbox(inbox.Settings()),
    "fake": lambda path: KeepingChannel(),
}
PARCEL = Parcel(Reference("ABCD-EFGH-JKM"), "t", "lunch", "key", ())


def test_every_registered_channel_is_held_to_the_contract() -> None:
    channels.load()
    assert set(channels) <= set(MAKE), "add the new channel to MAKE"


@pytest.mark.parametrize("name", MAKE)
def test_a_receipt_names_the_delivery_and_stays_the_same(name: str, tmp_path: Path) -> None:
    channel = MAKE[name](tmp_path)
    first = channel.deliver(PARCEL)
    assert PARCEL.reference in first
    assert channel.deliver(PARCEL) == first
