from __future__ import annotations

from formengine.core.lifecycle import Reference
from formengine.delivery.inbox import Inbox, Settings
from formengine.services.ports import Parcel


def test_the_inbox_takes_every_application_under_its_reference() -> None:
    parcel = Parcel(Reference("ABCD-EFGH-JKM"), "t", "lunch", "key", ())
    assert Inbox(Settings()).deliver(parcel) == "ABCD-EFGH-JKM"
