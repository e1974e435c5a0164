"""Deliveries in the database: one row a submission and channel. The rows are the truth; the job engine only drives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from formengine.core.lifecycle import Delivery, DeliveryStatus, Reference
from formengine.errors import NotFound
from formengine.services.values import Backlog
from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

_T = tables.delivery
_OF = tables.submission
_OPEN = (DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value)


def _from_row(row: Any) -> Delivery:
    return Delivery(
        reference=Reference(row.reference),
        channel=row.channel,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        due_at=instant(row.due_at),
        receipt=row.receipt,
        error=row.error,
        confirmed_at=instant(row.confirmed_at) if row.confirmed_at is not None else None,
    )


def _columns(delivery: Delivery) -> dict[str, Any]:
    return {
        "status": delivery.status.value,
        "attempts": delivery.attempts,
        "due_at": micros(delivery.due_at),
        "receipt": delivery.receipt,
        "error": delivery.error,
        "confirmed_at": micros(delivery.confirmed_at) if delivery.confirmed_at is not None else None,
    }


def of_many(rows: Rows, references: Sequence[str]) -> Mapping[str, tuple[Delivery, ...]]:
    """The deliveries of each of *references*, by channel."""
    found: dict[str, tuple[Delivery, ...]] = {}
    if references:
        statement = select(_T).where(_T.c.reference.in_(references)).order_by(_T.c.reference, _T.c.channel)
        for row in rows.connection.execute(statement):
            found[row.reference] = (*found.get(row.reference, ()), _from_row(row))
    return found


class SqlDeliveries:
    """`services.ports.Deliveries` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Keep new deliveries."""
        new = [
            _columns(delivery) | {"reference": delivery.reference, "channel": delivery.channel}
            for delivery in deliveries
        ]
        if new:
            self._rows.connection.execute(insert(_T), new)

    def load(self, reference: Reference, channel: str, *, lock: bool = False) -> Delivery:
        """The delivery. Errors: NotFound."""
        statement = select(_T).join(_OF).where(_T.c.reference == reference, _T.c.channel == channel)
        if lock:
            statement = statement.with_for_update(of=_T)
        row = self._rows.connection.execute(self._rows.only(statement, _OF)).first()
        if row is None:
            raise NotFound("no such delivery")
        return _from_row(row)

    def of(self, reference: Reference, *, lock: bool = False) -> tuple[Delivery, ...]:
        """All deliveries of a submission, by channel."""
        statement = select(_T).join(_OF).where(_T.c.reference == reference).order_by(_T.c.channel)
        if lock:
            statement = statement.with_for_update(of=_T)
        return tuple(_from_row(row) for row in self._rows.connection.execute(self._rows.only(statement, _OF)))

    def save(self, delivery: Delivery) -> None:
        """Write the state, attempts, due date, receipt and error."""
        here = (_T.c.reference == delivery.reference, _T.c.channel == delivery.channel)
        self._rows.connection.execute(update(_T).where(*here).values(**_columns(delivery)))

    def backlog(self) -> Backlog:
        """What is not delivered."""
        counted = select(_T.c.status, func.count()).join(_OF).group_by(_T.c.status)
        found = {row[0]: int(row[1]) for row in self._rows.connection.execute(self._rows.only(counted, _OF))}
        lacking = select(func.count()).select_from(_OF).where(_OF.c.pdf_sha512 == "")
        oldest = select(func.min(_OF.c.received_at)).join(_T).where(_T.c.status.in_(_OPEN))
        first = self._rows.connection.execute(self._rows.only(oldest, _OF)).scalar_one()
        return Backlog(
            waiting=found.get(DeliveryStatus.WAITING.value, 0),
            sending=found.get(DeliveryStatus.SENDING.value, 0),
            failed=found.get(DeliveryStatus.FAILED.value, 0),
            without_document=int(self._rows.connection.execute(self._rows.only(lacking, _OF)).scalar_one()),
            oldest=None if first is None else instant(int(first)),
        )

    def due(self, now: datetime, *, limit: int) -> Sequence[Reference]:
        """Submissions with a delivery that is open and due, oldest first."""
        statement = (
            select(_T.c.reference)
            .join(_OF)
            .where(_T.c.status.in_(_OPEN), _T.c.due_at <= micros(now))
            .group_by(_T.c.reference)
            .order_by(func.min(_T.c.due_at))
            .limit(limit)
        )
        return [Reference(row.reference) for row in self._rows.connection.execute(self._rows.only(statement, _OF))]
