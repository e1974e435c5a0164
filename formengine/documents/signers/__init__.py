"""How a finished PDF is sealed: the contract, and the registry of those that can."""

from __future__ import annotations

from typing import Protocol

from formengine.registry import Registry


class Signer(Protocol):
    """Seals a PDF as the last step on it. Built once from its settings; safe to share between threads.

    *seal* says what the document's own text may claim: `sealed`, `test` (a certificate made for trying out) or
    `none`.
    """

    seal: str

    def sign(self, pdf: bytes) -> bytes:
        """The sealed PDF. Errors: SigningError."""
        ...


signers: Registry[type[Signer]] = Registry("formengine.documents.signers")
