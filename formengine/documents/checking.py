"""Verify a PDF without reading it in this process: a child with limits does (security.md 6), and nothing is kept.

Knows no PDF library, so the web may ask it. Decides whom we know: the operator's roots, and this machine's test seal.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from formengine.documents import framing
from formengine.documents.verdict import Readable, Verdict
from formengine.errors import ConfigError, FormEngineError

MOST_BYTES: Final = 20 * 1024 * 1024
"""The largest PDF that is looked at; one of ours is far smaller."""

_CHILD = Path(__file__).with_name("verify_child.py")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Checker:
    """Verifies PDFs. *run* runs a program of ours, confined, on what it is given on its standard input.

    *seals* and *stamps* are files with the roots of seals and of time stamps; one that is missing counts for nothing.
    """

    run: Callable[[Path, bytes], bytes]
    seals: Sequence[Path] = ()
    stamps: Sequence[Path] = ()

    def trusting(self, roots: Sequence[Path]) -> Checker:
        """The same that knows these roots too, of seals and of stamps.

        Errors: OSError, and ConfigError where one holds no certificate: a mistyped name must not say nothing.
        """
        for path in roots:
            if not _PEM.search(data := path.read_bytes()) and not data.startswith(b"\x30\x82"):
                raise ConfigError(f"{path} holds no certificate")
        return replace(self, seals=[*self.seals, *roots], stamps=[*self.stamps, *roots])

    def check(self, pdf: bytes) -> Verdict:
        """What holds of *pdf*. Errors: OSError for a file of roots that cannot be read."""
        if len(pdf) > MOST_BYTES:
            return Verdict(readable=Readable.TOO_MUCH)
        if b"%PDF-" not in pdf[:1024]:
            return Verdict(readable=Readable.NO)
        seals, stamps = _ders(self.seals), _ders(self.stamps)
        message = framing.pack({"seals": len(seals)}, [pdf, *seals, *stamps])
        try:
            return Verdict.from_json(json.loads(self.run(_CHILD, message)))
        except (FormEngineError, ValueError, KeyError, TypeError):
            return Verdict(readable=Readable.TOO_MUCH)


def _ders(paths: Sequence[Path]) -> list[bytes]:
    """The certificates in these files, PEM or DER, in DER."""
    found: list[bytes] = []
    for path in paths:
        if path.exists():
            data = path.read_bytes()
            found += [base64.b64decode(text) for text in _PEM.findall(data)] or [data]
    return found
