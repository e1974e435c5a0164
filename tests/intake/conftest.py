"""Files to hand in, made here: no sample of anybody's."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image


def pdf(*, password: str | None = None) -> bytes:
    """A PDF of one empty page."""
    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out, encryption=pikepdf.Encryption(owner="o", user=password) if password is not None else False)
    return out.getvalue()


def picture(kind: str) -> bytes:
    """A small picture, as `PNG`, `JPEG` or `GIF`."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    return out.getvalue()


def heic() -> bytes:
    """The beginning of a HEIC file: its `ftyp` box and an empty `meta`."""
    return (24).to_bytes(4, "big") + b"ftypheic" + bytes(4) + b"mif1heic" + (12).to_bytes(4, "big") + b"meta" + bytes(4)


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """One file of each kind that is taken."""
    return {"pdf": pdf(), "jpg": picture("JPEG"), "png": picture("PNG"), "heic": heic()}
