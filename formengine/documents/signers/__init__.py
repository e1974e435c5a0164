"""How a finished PDF is sealed: the contract, and the registry of those that can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from formengine.registry import Registry


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamp authority. *trust_file* holds the roots of its stamps, *ca_file* those of its TLS if private."""

    url: str
    trust_file: Path
    ca_file: Path | None = None
    allow_private: bool = False


class Signer(Protocol):
    """Seals a PDF as the last step on it. Built once from its settings; safe to share between threads.

    *seal* says what the document's own text may claim: `sealed`, `test` (a certificate made for trying out) or
    `none`.
    """

    seal: str

    @property
    def ends(self) -> datetime | None:
        """When the first of its certificates ends."""
        ...

    def sign(self, pdf: bytes) -> bytes:
        """The sealed PDF, with a time stamp where an authority for it is set up.

        Errors: SigningError; NoTimeStamp where only the stamp could not be had.
        """
        ...

    def sign_unstamped(self, pdf: bytes) -> bytes:
        """The sealed PDF without a time stamp. Errors: SigningError."""
        ...

    def lacks_stamp(self, pdf: bytes) -> bool:
        """Whether the sealed PDF is without the time stamp that is set up here."""
        ...

    def stamp(self, pdf: bytes) -> bytes:
        """The sealed PDF with the time stamp below it. Errors: SigningError, NoTimeStamp."""
        ...


signers: Registry[type[Signer]] = Registry("formengine.documents.signers")
