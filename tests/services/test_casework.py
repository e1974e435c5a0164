from __future__ import annotations

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Reference
from formengine.errors import NotFound, StorageError
from formengine.services import casework, delivering
from formengine.services.opening import Opening
from formengine.services.ports import Stores
from formengine.services.values import AUTHORITY
from formengine.storage.audit import SqlAudit
from tests import opened
from tests.fakes import NOW, Clock, OneForm, PlainRenderer, PlainSigner
from tests.services import filled


@pytest.fixture
def sent(stores: Stores, form: FormDefinition, clock: Clock) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    return filled.submit(stores, form, clock, draft)


def by_authority(stores: Stores, clock: Clock) -> Opening:
    return Opening(stores.opened_by(opened.private(AUTHORITY)), clock)


def trail(stores: Stores) -> list[tuple[str, str, str]]:
    with stores.read() as work:
        return [(line.person, line.action, line.reference) for line in work.audit.lines("t")]


def test_every_opening_leaves_a_line(stores: Stores, form: FormDefinition, clock: Clock, sent: Reference) -> None:
    delivering.render(stores, sent, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(stores, sent, signer=PlainSigner(), now=NOW)
    assert [row.reference for row in casework.inbox(stores, by_authority(stores, clock), "t", "kim").rows] == [sent]
    view = casework.read(stores, by_authority(stores, clock), "t", sent, staff="kim")
    assert view.payload["name"] == "Änne"
    (path,) = view.files
    for name in ("application.json", "application.pdf", path):
        assert by_authority(stores, clock).file("t", "kim", sent, name).data
    assert trail(stores) == [
        ("worker", "seal", sent),
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
        lambda: casework.inbox(stores, by_authority(stores, clock), "t", "kim"),
        lambda: casework.read(stores, by_authority(stores, clock), "t", sent, staff="kim"),
        lambda: by_authority(stores, clock).file("t", "kim", sent, "application.json"),
    ):
        with pytest.raises(StorageError):
            opening()


def test_acc_04_another_tenant_sees_nothing(stores: Stores, clock: Clock, sent: Reference) -> None:
    assert casework.inbox(stores, by_authority(stores, clock), "elsewhere", "kim").rows == []
    with pytest.raises(NotFound):
        casework.read(stores, by_authority(stores, clock), "elsewhere", sent, staff="kim")
    with pytest.raises(NotFound):
        by_authority(stores, clock).file("elsewhere", "kim", sent, "application.json")


def test_what_is_not_there_is_not_found(stores: Stores, clock: Clock, sent: Reference) -> None:
    for path in ("application.pdf", "proofs/../application.json", "proofs/school-00000000.pdf", ""):
        with pytest.raises(NotFound):
            by_authority(stores, clock).file("t", "kim", sent, path)


def test_a_file_that_is_not_clean_is_not_shown(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock, pupil=True)
    draft = filled.with_certificate(stores, form, clock, draft, clean=False)
    reference = filled.submit(stores, form, clock, draft)
    (path,) = casework.read(stores, by_authority(stores, clock), "t", reference, staff="kim").files
    with pytest.raises(NotFound):
        by_authority(stores, clock).file("t", "kim", reference, path)
