from __future__ import annotations

import base64
import functools
import hashlib
import json
from dataclasses import replace

import pytest

from formengine.core import source
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft
from formengine.core.loading import load_form
from formengine.errors import FileRefused, NotFound
from formengine.services import attaching, delivering, drafting, filing, submitting, uploading
from formengine.services.ports import Stores
from tests.fakes import NOW, Clock, KeepingChannel, OneForm, PlainRenderer, PlainSigner, TakesAll
from tests.services import filled

SCHEMA = {
    "type": "object",
    "properties": {
        "letter": {"type": "string", "contentMediaType": "application/pdf"},
        "small": {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"},
        "photos": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "digest": {"type": "string"}},
                "required": ["file"],
            },
        },
        "name": {"type": "string"},
    },
    "required": ["letter"],
}
DEFINITION = {
    "id": "files",
    "version": "1",
    "schema": "files.schema.json",
    "title": "Dateien",
    "languages": ["de"],
    "steps": [
        {
            "id": "files",
            "title": "Dateien",
            "fields": [
                "/letter",
                "/small",
                {"field": "/photos", "widget": "upload", "fills": {"path": "/file", "sha256": "/digest"}},
                "/name",
            ],
        }
    ],
    "proofs": [
        {"id": "certificate", "title": "Bescheinigung", "at": "/letter"},
        {"id": "pictures", "title": "Bilder", "at": "/photos"},
    ],
}


@functools.cache
def files_form() -> FormDefinition:
    schema = source.of_value("files.schema.json", SCHEMA)
    definition = source.of_value("files.json", DEFINITION)
    return load_form("files", definition, {"files.schema.json": schema})[0]


@pytest.fixture
def form() -> FormDefinition:
    return files_form()


@pytest.fixture
def draft(stores: Stores, form: FormDefinition, clock: Clock) -> Draft:
    return drafting.start(stores, form, tenant="t", language="de", session=None, now=clock())


def upload(stores: Stores, clock: Clock, draft: Draft, at: str, data: bytes = b"%PDF") -> Draft:
    return uploading.upload(
        stores, files_form(), draft, at, name="Brief.pdf", claimed="application/pdf", data=data, intake=TakesAll(),
        revision=draft.revision, now=clock(),
    )  # fmt: skip


def test_a_file_becomes_the_answer_by_its_path(stores: Stores, clock: Clock, draft: Draft) -> None:
    draft = upload(stores, clock, draft, "/letter")
    (file,) = draft.uploads
    assert draft.answers.document == {"letter": f"proofs/upload-{file.id[:8]}.pdf"}
    assert stores.files.get(filled.place(stores, file.id)) == b"%PDF"
    with stores.read() as work:
        assert work.drafts.load(draft.id) == draft


def test_another_file_replaces_the_first_which_is_deleted(stores: Stores, clock: Clock, draft: Draft) -> None:
    draft = upload(stores, clock, draft, "/letter")
    (first,) = draft.uploads
    draft = upload(stores, clock, draft, "/letter", b"%PDF 2")
    assert [file.sha512 for file in draft.uploads] == [hashlib.sha512(b"%PDF 2").hexdigest()]
    assert not stores.files.has(filing.object_key(first.id))


def test_a_file_within_the_document_is_not_kept_apart(stores: Stores, clock: Clock, draft: Draft) -> None:
    draft = upload(stores, clock, draft, "/small", b"\x89PNG")
    assert draft.answers.document == {"small": base64.b64encode(b"\x89PNG").decode()}
    assert draft.uploads == ()
    with pytest.raises(FileRefused, match="size"):
        upload(stores, clock, draft, "/small", bytes(uploading.MAX_INLINE_BYTES + 1))


def test_each_file_of_a_list_is_a_row_with_what_the_definition_asks_for(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    draft = upload(stores, clock, upload(stores, clock, draft, "/photos", b"1"), "/photos", b"2")
    assert [row["digest"] for row in draft.answers.document["photos"]] == [
        hashlib.sha256(data).hexdigest() for data in (b"1", b"2")
    ]
    second = draft.uploads[1]
    draft = uploading.remove(stores, form, draft, "/photos/0", revision=draft.revision, now=clock())
    assert draft.uploads == (second,)
    assert len(draft.answers.document["photos"]) == 1
    with stores.read() as work:
        assert [row.id for row in work.files.of(draft.id)] == [second.id]


def test_a_removed_file_is_no_answer_any_more(stores: Stores, form: FormDefinition, clock: Clock, draft: Draft) -> None:
    draft = upload(stores, clock, draft, "/letter")
    (file,) = draft.uploads
    draft = uploading.remove(stores, form, draft, "/letter", revision=draft.revision, now=clock())
    assert (draft.answers.document, draft.uploads) == ({}, ())
    assert not stores.files.has(filing.object_key(file.id))


def test_where_no_file_is_asked_none_is_taken(stores: Stores, form: FormDefinition, clock: Clock, draft: Draft) -> None:
    for at in ("/name", "/elsewhere", "/photos/0"):
        with pytest.raises(NotFound):
            upload(stores, clock, draft, at)
        with pytest.raises(NotFound):
            uploading.remove(stores, form, draft, at, revision=draft.revision, now=clock())


def test_files_that_are_answers_are_delivered_where_the_document_says(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    draft = upload(stores, clock, draft, "/letter", b"%PDF letter")
    draft = upload(stores, clock, draft, "/photos", b"%PDF photo")
    unused = replace(draft.uploads[0], id="0" * 32)
    draft = drafting.save(stores, form, draft, replace(draft, uploads=(*draft.uploads, unused)), now=clock())
    reference = submitting.submit(
        stores, form, draft.id, idempotency_key=None, accepted=(), language="de", channels=["folder"], now=clock()
    )
    delivering.render(stores, reference, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(stores, reference, signer=PlainSigner(), now=NOW)
    channel = KeepingChannel()
    delivering.deliver(stores, reference, "folder", channel, now=clock())
    contents = {file.path: file.read() for file in channel.parcels[0].files}
    document = json.loads(contents["application.json"])
    assert contents[document["letter"]] == b"%PDF letter"
    assert contents[document["photos"][0]["file"]] == b"%PDF photo"
    assert len([path for path in contents if path.startswith("proofs/")]) == 2


def attach(stores: Stores, clock: Clock, draft: Draft, proof: str, data: bytes) -> Draft:
    return attaching.attach(
        stores, files_form(), draft, proof, "", name="a.pdf", claimed="application/pdf", data=data, intake=TakesAll(),
        revision=draft.revision, now=clock(),
    )  # fmt: skip


def test_a_proof_fills_the_question_that_the_schema_has_for_it(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    draft = attach(stores, clock, draft, "certificate", b"%PDF one")
    (file,) = draft.proofs[0].files
    assert draft.answers.document == {"letter": filing.delivered_path("certificate", file)}
    draft = attaching.remove(stores, form, draft, file.id, revision=draft.revision, now=clock())
    assert draft.answers.document == {}


def test_each_file_of_a_proof_fills_a_row_of_a_list(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    draft = attach(stores, clock, attach(stores, clock, draft, "pictures", b"1"), "pictures", b"2")
    first, second = draft.proofs[0].files
    draft = attaching.remove(stores, form, draft, first.id, revision=draft.revision, now=clock())
    assert [row["file"] for row in draft.answers.document["photos"]] == [filing.delivered_path("pictures", second)]
