from __future__ import annotations

import dataclasses

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import ProofStatus
from formengine.errors import FileRefused, NotFound, Stale, TooMany
from formengine.services import attaching, filing, taking
from formengine.services.ports import Stores
from tests.fakes import Clock, TakesAll
from tests.services import filled


def test_a_file_is_stored_under_a_random_key_and_named_in_the_draft_alone(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    (answer,) = draft.proofs
    (file,) = answer.files
    assert answer.status is ProofStatus.UPLOADED
    assert stores.files.get(filled.place(stores, file.id)) == filled.PDF
    with stores.read() as work:
        assert work.drafts.load(draft.id) == draft
        (row,) = work.files.of(draft.id)
    assert (row.id, row.arrived, row.clean, row.size_bytes) == (file.id, True, True, len(filled.PDF))
    assert "Bescheinigung" not in filing.delivered_path("school", file)


def test_a_removed_file_leaves_nothing_behind(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    file = draft.proofs[0].files[0]
    draft = attaching.remove(stores, form, draft, file.id, revision=draft.revision, now=clock())
    assert draft.proofs[0].files == ()
    assert not attaching.is_spoken_for(draft.proofs[0]), "to come now, but there is nothing"
    with stores.read() as work:
        assert work.files.of(draft.id) == ()
    with pytest.raises(NotFound):
        stores.files.get(filled.place(stores, file.id))
    with pytest.raises(NotFound):
        attaching.remove(stores, form, draft, file.id, revision=draft.revision, now=clock())


def test_no_more_files_than_the_proof_and_no_more_bytes_than_the_limits_allow(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(stores, form, clock, pupil=True)
    with pytest.raises(FileRefused, match="size"):
        filled.with_certificate(stores, form, clock, draft, data=bytes(attaching.MAX_FILE_BYTES + 1))
    for _ in range(2):
        draft = filled.with_certificate(stores, form, clock, draft)
    with pytest.raises(FileRefused, match="count"):
        filled.with_certificate(stores, form, clock, draft)


def test_what_one_client_uploads_in_an_hour_is_limited(
    stores: Stores, form: FormDefinition, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MAX_CLIENT_KB", (30, taking.MAX_CLIENT_KB[1]))
    draft = filled.answered(stores, form, clock, pupil=True)

    def attach(client: str) -> None:
        attaching.attach(
            stores, form, draft, "letter", "", name="a", claimed="image/png", data=bytes(20_000), intake=TakesAll(),
            revision=draft.revision, now=clock(), client=client,
        )  # fmt: skip

    attach("192.0.2.1")
    with pytest.raises(TooMany):
        attach("192.0.2.1")
    with pytest.raises(Stale):
        attach("192.0.2.2")  # not limited; only too late


def test_a_file_that_came_too_late_leaves_nothing_behind(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=True)
    filled.with_certificate(stores, form, clock, draft)
    with pytest.raises(Stale):
        filled.with_certificate(stores, form, clock, draft)
    with stores.read() as work:
        assert len(work.files.of(draft.id)) == 1


def test_only_a_proof_that_is_asked_can_be_answered(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=False)
    with pytest.raises(NotFound):
        filled.later(stores, form, clock, draft)


def test_saying_something_else_keeps_the_files(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    draft = filled.later(stores, form, clock, draft)
    assert draft.proofs[0].status is ProofStatus.LATER
    assert len(draft.proofs[0].files) == 1


def test_two_files_of_one_draft_never_share_a_path(
    stores: Stores, form: FormDefinition, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    taken = draft.proofs[0].files[0]
    ids = iter([taken.id[:8] + "0" * 24, "f" * 32])
    monkeypatch.setattr(taking.codes, "new_file_id", lambda: next(ids))
    draft = filled.with_certificate(stores, form, clock, draft)
    assert [file.id for file in draft.proofs[0].files] == [taken.id, "f" * 32]
    assert dataclasses.asdict(taken)["sha512"] == draft.proofs[0].files[1].sha512
