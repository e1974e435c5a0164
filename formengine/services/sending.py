"""What is sent where, within one transaction, as Protocols: deliveries, and the time stamps that come later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from formengine.core.lifecycle import Delivery, Reference
from formengine.services.values import Backlog, Export, LateStamp


class Deliveries(Protocol):
    """One submission to one channel."""

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Keep new deliveries."""

    def load(self, reference: Reference, channel: str, *, lock: bool = False) -> Delivery:
        """The delivery. Errors: NotFound."""

    def of(self, reference: Reference, *, lock: bool = False) -> tuple[Delivery, ...]:
        """All deliveries of a submission, by channel."""

    def save(self, delivery: Delivery) -> None:
        """Write the state, attempts, due date, receipt and error."""

    def backlog(self) -> Backlog:
        """What is not delivered."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Reference]:
        """Submissions with a delivery that is open and due, oldest first."""


class LateStamps(Protocol):
    """Documents that went out without a time stamp (PDF-07)."""

    def add(self, reference: Reference, *, due_at: datetime) -> None:
        """Note that the document lacks its stamp; nothing where that is noted."""

    def of(self, reference: Reference) -> LateStamp | None:
        """How it stands; None for a document that had its stamp from the start, or needs none."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Reference]:
        """Documents that lack their stamp and may be tried, those longest due first."""

    def save(self, stamp: LateStamp) -> None:
        """Write how it stands."""

    def lacking(self) -> int:
        """How many documents lack their stamp."""


class Exports(Protocol):
    """Who wants to take which parked application out by hand; the latest wish alone is kept."""

    def of(self, reference: Reference) -> Export | None:
        """The latest wish, None if there was none."""

    def save(self, export: Export) -> None:
        """Keep it in the place of what was kept before."""
