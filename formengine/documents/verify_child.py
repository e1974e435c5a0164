"""The child that verifies a stranger's PDF: run by path in the sandbox, never imported.

Reads one message of `framing` from standard input: the PDF, then the roots in DER; its header says how many of them
are `seals`, the others are of time stamps. Writes the verdict as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the interpreter is isolated: it knows no folder but its own

from asn1crypto import x509

from formengine.documents import framing
from formengine.documents.verifying import Roots, verify


def main() -> None:
    """Verify what comes on standard input."""
    header, (pdf, *ders) = framing.unpack(sys.stdin.buffer)
    roots = [x509.Certificate.load(der) for der in ders]
    seals = int(header["seals"])
    verdict = verify(pdf, Roots(tuple(roots[:seals]), tuple(roots[seals:])))
    sys.stdout.write(json.dumps(verdict.as_json()))


if __name__ == "__main__":
    main()
