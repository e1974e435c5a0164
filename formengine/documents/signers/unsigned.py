"""No seal, by the operator's explicit choice. The document says so itself."""

from __future__ import annotations

from datetime import datetime

from formengine.documents.signers import signers


@signers.register("unsigned")
class Unsigned:
    """Gives the PDF back as it is."""

    seal = "none"
    ends: datetime | None = None

    def sign(self, pdf: bytes) -> bytes:
        """The PDF, unchanged."""
        return pdf

    def sign_unstamped(self, pdf: bytes) -> bytes:
        """The PDF, unchanged."""
        return pdf

    def lacks_stamp(self, pdf: bytes) -> bool:
        """Never: without a seal there is nothing to stamp."""
        del pdf
        return False

    def stamp(self, pdf: bytes) -> bytes:
        """The PDF, unchanged."""
        return pdf
