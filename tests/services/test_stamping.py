"""The time stamp that a document went out without, added later (PDF-07); the stamps themselves: tests/documents."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.errors import NoTimeStamp, SigningError
from formengine.services import delivering, filing, retention, stamping
from formengine.services.ports import Stores
from formengine.services.values import JOB, LateStamp
from tests.fakes import Clock, KeepingChannel, OneForm, PlainRenderer, PlainSigner
from tests.services import filled

TO = {"t": ("folder",)}


class Unstamped(PlainSigner):
    def __init__(self) -> None:
        self.failures: list[Exception] = []

    def sign(self, pdf: bytes) -> bytes:
        raise NoTimeStamp("the authority answered 503")

    def stamp(self, pdf: bytes) -> bytes:
        if self.failures:
            raise self.failures.pop(0)
        return super().stamp(pdf)


@pytest.fixture
def signer() -> Unstamped:
    return Unstamped()


def went_out(stores: Stores, form: FormDefinition, clock: Clock, signer: PlainSigner) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    reference = filled.submit(stores, form, clock, draft)
    delivering.render(stores, reference, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(stores, reference, signer=signer, now=clock(), patience=timedelta())
    return reference


def deliver(stores: Stores, clock: Clock, reference: Reference, name: str) -> KeepingChannel:
    channel = KeepingChannel()
    delivering.deliver(stores, reference, name, channel, now=clock())
    return channel


def stamp_of(stores: Stores, reference: Reference) -> LateStamp | None:
    with stores.read() as work:
        return work.late_stamps.of(reference)


def worker_reads(stores: Stores, reference: Reference) -> bool:
    with stores.read() as work:
        return any(wrap.kind == JOB for wrap in work.keys.of(work.submissions.load(reference).draft_id))


def test_what_went_out_without_a_stamp_gets_it_and_the_same_file_stays_as_it_was_sent(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped
) -> None:
    reference = went_out(stores, form, clock, signer)
    (sent,) = deliver(stores, clock, reference, "folder").parcels
    received = delivering.load(stores, reference).received_at
    clock.on(hours=1)
    assert stamping.stamp_due(stores, signer, now=clock(), to={}) == 1
    after = delivering.load(stores, reference)
    before = stores.files.get(filing.pdf_place(after))
    stamped = filing.document(stores, after)
    assert stamped == before + b"% stamped\n"
    assert (after.received_at, after.pdf_sha512) == (received, hashlib.sha512(before).hexdigest())
    assert sent.files[1].read() == before
    found = stamp_of(stores, reference)
    assert found is not None
    assert found.sha512 == hashlib.sha512(stamped).hexdigest()
    with stores.read() as work:
        assert [line.action for line in work.audit.lines("t")] == ["seal.unstamped", "seal.stamped"]
        assert len(work.deliveries.of(reference)) == 2, "nothing more is sent where the operator names no channel"
    assert stamping.stamp_due(stores, signer, now=clock.on(days=1), to=TO) == 0, "once"


def test_a_channel_that_the_operator_names_gets_it_as_a_supplement_of_what_it_got(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped
) -> None:
    reference = went_out(stores, form, clock, signer)
    stamping.stamp_due(stores, signer, now=clock(), to=TO)
    early = deliver(stores, clock, reference, "folder:stamp")
    assert early.parcels == [], "never before the application itself"
    (sent,) = deliver(stores, clock, reference, "folder").parcels
    (late,) = deliver(stores, clock, reference, "folder:stamp").parcels
    assert (late.reference, late.name, late.supplement) == (reference, f"{reference}-stamp", "stamp")
    assert late.key == f"{sent.key}:stamp"
    assert [file.path for file in late.files] == ["application.pdf", "manifest.json"], "no answers a second time"
    manifest = json.loads(late.files[1].read())
    assert (manifest["reference"], manifest["supplement"], manifest["to"]) == (reference, "stamp", sent.key)
    assert manifest["files"][0]["sha512"] == late.files[0].sha512


def test_the_applicants_page_says_delivered_though_the_supplement_waits(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped
) -> None:
    reference = went_out(stores, form, clock, signer)
    for name in ("inbox", "folder"):
        deliver(stores, clock, reference, name)
    stamping.stamp_due(stores, signer, now=clock(), to=TO)
    with stores.read() as work:
        deliveries = work.deliveries.of(reference)
    assert {one.channel: one.status for one in deliveries}["folder:stamp"] is DeliveryStatus.WAITING
    assert delivering.stage(delivering.load(stores, reference), deliveries) is delivering.Stage.DELIVERED


@pytest.mark.parametrize("to", [{}, TO], ids=["kept", "sent"])
def test_the_worker_can_read_it_until_the_stamp_is_there_and_no_longer(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped, to: dict[str, tuple[str, ...]]
) -> None:
    reference = went_out(stores, form, clock, signer)
    for name in ("inbox", "folder"):
        deliver(stores, clock, reference, name)
    assert worker_reads(stores, reference)
    stamping.stamp_due(stores, signer, now=clock(), to=to)
    if to:
        assert worker_reads(stores, reference)
        deliver(stores, clock, reference, "folder:stamp")
    assert not worker_reads(stores, reference)


def test_an_authority_that_is_still_down_is_asked_for_one_document_a_round_with_growing_pauses(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped
) -> None:
    references = [went_out(stores, form, clock, signer) for _ in range(3)]
    signer.failures = [NoTimeStamp("the authority answered 503") for _ in range(4)]
    assert stamping.stamp_due(stores, signer, now=clock(), to={}) == 0
    assert len(signer.failures) == 3
    (tried,) = [one for one in (stamp_of(stores, reference) for reference in references) if one and one.attempts]
    assert tried.error == "the authority answered 503"
    assert clock() < tried.due_at < clock() + timedelta(minutes=2)
    for _ in range(3):
        stamping.stamp_due(stores, signer, now=clock.on(hours=2), to={})
    assert stamping.stamp_due(stores, signer, now=clock.on(hours=2), to={}) == 3
    with stores.read() as work:
        assert work.late_stamps.lacking() == 0


def test_a_certificate_that_was_revoked_meanwhile_holds_up_no_other_document(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped
) -> None:
    for _ in range(2):
        went_out(stores, form, clock, signer)
    signer.failures = [SigningError("sealing failed: RevokedError")]
    stamping.stamp_due(stores, signer, now=clock(), to={})
    with stores.read() as work:
        assert work.late_stamps.lacking() == 1


def test_cut_off_after_storing_it_goes_on_with_what_is_stored(
    stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped
) -> None:
    reference = went_out(stores, form, clock, signer)
    submission = delivering.load(stores, reference)
    stores.files.put(filing.stamped_place(submission), b"%PDF stamped before the crash")
    stamping.stamp_due(stores, signer, now=clock(), to={})
    assert filing.document(stores, submission) == b"%PDF stamped before the crash"


def test_it_goes_with_its_submission(stores: Stores, form: FormDefinition, clock: Clock, signer: Unstamped) -> None:
    reference = went_out(stores, form, clock, signer)
    stamping.stamp_due(stores, signer, now=clock(), to={})
    retention.remove(stores, reference, now=clock())
    assert not stores.files.has(filing.stamped_key(reference))
    assert stamp_of(stores, reference) is None
