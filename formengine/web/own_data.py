"""Everything that we hold about an application, to download by its applicant (GDP-06)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Blueprint, Response

from formengine.errors import NotFound
from formengine.services import own_data as service
from formengine.services.own_data import Entry
from formengine.web.access import public
from formengine.web.visits import visit

own_data = Blueprint("own_data", __name__)


@own_data.get("/<form:form>/data")
@public
def download(form: str) -> Response:
    """All of it in one file; only in a session that holds the draft or the receipt."""
    v = visit()
    draft, reference = v.open_draft, v.reference
    if draft is not None and draft.expires_at > v.now:
        entries, name = service.of_draft(v.stores, draft), form
    elif reference is not None:
        entries, name = service.of_submission(v.stores, reference), reference
    else:
        raise NotFound("this session holds nothing of that form")
    response = Response(_zipped(entries), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


class _Sink(io.RawIOBase):
    """What a ZIP is written to, handed on piece by piece: nothing touches a disk in the clear (ENC-11)."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: object) -> int:
        """Keep *data* until it is taken."""
        piece = bytes(data)  # type: ignore[call-overload]  # any buffer
        self.pieces.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was written since."""
        piece = b"".join(self.pieces)
        self.pieces.clear()
        return piece


def _zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for path, data in entries:
            archive.writestr(path, data)
            yield sink.taken()
    yield sink.taken()
