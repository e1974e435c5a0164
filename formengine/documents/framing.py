"""Messages between the worker and its renderer: a JSON header, then the bytes that it announces.

Every part is preceded by its length in eight bytes, big-endian. Knows nothing of what the parts mean.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")
LONGEST_BYTES = 512 * 1024 * 1024


def pack(header: Mapping[str, Any], parts: Sequence[bytes]) -> bytes:
    """The message: the header, how many parts follow in it, and the parts."""
    head = json.dumps({**header, "parts": len(parts)}, ensure_ascii=False).encode()
    return b"".join(LENGTH.pack(len(part)) + part for part in (head, *parts))


def unpack(stream: BinaryIO) -> tuple[dict[str, Any], list[bytes]]:
    """The next message of *stream*. Errors: EOFError where it ends, ValueError for a part beyond the limit."""
    header: dict[str, Any] = json.loads(_part(stream))
    return header, [_part(stream) for _ in range(int(header.pop("parts")))]


def parts_of(head: bytes) -> int:
    """How many parts follow the encoded header *head*."""
    return int(json.loads(head)["parts"])


def _part(stream: BinaryIO) -> bytes:
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    if length > LONGEST_BYTES:
        raise ValueError("a message part is longer than allowed")
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data
