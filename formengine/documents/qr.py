"""The QR code on each page of a document: where one checks it. It carries the reference, which gives no access.

Decides the address and the drawing; the drawing is a path of squares, one unit a module.
"""

from __future__ import annotations

from urllib.parse import urlencode

import segno

from formengine.documents.paper import Check


def check(origin: str, reference: str) -> Check:
    """How the document of *reference* is checked at the site *origin*."""
    address = f"{origin}/verify?{urlencode({'reference': reference})}"
    rows = [list(row) for row in segno.make(address, micro=False, error="l").matrix]
    return Check(address, len(rows), "".join(_runs(rows)))


def _runs(rows: list[list[int]]) -> list[str]:
    """One rectangle for each run of dark modules."""
    drawn = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                drawn.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = end + 1
    return drawn
