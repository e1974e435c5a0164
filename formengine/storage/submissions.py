"""Submissions in the database: written once, by the exact bytes that were frozen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from formengine.core.lifecycle import Delivery, DeliveryStatus, DraftId, Reference, Submission
from formengine.errors import NotFound
from formengine.services.clock import begins
from formengine.services.ports import EVERYTHING, InboxRow, Sought
from formengine.storage import deliveries, encryption, tables
from formengine.storage.encryption import Binding
from formengine.storage.engines import Rows, instant, micros
from formengine.storage.key_wraps import key_of

_T = tables.submission
_D = tables.delivery
_STUB = tables.stub
_OF_STUB = ("reference", "tenant", "form", "form_version", "form_hash", "received_at", "sha512", "pdf_sha512")
_LISTED = (_T.c.reference, _T.c.form, _T.c.form_version, _T.c.language, _T.c.received_at, _T.c.pdf_sha512, _T.c.missing)


class SqlSubmissions:
    """`services.ports.Submissions` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, submission: Submission, *, idempotency_key: str | None) -> bool:
        """Keep it; False, and nothing done, if its reference is taken."""
        row = {
            "reference": submission.reference,
            "tenant": submission.tenant,
            "draft_id": submission.draft_id,
            "idempotency_key": idempotency_key,
            "form": submission.form,
            "form_version": submission.form_version,
            "form_hash": submission.form_hash,
            "language": submission.language,
            "received_at": micros(submission.received_at),
            "payload": _seal(submission, "payload", submission.payload),
            "record": _seal(submission, "record", submission.record),
            "card": _seal(submission, "card", submission.card),
            "missing": submission.missing,
            "sha512": submission.sha512,
            "pdf_sha512": submission.pdf_sha512,
            "run": 0,
        }
        if self._rows.connection.execute(
            select(_STUB.c.reference).where(_STUB.c.reference == row["reference"])
        ).first():
            return False
        dialect = sqlite if self._rows.connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(_T).values(row).on_conflict_do_nothing(index_elements=["reference"])
        return self._rows.connection.execute(statement.returning(_T.c.reference)).first() is not None

    def load(self, reference: Reference) -> Submission:
        """The submission. Errors: NotFound."""
        row = self._one(select(_T).where(_T.c.reference == reference))
        return self._from_row(row, key_of(self._rows, row.draft_id), ("payload", "record", "card"))

    def cards(self, references: Sequence[Reference]) -> Sequence[Submission]:
        """These submissions with their cards alone opened, as far as they may be read."""
        statement = self._rows.only(select(_T).where(_T.c.reference.in_(references)), _T)
        rows = self._rows.connection.execute(statement).all()
        return [self._from_row(row, key_of(self._rows, row.draft_id), ("card",)) for row in rows]

    def _from_row(self, row: Any, key: bytes, wanted: Collection[str]) -> Submission:
        def opened(purpose: str) -> bytes:
            if not key or purpose not in wanted:
                return b""
            binding = Binding(row.tenant, row.draft_id, 0, purpose)
            return encryption.unseal(key, binding, bytes(getattr(row, purpose)))

        return Submission(
            reference=Reference(row.reference),
            tenant=row.tenant,
            draft_id=DraftId(row.draft_id),
            form=row.form,
            form_version=row.form_version,
            form_hash=row.form_hash,
            language=row.language,
            received_at=instant(row.received_at),
            payload=opened("payload"),
            record=opened("record"),
            sha512=row.sha512,
            pdf_sha512=row.pdf_sha512,
            card=opened("card"),
            missing=row.missing,
            key=key,
        )

    def of_draft(self, draft_id: DraftId) -> Reference:
        """What became of a draft. Errors: NotFound."""
        return Reference(self._one(select(_T.c.reference).where(_T.c.draft_id == draft_id)).reference)

    def by_key(self, idempotency_key: str) -> Reference:
        """What was made with this idempotency key. Errors: NotFound."""
        return Reference(self._one(select(_T.c.reference).where(_T.c.idempotency_key == idempotency_key)).reference)

    def keep_pdf(self, reference: Reference, sha512: str) -> None:
        """Write the digest of the signed PDF, once; a second digest is not taken."""
        statement = update(_T).where(_T.c.reference == reference, _T.c.pdf_sha512 == "")
        self._rows.connection.execute(self._rows.only(statement, _T).values(pdf_sha512=sha512))

    def inbox(self, *, limit: int, before: datetime | None = None, sought: Sought = EVERYTHING) -> Sequence[InboxRow]:
        """The newest submissions first, of those *sought*."""
        statement = self._rows.only(select(*_LISTED), _T).where(*_sought(sought))
        statement = statement.order_by(_T.c.received_at.desc(), _T.c.reference)
        if before is not None:
            statement = statement.where(_T.c.received_at < micros(before))
        rows = self._rows.connection.execute(statement.limit(limit)).all()
        sent = deliveries.of_many(self._rows, [row.reference for row in rows])
        return [_inbox_row(row, sent.get(row.reference, ())) for row in rows]

    def count(self, sought: Sought = EVERYTHING) -> int:
        """How many submissions there are of those *sought*."""
        statement = self._rows.only(select(func.count()).select_from(_T), _T).where(*_sought(sought))
        return int(self._rows.connection.execute(statement).scalar_one())

    def run(self, reference: Reference) -> int:
        """The number of the latest run of its jobs; 0 is the one from submit."""
        return int(self._one(select(_T.c.run).where(_T.c.reference == reference)).run)

    def next_run(self, reference: Reference) -> int:
        """The number of the next run of its jobs, counted from 1."""
        statement = update(_T).where(_T.c.reference == reference)
        self._rows.connection.execute(self._rows.only(statement, _T).values(run=_T.c.run + 1))
        return self.run(reference)

    def over(self, confirmed_before: datetime, *, limit: int) -> Sequence[Reference]:
        """Those that every channel confirmed, the last of them before then."""
        statement = (
            select(_T.c.reference)
            .join(_D, _D.c.reference == _T.c.reference)
            .group_by(_T.c.reference)
            .having(func.count() == func.count(_D.c.confirmed_at))
            .having(func.max(_D.c.confirmed_at) <= micros(confirmed_before))
            .limit(limit)
        )
        return [Reference(row.reference) for row in self._rows.connection.execute(self._rows.only(statement, _T))]

    def remove(self, reference: Reference, *, now: datetime) -> None:
        """Delete it with its deliveries, its draft, keys and rows of files; a stub stays (GDP-03)."""
        row = self._one(select(_T).where(_T.c.reference == reference))
        stub = {name: getattr(row, name) for name in _OF_STUB} | {"removed_at": micros(now)}
        connection = self._rows.connection
        connection.execute(insert(_STUB), stub)
        connection.execute(delete(_D).where(_D.c.reference == reference))
        connection.execute(delete(_T).where(_T.c.reference == reference))
        held, files, wraps, drafts = tables.session_form, tables.file, tables.key_wrap, tables.draft
        for table in (held, files, wraps):
            connection.execute(delete(table).where(table.c.draft_id == row.draft_id))
        connection.execute(delete(drafts).where(drafts.c.id == row.draft_id))

    def _one(self, statement: Any) -> Any:
        row = self._rows.connection.execute(self._rows.only(statement, _T)).first()
        if row is None:
            raise NotFound("no such submission")
        return row


def _seal(submission: Submission, purpose: str, data: bytes) -> bytes:
    return encryption.seal(submission.key, Binding(submission.tenant, submission.draft_id, 0, purpose), data)


def _sought(sought: Sought) -> list[ColumnElement[bool]]:
    """The conditions that say what is *sought*."""
    found: list[ColumnElement[bool]] = []
    if sought.reference:
        found.append(_T.c.reference.startswith(sought.reference, autoescape=True))
    if sought.form:
        found.append(_T.c.form == sought.form)
    if sought.language:
        found.append(_T.c.language == sought.language)
    if sought.proofs:
        found.append(_T.c.missing > 0)
    if sought.since is not None:
        found.append(_T.c.received_at >= micros(begins(sought.since)))
    if sought.until is not None and sought.until < date.max:
        found.append(_T.c.received_at < micros(begins(sought.until + timedelta(days=1))))
    if sought.state:
        failed = _has_delivery(_D.c.status == DeliveryStatus.FAILED)
        open_still = _has_delivery(_D.c.status.in_([DeliveryStatus.WAITING, DeliveryStatus.SENDING]))
        found += {
            "failed": [failed],
            "waiting": [open_still, ~failed],
            "delivered": [~open_still, ~failed],
        }[sought.state]
    return found


def _has_delivery(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_D.c.reference == _T.c.reference, condition)


def _inbox_row(row: Any, sent: tuple[Delivery, ...]) -> InboxRow:
    return InboxRow(
        reference=Reference(row.reference),
        form=row.form,
        form_version=row.form_version,
        language=row.language,
        received_at=instant(row.received_at),
        has_pdf=bool(row.pdf_sha512),
        deliveries=sent,
        missing=row.missing,
    )
