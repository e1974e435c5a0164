from __future__ import annotations

from datetime import timedelta

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import FileId
from formengine.errors import NotFound
from formengine.services import drafting, filing, retention, visiting
from formengine.services.limiting import limit
from formengine.services.ports import FileRow, Stores
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
