from __future__ import annotations

import json
from datetime import timedelta

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Delivery, DeliveryStatus, Reference
from formengine.errors import DeliveryDeferred, DeliveryRefused, NoTimeStamp, SigningError
from formengine.services import delivering, filing
from formengine.services.ports import Stores
from tests.fakes import NOW, Clock, KeepingChannel, OneForm, PlainRenderer, PlainSigner
from tests.services import filled


@pytest.fixture
def sent(stores: Stores, form: FormDefinition, clock: Clock) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    return filled.submit(stores, form, clock, draft)


def make(stores: Stores, form: FormDefinition, reference: Reference) -> None:
    delivering.render(stores, reference, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(stores, reference, signer=PlainSigner(), now=NOW)


def state(stores: Stores, reference: Reference) -> Delivery:
    with stores.read() as work:
        return work.deliveries.load(reference, "folder")


def test_the_document_is_made_and_sealed_once_however_often_the_stages_run(
    stores: Stores, form: FormDefinition, sent: Reference
) -> None:
    make(stores, form, sent)
    first = stores.files.get(filled.pdf_place(stores, sent))

    class Another(PlainSigner):
        def sign(self, pdf: bytes) -> bytes:
            return pdf + b"another seal"

    delivering.render(stores, sent, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(stores, sent, signer=Another(), now=NOW)
    assert stores.files.get(filled.pdf_place(stores, sent)) == first
    assert not stores.files.has(filing.unsigned_key(sent)), "nothing unsigned stays"


def test_a_stage_that_was_cut_off_after_storing_goes_on_with_what_is_stored(
    stores: Stores, form: FormDefinition, sent: Reference
) -> None:
    delivering.render(stores, sent, forms=OneForm((form,)), renderer=PlainRenderer())
    stores.files.put(filled.pdf_place(stores, sent), b"%PDF sealed before the crash")
    delivering.sign(stores, sent, signer=PlainSigner(), now=NOW)
    with stores.read() as work:
        assert work.submissions.load(sent).pdf_sha512
    assert stores.files.get(filled.pdf_place(stores, sent)) == b"%PDF sealed before the crash"


def test_a_failing_seal_leaves_the_unsigned_document_for_the_next_try(
    stores: Stores, form: FormDefinition, sent: Reference
) -> None:
    class Down(PlainSigner):
        def sign(self, pdf: bytes) -> bytes:
            raise SigningError("the module does not answer")

    delivering.render(stores, sent, forms=OneForm((form,)), renderer=PlainRenderer())
    with pytest.raises(SigningError):
        delivering.sign(stores, sent, signer=Down(), now=NOW)
    assert not stores.files.has(filing.pdf_key(sent))
    delivering.sign(stores, sent, signer=PlainSigner(), now=NOW)
    assert stores.files.has(filing.pdf_key(sent))


def test_without_a_time_stamp_it_waits_unless_the_operator_said_how_long(
    stores: Stores, form: FormDefinition, sent: Reference
) -> None:
    """F-08, PDF-07: the authority's faults themselves are those of tests/documents/test_stamping.py."""

    class Unstamped(PlainSigner):
        def sign(self, pdf: bytes) -> bytes:
            raise NoTimeStamp("the authority answered 503")

    delivering.render(stores, sent, forms=OneForm((form,)), renderer=PlainRenderer())
    received = delivering.load(stores, sent).received_at
    hour = timedelta(hours=1)
    for now, patience in ((received + 1000 * hour, None), (received + timedelta(minutes=59), hour)):
        with pytest.raises(NoTimeStamp):
            delivering.sign(stores, sent, signer=Unstamped(), now=now, patience=patience)
        assert not stores.files.has(filing.pdf_key(sent)), "nothing that could be delivered"
    delivering.sign(stores, sent, signer=Unstamped(), now=received + hour, patience=hour)
    assert stores.files.get(filled.pdf_place(stores, sent)).endswith(b"signed without a stamp\n")
    after = delivering.load(stores, sent)
    assert after.received_at == received
    with stores.read() as work:
        assert [(line.person, line.action, line.reference, line.detail) for line in work.audit.lines(after.tenant)] == [
            ("worker", "seal.unstamped", sent, "")
        ]


def test_a_parcel_holds_every_file_and_a_manifest_that_names_them(
    stores: Stores, form: FormDefinition, clock: Clock, sent: Reference
) -> None:
    make(stores, form, sent)
    channel = KeepingChannel()
    done = delivering.deliver(stores, sent, "folder", channel, now=clock())
    assert (done.status, done.receipt, done.attempts) == (DeliveryStatus.DELIVERED, f"kept {sent}", 1)
    (parcel,) = channel.parcels
    contents = {file.path: file.read() for file in parcel.files}
    assert [*contents][:2] == ["application.json", "application.pdf"]
    assert [*contents][-1] == "manifest.json"
    (proof,) = [path for path in contents if path.startswith("proofs/")]
    assert contents[proof] == filled.PDF
    manifest = json.loads(contents["manifest.json"])
    assert [file["path"] for file in manifest["files"]] == [*contents][:-1]
    assert {file["path"]: file["size"] for file in manifest["files"]} == {
        path: len(data) for path, data in contents.items() if path != "manifest.json"
    }
    assert manifest["reference"] == sent


def test_what_is_delivered_is_not_delivered_again(
    stores: Stores, form: FormDefinition, clock: Clock, sent: Reference
) -> None:
    make(stores, form, sent)
    channel = KeepingChannel()
    for _ in range(3):
        delivering.deliver(stores, sent, "folder", channel, now=clock())
    assert len(channel.parcels) == 1
    assert state(stores, sent).attempts == 1


def test_a_deferred_delivery_waits_longer_each_time_and_parks_after_a_fortnight(
    stores: Stores, form: FormDefinition, clock: Clock, sent: Reference
) -> None:
    make(stores, form, sent)
    began = clock()
    pauses = []
    while state(stores, sent).status is not DeliveryStatus.FAILED:
        channel = KeepingChannel([DeliveryDeferred("the far side answers 503")])
        waiting = delivering.deliver(stores, sent, "folder", channel, now=clock())
        pauses.append(waiting.due_at - clock())
        clock.now = max(waiting.due_at, clock.now + timedelta(seconds=1))
    assert timedelta(days=13) < clock() - began < timedelta(days=15)
    assert timedelta(seconds=48) <= pauses[0] <= timedelta(seconds=72)
    assert state(stores, sent).error == "the far side answers 503"


def test_a_refused_delivery_is_parked_at_once_and_can_be_taken_up_by_hand(
    stores: Stores, form: FormDefinition, clock: Clock, sent: Reference
) -> None:
    make(stores, form, sent)
    channel = KeepingChannel([DeliveryRefused("no such office")])
    assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.FAILED
    assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.FAILED
    delivering.retry(stores, sent, "folder", now=clock())
    with stores.read() as work:
        assert work.outbox.under_way(sent) == {""}
    assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.DELIVERED


def test_the_key_of_a_parcel_is_the_same_at_every_attempt(
    stores: Stores, form: FormDefinition, clock: Clock, sent: Reference
) -> None:
    make(stores, form, sent)
    keys = []
    channel = KeepingChannel([DeliveryDeferred("later")], before=lambda parcel: keys.append(parcel.key))
    for _ in range(2):
        delivering.deliver(stores, sent, "folder", channel, now=clock())
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_file_that_is_not_clean_never_leaves(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=True)
    draft = filled.with_certificate(stores, form, clock, draft, clean=False)
    reference = filled.submit(stores, form, clock, draft)
    make(stores, form, reference)
    channel = KeepingChannel()
    waiting = delivering.deliver(stores, reference, "folder", channel, now=clock())
    assert waiting.status is DeliveryStatus.WAITING
    assert channel.parcels == []


def test_without_its_document_an_application_waits(stores: Stores, clock: Clock, sent: Reference) -> None:
    channel = KeepingChannel()
    assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.WAITING
    assert channel.parcels == []


def test_a_changed_proof_is_found_before_it_leaves(
    stores: Stores, form: FormDefinition, clock: Clock, sent: Reference
) -> None:
    make(stores, form, sent)
    with stores.read() as work:
        (row,) = work.files.of(work.submissions.load(sent).draft_id)
    stores.files.delete(filing.object_key(row.id))
    stores.files.put(filled.place(stores, row.id), b"%PDF-1.7 another certificate")
    channel = KeepingChannel(before=lambda parcel: [file.read() for file in parcel.files])
    assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.FAILED
