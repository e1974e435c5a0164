from __future__ import annotations

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Reference
from formengine.errors import NotFound, StorageError
from formengine.services import casework, delivering
from formengine.services.ports import Stores
from formengine.storage.audit import SqlAudit
from tests.fakes import Clock, OneForm, PlainRenderer, PlainSigner
from tests.services import filled


@pytest.fixture
def sent(stores: Stores, form: FormDefinition, clock: Clock) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    return filled.submit(stores, form, clock, draft)


def trail(stores: Stores) -> list[tuple[str, str, str]]:
    with stores.read() as work:
        return [(line.person, line.action, line.reference) for line in work.audit.lines("t")]


def test_every_opening_leaves_a_line(stores: Stores, form: FormDefinition, clock: Clock, sent: Reference) -> None:
    delivering.render(stores, sent, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(stores, sent, signer=PlainSigner())
    assert [row.reference for row in casework.inbox(stores, "t", "kim", now=clock()).rows] == [sent]
    view = casework.read(stores, "t", sent, staff="kim", now=clock())
    assert view.payload["name"] == "Änne"
    (path,) = view.files
    for name in ("application.json", "application.pdf", path):
        assert casework.file(stores, "t", sent, name, staff="kim", now=clock()).data
    assert trail(stores) == [
        ("kim", "list", ""),
        ("kim", "read", sent),
        ("kim", "fetch application.json", sent),
        ("kim", "fetch application.pdf", sent),
        ("kim", "fetch proof", sent),
    ]


def test_acc_07_without_its_line_in_the_log_a_case_stays_shut(
    stores: Stores, clock: Clock, sent: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, **line: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(SqlAudit, "add", fail)
    for opening in (
        lambda: casework.inbox(stores, "t", "kim", now=clock()),
        lambda: casework.read(stores, "t", sent, staff="kim", now=clock()),
        lambda: casework.file(stores, "t", sent, "application.json", staff="kim", now=clock()),
    ):
        with pytest.raises(StorageError):
            opening()


def test_acc_04_another_tenant_sees_nothing(stores: Stores, clock: Clock, sent: Reference) -> None:
    assert casework.inbox(stores, "elsewhere", "kim", now=clock()).rows == []
    with pytest.raises(NotFound):
        casework.read(stores, "elsewhere", sent, staff="kim", now=clock())
    with pytest.raises(NotFound):
        casework.file(stores, "elsewhere", sent, "application.json", staff="kim", now=clock())


def test_what_is_not_there_is_not_found(stores: Stores, clock: Clock, sent: Reference) -> None:
    for path in ("application.pdf", "proofs/../application.json", "proofs/school-00000000.pdf", ""):
        with pytest.raises(NotFound):
            casework.file(stores, "t", sent, path, staff="kim", now=clock())


def test_a_file_that_is_not_clean_is_not_shown(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=True)
    draft = filled.with_certificate(stores, form, clock, draft, clean=False)
    reference = filled.submit(stores, form, clock, draft)
    (path,) = casework.read(stores, "t", reference, staff="kim", now=clock()).files
    with pytest.raises(NotFound):
        casework.file(stores, "t", reference, path, staff="kim", now=clock())
