"""The way to the opener: a Unix socket, one request a connection, a line of JSON each way with bytes behind the answer.

Here is what both sides share, and the side that asks (`services.ports.Opener`). It holds no key.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from formengine.core import numbers
from formengine.core.lifecycle import DraftId, Reference, Submission
from formengine.errors import NotFound, StorageError
from formengine.services.ports import Fetched, Opener
from formengine.storage.engines import instant, micros

WAIT_S: Final = 20
_LONGEST_LINE: Final = 1_000_000
_FACTS: Final = (
    "reference",
    "tenant",
    "draft_id",
    "form",
    "form_version",
    "form_hash",
    "language",
    "sha512",
    "pdf_sha512",
)


@contextmanager
def address(path: Path) -> Iterator[str]:
    """An address of the socket *path* that is short enough for the system however long the path is."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def answer(opener: Opener, stream: BinaryIO) -> None:
    """Read one request from *stream* and answer it."""
    asked = json.loads(stream.readline(_LONGEST_LINE))
    try:
        said, blobs = _answered(opener, asked)
    except NotFound:
        said, blobs = {"error": "NotFound"}, []
    except Exception as error:  # the other side gets the kind alone: messages may quote
        said, blobs = {"error": "StorageError"}, []
        _send(stream, said, blobs)
        raise StorageError(f"an opening failed: {type(error).__name__}") from error
    _send(stream, said, blobs)


class OpenerClient:
    """Asks the opener that listens at *path*."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def cards(self, tenant: str, staff: str, references: Sequence[Reference]) -> Mapping[Reference, Mapping[str, Any]]:
        """Who applies, by reference. Errors: StorageError."""
        said, _ = self._ask("cards", tenant, staff, references=list(references))
        return {Reference(name): card for name, card in said["cards"].items()}

    def case(self, tenant: str, staff: str, reference: Reference) -> Submission:
        """One application. Errors: NotFound, StorageError."""
        said, (payload, record) = self._ask("case", tenant, staff, reference=reference)
        facts = {name: said[name] for name in _FACTS}
        facts |= {"reference": Reference(said["reference"]), "draft_id": DraftId(said["draft_id"])}
        received_at = instant(said["received_at"])
        return Submission(**facts, received_at=received_at, payload=payload, record=record, missing=said["missing"])

    def file(self, tenant: str, staff: str, reference: Reference, path: str) -> Fetched:
        """One file of it. Errors: NotFound, StorageError."""
        said, (data,) = self._ask("file", tenant, staff, reference=reference, path=path)
        return Fetched(said["name"], said["media_type"], data)

    def _ask(self, errand: str, tenant: str, staff: str, **more: object) -> tuple[dict[str, Any], list[bytes]]:
        request = {"errand": errand, "tenant": tenant, "staff": staff, **more}
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, address(self._path) as where:
                line.settimeout(WAIT_S)
                line.connect(where)
                with line.makefile("rwb") as stream:
                    stream.write(json.dumps(request).encode() + b"\n")
                    stream.flush()
                    said = numbers.loads(stream.readline(_LONGEST_LINE))
                    blobs = [stream.read(int(size)) for size in said.pop("sizes", ())]
        except (OSError, ValueError, AttributeError) as error:
            raise StorageError(f"the opener does not answer: {type(error).__name__}") from error
        if said.get("error") == "NotFound":
            raise NotFound("no such application or file")
        if "error" in said:
            raise StorageError("the opener could not open it")
        return said, blobs


def _answered(opener: Opener, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    tenant, staff = str(asked["tenant"]), str(asked["staff"])
    if not tenant or not staff:
        raise NotFound("for nobody")
    if asked["errand"] == "cards":
        return {"cards": opener.cards(tenant, staff, asked["references"])}, []
    reference = Reference(asked["reference"])
    if asked["errand"] == "case":
        one = replace(opener.case(tenant, staff, reference), key=b"")
        facts = {name: getattr(one, name) for name in _FACTS}
        return facts | {"received_at": micros(one.received_at), "missing": one.missing}, [one.payload, one.record]
    if asked["errand"] == "file":
        found = opener.file(tenant, staff, reference, str(asked["path"]))
        return {"name": found.name, "media_type": found.media_type}, [found.data]
    raise NotFound("no such errand")


def _send(stream: BinaryIO, said: dict[str, Any], blobs: Sequence[bytes]) -> None:
    stream.write(numbers.dumps({**said, "sizes": [len(blob) for blob in blobs]}).encode() + b"\n")
    stream.writelines(blobs)
    stream.flush()
