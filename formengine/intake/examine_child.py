"""The child that looks at a stranger's file: which kind its bytes say, and whether it can be opened at all.

Run by path in the sandbox, never imported, and imports nothing of the engine. Reads the file from standard
input and writes one JSON object: `{"kind": "application/pdf", "state": "ok"}`; *state* is `ok`, `encrypted` or
`broken`. The kind is libmagic's media type; what is allowed is decided by `kinds`, outside.
"""

import io
import json
import sys

import magic
import pikepdf


def _pdf_state(data: bytes) -> str:
    """Whether a PDF opens without a password (one that opens with the empty one is still encrypted, UPL-05)."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            return "ok" if len(pdf.pages) else "broken"
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
        return "broken"


def main() -> None:
    """Examine standard input."""
    data = sys.stdin.buffer.read()
    kind = magic.from_buffer(data, mime=True)
    state = _pdf_state(data) if kind == "application/pdf" else "ok"
    sys.stdout.write(json.dumps({"kind": kind, "state": state}))


if __name__ == "__main__":
    main()
