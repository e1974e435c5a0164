from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, FileId, Reference
from formengine.errors import NotFound, ResumeRefused
from formengine.services import casework, drafting, filing, resuming, retention, visiting
from formengine.services.limiting import limit
from formengine.services.ports import FileRow, Stores
from tests import opened
from tests.fakes import Clock
from tests.services import filled


def test_res_10_a_draft_goes_with_its_files_when_its_time_is_over(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    other = filled.answered(stores, form, clock)
    clock.on(days=9)
    drafting.keep_typed(stores, form, other, {}, revision=other.revision, now=clock())
    clock.on(days=1)
    assert retention.clean_up(stores, now=clock()).drafts == 0, "the clock may be an hour ahead (F-12)"
    clock.now += retention.LEEWAY
    assert retention.clean_up(stores, now=clock()).drafts == 1
    with stores.read() as work:
        with pytest.raises(NotFound):
            work.drafts.load(draft.id)
        assert work.files.of(draft.id) == ()
        assert work.drafts.load(other.id)
    with pytest.raises(NotFound):
        stores.files.get(filled.place(stores, draft.proofs[0].files[0].id))


def test_what_was_sent_does_not_expire_with_its_draft(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    reference = filled.submit(stores, form, clock, draft)
    clock.on(days=100)
    assert retention.clean_up(stores, now=clock()).drafts == 0
    assert retention.delete_draft(stores, draft.id, now=clock()) is False
    with stores.read() as work:
        assert work.submissions.load(reference)
    assert stores.files.get(filled.place(stores, draft.proofs[0].files[0].id)) == filled.PDF


def confirm(stores: Stores, reference: Reference, clock: Clock, *channels: str) -> None:
    """Let these channels say that the authority has it, and the worker note what they said."""
    with stores.read() as work:
        submission = work.submissions.load(reference)
    stores.files.put(filing.pdf_place(submission), b"%PDF")
    with stores.write() as work:
        for name in channels:
            sending = work.deliveries.load(reference, name).changed(DeliveryStatus.SENDING)
            stores.files.put(filing.note_place(submission, name, 0), b"noted")
            work.deliveries.save(replace(sending.changed(DeliveryStatus.DELIVERED), confirmed_at=clock()))


def test_gdp_03_what_was_delivered_is_removed_after_the_tenants_days_and_a_stub_stays(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    code = resuming.save(stores, draft)
    reference = filled.submit(stores, form, clock, draft)
    other = filled.submit(stores, form, clock, filled.answered(stores, form, clock))
    file_id = draft.proofs[0].files[0].id
    confirm(stores, reference, clock, "folder")
    clock.on(days=30)
    assert retention.clean_up(stores, now=clock(), kept_days={"t": 14}).submissions == 0, "the inbox has not confirmed"
    confirm(stores, reference, clock, "inbox")
    clock.on(days=13)
    assert retention.clean_up(stores, now=clock(), kept_days={"t": 14}).submissions == 0
    clock.on(days=1)
    assert retention.clean_up(stores, now=clock(), kept_days={"elsewhere": 0}).submissions == 0, "another tenant's"
    assert retention.clean_up(stores, now=clock(), kept_days={"t": 14}).submissions == 1
    with stores.read() as work:
        with pytest.raises(NotFound):
            work.submissions.load(reference)
        with pytest.raises(NotFound):
            work.drafts.load(draft.id)
        assert (work.deliveries.of(reference), work.files.of(draft.id), work.keys.of(draft.id)) == ((), (), [])
        assert work.submissions.load(other)
        assert [row.reference for row in work.submissions.inbox(limit=9)] == [other]
    assert not list(stores.files._store.listed()), "no object is left"
    assert not stores.files.has(filing.object_key(file_id))
    with pytest.raises(ResumeRefused):
        resuming.resume(stores, str(code), client="", now=clock())
    with stores.database.engines.read() as rows:
        (stub,) = rows.connection.exec_driver_sql("SELECT * FROM stub").mappings()
    assert (stub["reference"], stub["form_version"], stub["form_hash"]) == (reference, "1", form.hash)
    assert stub["sha512"]
    assert "Änne" not in repr(dict(stub))


def test_gdp_03_a_removed_reference_is_never_given_again(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    reference = filled.submit(stores, form, clock, filled.answered(stores, form, clock))
    retention.remove(stores, reference, now=clock())
    draft = filled.answered(stores, form, clock)
    with stores.write() as work:
        assert not work.submissions.add(opened.a_submission(draft, reference=reference), idempotency_key=None)


def test_gdp_03_removal_that_broke_off_goes_on(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    reference = filled.submit(stores, form, clock, draft)
    confirm(stores, reference, clock, "inbox", "folder")
    with stores.write() as work:
        work.keys.drop(draft.id)
    stores.files.delete(filing.object_key(draft.proofs[0].files[0].id))
    assert retention.clean_up(stores, now=clock(), kept_days={"t": 0}).submissions == 1


def test_gdp_03_a_caseworker_confirms_for_the_inbox_and_the_log_says_so(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    reference = filled.submit(stores, form, clock, filled.answered(stores, form, clock), channels=["inbox"])
    with stores.write() as work:
        sending = work.deliveries.load(reference, "inbox").changed(DeliveryStatus.SENDING)
        work.deliveries.save(sending.changed(DeliveryStatus.DELIVERED))
    for _ in range(2):
        casework.take_over(stores, "t", reference, staff="kim", now=clock())
    with stores.read() as work:
        assert work.deliveries.load(reference, "inbox").confirmed_at == clock()
        assert [(line.action, line.reference) for line in work.audit.lines("t")] == [("take over", reference)]


def test_a_draft_saved_meanwhile_is_kept(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    assert not retention.delete_draft(
        stores, draft.id, now=clock(), unless_kept_after=draft.expires_at - timedelta(seconds=1)
    )
    with stores.read() as work:
        assert work.drafts.load(draft.id) == draft


def test_gdp_02_a_draft_is_deleted_at_once_and_no_session_remembers_it(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
    draft = drafting.start(stores, form, tenant="t", language="de", session=session, now=clock())
    assert retention.delete_draft(stores, draft.id, now=clock())
    assert visiting.find(stores, secret, now=clock(), form="lunch").draft is None


def test_files_that_never_arrived_sessions_and_counters_go(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    stray = FileId("a" * 32)
    with stores.write() as work:
        work.files.add(FileRow(stray, "t", draft.id, 3, arrived=False, clean=True, created_at=clock()))
    stores.files.put(filled.place(stores, stray), b"abc")
    visiting.begin(stores, tenant="t", language="de", now=clock())
    limit(stores, "resume", "192.0.2.1", (10, timedelta(minutes=10)), now=clock())

    clock.on(minutes=9)
    assert retention.clean_up(stores, now=clock()) == retention.Deleted()
    clock.on(hours=25)
    assert retention.clean_up(stores, now=clock()) == retention.Deleted(files=1, sessions=1, limits=1)
    assert not stores.files.has(filing.object_key(stray))
