"""The way to the opener: a Unix socket, one request a connection, a line of JSON each way with bytes behind the answer.

Here is what both sides share, and the side that asks (`services.ports.Opener`). It holds no key.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from formengine.core import numbers
from formengine.core.lifecycle import DraftId, Reference, Submission
from formengine.errors import NotFound, StorageError
from formengine.services.ports import Fetched, Opener
from formengine.storage.accounts import own_name
from formengine.storage.engines import instant, micros

_log = logging.getLogger(__name__)

WAIT_S: Final = 20
REFUSED: Final = "this account may not ask the opener; FORMENGINE_OPENER_PEER says which may"
UNREADABLE: Final = "what was asked cannot be read; a request is one line of JSON"
_NOT_FOUND: Final = "no such application or file"
_FAILED: Final = "the opener could not open it"
_NEEDS: Final = {
    "cards": ("references",),
    "case": ("reference",),
    "file": ("reference", "path"),
    "bundle": ("reference",),
}
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
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)  # whoever may enter a folder need not see what is in it
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def answer(opener: Opener, stream: BinaryIO, *, may_ask: bool = True) -> None:
    """Read one request from *stream* and answer it. Errors: StorageError, said to the other side too."""
    line = stream.readline(_LONGEST_LINE)
    if not may_ask:
        _refuse(stream, REFUSED)
    asked = _read(line)
    if asked is None:
        _refuse(stream, UNREADABLE)
    try:
        said, blobs = _answered(opener, asked)
    except NotFound:
        said, blobs = {"error": _NOT_FOUND}, []
    except Exception as error:  # the other side gets no more: messages may quote
        _send(stream, {"error": _FAILED}, [])
        raise StorageError(f"an opening failed: {type(error).__name__}") from error
    _send(stream, said, blobs)


def _refuse(stream: BinaryIO, why: str) -> NoReturn:
    _send(stream, {"error": why}, [])
    raise StorageError(why)


def _read(line: bytes) -> dict[str, Any] | None:
    """The request in *line*, or None if it is none."""
    try:
        asked = json.loads(line)
        needed = {"errand", "tenant", "staff", *_NEEDS.get(asked["errand"], ())}
        is_whole = needed <= asked.keys() and all(isinstance(asked[name], str) for name in needed - {"references"})
        is_whole = is_whole and isinstance(asked.get("references", []), list)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return asked if is_whole else None


class OpenerClient:
    """Asks the opener that listens at *path*."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def cards(self, tenant: str, staff: str, references: Sequence[Reference]) -> Mapping[Reference, Mapping[str, Any]]:
        """Who applies, by reference. Errors: StorageError."""
        said, _ = self._ask("cards", tenant, staff, references=list(references))
        return {Reference(name): card for name, card in said["cards"].items()}

    def answers(self) -> None:
        """Whether it would answer us; nothing is opened. Errors: StorageError."""
        with suppress(NotFound):
            self._exchange({"errand": "none", "tenant": "none", "staff": "none"})

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

    def bundle(self, tenant: str, staff: str, reference: Reference) -> Fetched:
        """All of it, once, for who may take it out by hand. Errors: NotFound, StorageError."""
        said, (data,) = self._ask("bundle", tenant, staff, reference=reference)
        return Fetched(said["name"], said["media_type"], data)

    def _ask(self, errand: str, tenant: str, staff: str, **more: object) -> tuple[dict[str, Any], list[bytes]]:
        try:
            return self._exchange({"errand": errand, "tenant": tenant, "staff": staff, **more})
        except StorageError as error:  # its words are for operators, and hold nothing of an application
            _log.error("%s", error)
            raise

    def _exchange(self, request: Mapping[str, object]) -> tuple[dict[str, Any], list[bytes]]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, address(self._path) as where:
                line.settimeout(WAIT_S)
                line.connect(where)
                with line.makefile("rwb") as stream:
                    stream.write(json.dumps(request).encode() + b"\n")
                    stream.flush()
                    said = numbers.loads(stream.readline(_LONGEST_LINE))
                    blobs = [stream.read(int(size)) for size in said.pop("sizes", ())]
        except PermissionError as error:
            raise StorageError(f"{own_name()} may not enter the folder or use the socket {self._path}") from error
        except (OSError, ValueError, AttributeError) as error:
            raise StorageError(f"the opener does not answer at {self._path}: {type(error).__name__}") from error
        if said.get("error") == _NOT_FOUND:
            raise NotFound(_NOT_FOUND)
        if "error" in said:
            raise StorageError(said["error"])
        return said, blobs


def _answered(opener: Opener, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    tenant, staff = asked["tenant"], asked["staff"]
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
        found = opener.file(tenant, staff, reference, asked["path"])
        return {"name": found.name, "media_type": found.media_type}, [found.data]
    if asked["errand"] == "bundle":
        found = opener.bundle(tenant, staff, reference)
        return {"name": found.name, "media_type": found.media_type}, [found.data]
    raise NotFound("no such errand")


def _send(stream: BinaryIO, said: dict[str, Any], blobs: Sequence[bytes]) -> None:
    stream.write(numbers.dumps({**said, "sizes": [len(blob) for blob in blobs]}).encode() + b"\n")
    stream.writelines(blobs)
    stream.flush()
