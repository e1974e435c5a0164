from __future__ import annotations

import hashlib
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, DraftStatus
from formengine.errors import AlreadySubmitted, NotComplete, NotFound, Stale, StorageError
from formengine.services import drafting, submitting, visiting
from formengine.services.drafting import Reading
from formengine.services.ports import Stores
from formengine.storage import outbox
from tests.fakes import Clock
from tests.services import filled


def rows(stores: Stores, table: str) -> int:
    with stores.database.engines.read() as read:
        return read.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_submit_writes_everything_at_once(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    reference = filled.submit(stores, form, clock, draft)
    with stores.read() as work:
        submission = work.submissions.load(reference)
        deliveries = work.deliveries.of(reference)
        closed = work.drafts.load(draft.id)
    assert submission.payload == (
        '{"name":"Änne","hasPet":false,"children":[{"givenName":"Ada","pupil":false}]}'.encode()
    )
    assert submission.is_intact()
    assert [(one.channel, one.status) for one in deliveries] == [
        ("folder", DeliveryStatus.WAITING),
        ("inbox", DeliveryStatus.WAITING),
    ]
    assert closed.status is DraftStatus.SUBMITTED
    assert closed.answers.document == {}, "the answers stand in the submission alone"
    with stores.read() as work:
        assert work.outbox.under_way(reference) == {""}


def test_the_record_says_all_else_that_is_known(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=True, name="Xx")
    draft = filled.with_certificate(stores, form, clock, draft)
    ticked = clock()
    draft = drafting.accept(
        stores, form, draft, {"truth"}, offered={"truth", "news"}, revision=draft.revision, now=ticked
    )
    clock.on(hours=14)
    reference = filled.submit(stores, form, clock, draft, accepted=())
    with stores.read() as work:
        submission = work.submissions.load(reference)
    record = json.loads(submission.record)
    (file,) = record["proofs"][0].pop("files")
    assert file.pop("path").startswith("proofs/school-")
    assert file == {
        "name": "Bescheinigung.pdf",
        "mediaType": "application/pdf",
        "size": len(filled.PDF),
        "sha512": hashlib.sha512(filled.PDF).hexdigest(),
    }
    assert record == {
        "reference": reference,
        "receivedAt": "2026-11-22T23:30:00Z",
        "receivedOn": "2026-11-23",
        "form": {"id": "lunch", "version": "1", "hash": form.hash, "schema": "lunch.schema.json"},
        "language": "de",
        "declarations": [{"id": "truth", "text": "Alles stimmt, Xx.", "acceptedAt": "2026-11-22T09:30:00Z"}],
        "proofs": [
            {"id": "school", "item": "/children/0", "title": "Bescheinigung für Ada", "status": "uploaded"},
        ],
        "warnings": [{"at": "/name", "message": "Nicht Xx."}],
        "payload": submission.sha512,
    }


def test_what_was_said_of_a_proof_is_enough_to_submit(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=True)
    with pytest.raises(NotComplete) as missing:
        filled.submit(stores, form, clock, draft)
    assert missing.value.what == "proofs"
    reference = filled.submit(stores, form, clock, filled.later(stores, form, clock, draft))
    with stores.read() as work:
        (proof,) = json.loads(work.submissions.load(reference).record)["proofs"]
    assert (proof["status"], proof["reason"], proof["files"]) == ("later", "kommt mit der Post", [])


def test_with_anything_missing_nothing_is_written(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    with pytest.raises(NotComplete) as missing:
        filled.submit(stores, form, clock, draft, accepted={"news"})
    assert missing.value.what == "declarations"

    draft = drafting.add_item(stores, form, draft, "/children", revision=draft.revision, now=clock()).draft
    with pytest.raises(NotComplete) as missing:
        filled.submit(stores, form, clock, draft)
    assert missing.value.what == "answers"
    assert rows(stores, "submission") == rows(stores, "delivery") == 0


def test_text_that_was_only_typed_keeps_from_submitting(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    draft = drafting.keep_typed(stores, form, draft, {"/name": ("B",)}, revision=draft.revision, now=clock())
    with pytest.raises(NotComplete):
        filled.submit(stores, form, clock, draft)


def test_a_second_submit_gives_the_same_reference_and_the_draft_takes_nothing_more(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(stores, form, clock)
    first = filled.submit(stores, form, clock, draft, idempotency_key="k1")
    assert filled.submit(stores, form, clock, draft, idempotency_key="k1") == first
    assert filled.submit(stores, form, clock, draft, idempotency_key="k2", accepted=()) == first
    assert rows(stores, "submission") == 1

    reading = Reading({"/name": "Bert"})
    for known in (draft, replace(draft, status=DraftStatus.SUBMITTED)):
        with pytest.raises(AlreadySubmitted) as told:
            drafting.answer_step(stores, form, known, filled.YOU, reading, revision=draft.revision, now=clock())
        assert told.value.reference == first


def test_a_review_page_made_from_an_older_draft_submits_nothing(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(stores, form, clock)
    with pytest.raises(Stale):
        filled.submit(stores, form, clock, draft, revision=draft.revision - 1)
    assert rows(stores, "submission") == 0


def test_a_draft_that_is_not_there_cannot_be_submitted(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    with pytest.raises(NotFound):
        filled.submit(stores, form, clock, replace(draft, id="0" * 32))
    with stores.write() as work:
        work.drafts.close(draft.changed(DraftStatus.EXPIRED))
    with pytest.raises(NotFound):
        filled.submit(stores, form, clock, draft)


def test_every_session_that_holds_the_draft_gets_the_receipt(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(stores, form, clock)
    secrets = []
    for _ in range(2):
        secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
        visiting.hold(stores.opened_by(visiting.reader_of(secret)), session, "lunch", draft=draft)
        secrets.append(secret)
    reference = filled.submit(stores, form, clock, draft)
    assert {visiting.find(stores, secret, now=clock(), form="lunch").reference for secret in secrets} == {reference}


def test_rel_01_fifty_parallel_submits_of_one_draft_give_one_reference(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    for _ in range(3):
        draft = filled.answered(stores, form, clock)
        gate = threading.Barrier(50)

        def one(number: int, draft: object = draft, gate: threading.Barrier = gate) -> str:
            gate.wait()
            return filled.submit(stores, form, clock, draft, idempotency_key=f"{draft.id}-{number % 5}")  # type: ignore[arg-type,attr-defined]

        with ThreadPoolExecutor(50) as pool:
            references = set(pool.map(one, range(50)))
        assert len(references) == 1
    assert rows(stores, "submission") == 3
    assert rows(stores, "delivery") == 6
    assert rows(stores, "workflow_status") == 3


def test_a_failure_while_writing_leaves_nothing_half_done(
    stores: Stores, form: FormDefinition, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = filled.answered(stores, form, clock)

    def fail(self: object, reference: str, *, run: int = 0) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(outbox.DbosOutbox, "enqueue", fail)
    with pytest.raises(StorageError):
        filled.submit(stores, form, clock, draft)
    assert rows(stores, "submission") == rows(stores, "delivery") == 0
    monkeypatch.undo()
    assert filled.submit(stores, form, clock, draft)


def test_where_the_second_validator_disagrees_the_application_is_taken_and_the_operator_told(
    stores: Stores, form: FormDefinition, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    draft = filled.answered(stores, form, clock, name="Geheim")
    disagreeing = SimpleNamespace(is_valid=lambda document: False)
    with caplog.at_level(logging.ERROR):
        submitting._ask_the_reference(
            SimpleNamespace(schema=SimpleNamespace(reference=disagreeing), id="lunch", hash="h"), {"name": "Geheim"}
        )
    assert "calls a payload invalid" in caplog.text
    assert "Geheim" not in caplog.text
    assert filled.submit(stores, form, clock, draft)
