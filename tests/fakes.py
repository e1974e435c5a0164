"""Real implementations of ports for tests: a renderer, a signer and channels that keep what they were given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from formengine.errors import NotFound
from formengine.services.ports import Examined, Parcel

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **spans: float) -> datetime:
        self.now += timedelta(**spans)
        return self.now


class PlainRenderer:
    """A document that holds the payload and nothing else."""

    def render(self, submission: Any, form: Any) -> bytes:
        return b"%PDF-1.7\n% " + submission.reference.encode() + b"\n" + submission.payload + b"\n%%EOF\n"


class PlainSigner:
    """Seals by saying so."""

    seal = "test"

    def sign(self, pdf: bytes) -> bytes:
        return pdf + b"% signed\n"

    def sign_unstamped(self, pdf: bytes) -> bytes:
        return pdf + b"% signed without a stamp\n"

    def lacks_stamp(self, pdf: bytes) -> bool:
        return pdf.endswith(b"without a stamp\n")

    def stamp(self, pdf: bytes) -> bytes:
        return pdf + b"% stamped\n"


@dataclass
class KeepingChannel:
    """Keeps each parcel it was given, and first fails in the ways that it is told."""

    failures: list[Exception] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    before: Callable[[Parcel], None] = lambda parcel: None

    def deliver(self, parcel: Parcel) -> str:
        self.before(parcel)
        if self.failures:
            raise self.failures.pop(0)
        self.parcels.append(parcel)
        return f"kept {parcel.reference}"


@dataclass
class TakesAll:
    """An intake that takes every file for what the browser called it."""

    clean: bool = True

    def examine(self, name: str, claimed: str, data: bytes, *, accept: Any) -> Examined:
        return Examined(name, claimed, self.clean, data)


@dataclass
class OneForm:
    """The forms of a test, by id and by hash."""

    forms: tuple[Any, ...] = ()

    def newest(self, form: str) -> Any:
        return self._first(lambda one: one.id == form)

    def version(self, hash: str) -> Any:  # noqa: A002
        return self._first(lambda one: one.hash == hash)

    def _first(self, fits: Callable[[Any], bool]) -> Any:
        for one in self.forms:
            if fits(one):
                return one
        raise NotFound("no such form")
