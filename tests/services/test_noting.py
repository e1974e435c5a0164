from __future__ import annotations

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.errors import DeliveryDeferred
from formengine.services import delivering
from formengine.services.noting import FileNotes
from formengine.services.ports import Parcel, Stores
from tests.fakes import Clock
from tests.services import filled
from tests.services.test_delivering import make


@pytest.fixture
def sent(stores: Stores, form: FormDefinition, clock: Clock) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    return filled.submit(stores, form, clock, draft)


def test_what_a_channel_noted_is_there_at_the_next_attempt_and_for_no_other_channel(
    stores: Stores,
    form: FormDefinition,
    sent: Reference,
    clock: Clock,
) -> None:
    make(stores, form, sent)
    found: list[tuple[str, ...]] = []

    class Noting:
        def deliver(self, parcel: Parcel) -> str:
            found.append(parcel.notes.read())
            parcel.notes.add(f"attempt {len(found)}", after=len(found[-1]))
            if len(found) < 3:
                raise DeliveryDeferred("not yet")
            return "done"

    for _ in range(3):
        done = delivering.deliver(stores, sent, "folder", Noting(), now=clock())
    assert done.status is DeliveryStatus.DELIVERED
    assert found == [(), ("attempt 1",), ("attempt 1", "attempt 2")]
    assert FileNotes(stores.files, delivering.load(stores, sent), "inbox").read() == ()


def test_of_two_who_note_at_once_the_first_one_counts(stores: Stores, sent: Reference) -> None:
    one, two = (FileNotes(stores.files, delivering.load(stores, sent), "fit") for _ in range(2))
    assert one.add("first", after=0) == "first"
    assert two.add("second", after=0) == "first"
    assert two.add("second", after=1) == "second"
    assert one.read() == ("first", "second")
