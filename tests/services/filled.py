"""A draft of the small form that is complete but for what a test takes away."""

from __future__ import annotations

from sqlalchemy import text

from formengine.core.addresses import StepAddress
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft, FileId, ProofStatus, Reference
from formengine.services import attaching, drafting, filing, submitting
from formengine.services.drafting import Reading
from formengine.services.ports import Place, Stores
from tests import opened
from tests.fakes import Clock, TakesAll

YOU = StepAddress((("you", ""),))
PDF = b"%PDF-1.7 a certificate"


def answered(stores: Stores, form: FormDefinition, clock: Clock, *, pupil: bool = False, name: str = "Änne") -> Draft:
    draft = drafting.start(stores, form, tenant="t", language="de", session=None, now=clock())
    reading = Reading({"/name": name, "/hasPet": False})
    draft = drafting.answer_step(stores, form, draft, YOU, reading, revision=0, now=clock()).draft
    added = drafting.add_item(stores, form, draft, "/children", revision=1, now=clock())
    at = StepAddress((("children", added.key), ("child", "")))
    reading = Reading({"/children/0/givenName": "Ada", "/children/0/pupil": pupil})
    return drafting.answer_step(stores, form, added.draft, at, reading, revision=2, now=clock()).draft


def place(stores: Stores, file_id: str) -> Place:
    """Where a file of any draft lies."""
    with stores.read() as work:
        rows = work.submissions._rows.connection.execute(
            text("SELECT draft_id FROM file WHERE id = :id"), {"id": file_id}
        )
        draft_id = rows.scalar_one_or_none()
        draft = work.drafts.load(draft_id) if draft_id else opened.a_draft()
    return filing.place_of(draft, FileId(file_id))


def pdf_place(stores: Stores, reference: Reference) -> Place:
    """Where the document of a submission lies."""
    with stores.read() as work:
        return filing.pdf_place(work.submissions.load(reference))


def key(draft: Draft) -> str:
    return draft.answers.keys["/children"][0]


def with_certificate(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft, *, clean: bool = True, data: bytes = PDF
) -> Draft:
    return attaching.attach(
        stores,
        form,
        draft,
        "school",
        key(draft),
        name="Bescheinigung.pdf",
        claimed="application/pdf",
        data=data,
        intake=TakesAll(clean=clean),
        revision=draft.revision,
        now=clock(),
    )


def later(stores: Stores, form: FormDefinition, clock: Clock, draft: Draft) -> Draft:
    return attaching.say(
        stores,
        form,
        draft,
        "school",
        key(draft),
        status=ProofStatus.LATER,
        revision=draft.revision,
        now=clock(),
        reason="kommt mit der Post",
    )


def submit(stores: Stores, form: FormDefinition, clock: Clock, draft: Draft, **more: object) -> Reference:
    options = {
        "idempotency_key": None,
        "accepted": {"truth"},
        "language": "de",
        "channels": ["inbox", "folder"],
        "now": clock(),
    }
    return submitting.submit(stores, form, draft.id, **{**options, **more})  # type: ignore[arg-type]
