"""What is encrypted, how, and to which key: the one place that knows (security.md 4).

A draft has one random key, and a submission goes on with that of its draft. Every blob is AES-256-GCM under a key
derived from it for the blob's purpose, behind one JSON header line; tenant, object, version and purpose are bound to
it, so a blob moved elsewhere does not open. The draft's key is wrapped for whoever may read: codes and sessions by
AES key wrap, the worker and the authority by JWE, an open format (ENC-05).
"""

from __future__ import annotations

import base64
import functools
import json
import logging
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from formengine.errors import SealBroken
from formengine.services.values import AUTHORITY, JOB, Reader, Wrap

_log = logging.getLogger(__name__)
KEY_BYTES: Final = 32
CHUNK_BYTES: Final = 1 << 20
"""Files are encrypted in pieces of this size, each bound to its place and to whether it is the last."""
_NONCE_BYTES: Final = 12
_NONCE_TEXT: Final = 16  # of its base64
_END: Final = b'"}\n'
_TAG_BYTES: Final = 16
_ALGORITHMS: Final = {"EC": "ECDH-ES+A256KW", "RSA": "RSA-OAEP-256"}
_ALLOWED: Final = [*_ALGORITHMS.values(), "A256GCM"]


@dataclass(frozen=True, slots=True)
class Binding:
    """What a blob belongs to; it opens nowhere else (ENC-02)."""

    tenant: str
    object: str
    version: int
    purpose: str

    def bytes(self) -> bytes:
        """The associated data."""
        return f"{self.tenant}|{self.object}|{self.version}|{self.purpose}".encode()


def derive(secret: bytes, *labels: str) -> bytes:
    """HKDF-SHA-256 (RFC 5869, no salt) of *secret* for *labels*, each with its length before it: 32 bytes (ENC-03)."""
    return HKDF(SHA256(), 32, salt=None, info=_info(labels)).derive(secret)


@functools.cache
def _info(labels: tuple[str, ...]) -> bytes:
    """*labels* as bytes; there is a handful of them."""
    return b"".join(len(label).to_bytes(2) + label for label in (text.encode() for text in ("formengine/1", *labels)))


def seal(key: bytes, binding: Binding, plain: bytes) -> bytes:
    """The blob of *plain*: a header line, then its ciphertext (ENC-04: a random nonce of 96 bits)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    header = _start(binding.purpose) + base64.b64encode(nonce) + _END
    return header + _cipher(key, binding).encrypt(nonce, plain, binding.bytes())


def unseal(key: bytes, binding: Binding, blob: bytes) -> bytes:
    """What `seal` was given. Errors: SealBroken, with an alarm in the log."""
    start = _start(binding.purpose)
    nonce, end = blob[len(start) : len(start) + _NONCE_TEXT], len(start) + _NONCE_TEXT
    if not blob.startswith(start) or not blob.startswith(_END, end):
        raise _broken(binding)
    ciphertext = blob[end + len(_END) :]
    try:
        return _cipher(key, binding).decrypt(base64.b64decode(nonce, validate=True), ciphertext, binding.bytes())
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise _broken(binding) from error


def seal_file(key: bytes, binding: Binding, plain: bytes) -> bytes:
    """The blob of a file, in pieces of `CHUNK_BYTES`, each behind its own nonce."""
    cipher, bound = _cipher(key, binding), binding.bytes()
    starts = range(0, max(len(plain), 1), CHUNK_BYTES)
    sealed = [_file_header(binding.purpose)]
    for index, start in enumerate(starts):
        nonce = secrets.token_bytes(_NONCE_BYTES)
        piece = plain[start : start + CHUNK_BYTES]
        sealed += [nonce, cipher.encrypt(nonce, piece, _piece(bound, index, is_last=index == len(starts) - 1))]
    return b"".join(sealed)


def unseal_file(key: bytes, binding: Binding, blob: bytes) -> bytes:
    """What `seal_file` was given. Errors: SealBroken where a piece is missing, moved or changed."""
    header = _file_header(binding.purpose)
    if not blob.startswith(header):
        raise _broken(binding)
    body = blob[len(header) :]
    cipher, bound = _cipher(key, binding), binding.bytes()
    size = _NONCE_BYTES + CHUNK_BYTES + _TAG_BYTES
    starts = range(0, max(len(body), 1), size)
    plain = []
    try:
        for index, start in enumerate(starts):
            nonce, piece = body[start : start + _NONCE_BYTES], body[start + _NONCE_BYTES : start + size]
            plain.append(cipher.decrypt(nonce, piece, _piece(bound, index, is_last=index == len(starts) - 1)))
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise _broken(binding) from error
    return b"".join(plain)


def wrap(reader: Reader, key: bytes) -> Wrap:
    """*key*, wrapped for the first key of a code or session."""
    return Wrap(reader.kind, reader.id, aes_key_wrap(_wrapping(reader, reader.id), key))


def wrap_public(kind: str, public: JWK, key: bytes) -> Wrap:
    """*key*, sealed to a public key as JWE in its compact form."""
    protected = {"alg": _ALGORITHMS[public["kty"]], "enc": "A256GCM", "kid": public["kid"]}
    token = JWE(key, json.dumps(protected), algs=_ALLOWED)
    token.add_recipient(public)
    return Wrap(kind, public["kid"], token.serialize(compact=True).encode())


def unwrap(reader: Reader, wrapped: Wrap) -> bytes:
    """The key that was wrapped for one of the keys of *reader*. Errors: SealBroken."""
    try:
        if reader.kind in {JOB, AUTHORITY}:
            token = JWE(algs=_ALLOWED)
            token.deserialize(wrapped.wrapped.decode(), key=reader.secrets[wrapped.key_id])
            return bytes(token.payload)
        return bytes(aes_key_unwrap(_wrapping(reader, wrapped.key_id), wrapped.wrapped))
    except (InvalidUnwrap, JWException, KeyError, ValueError) as error:
        _log.error("a wrapped key does not open: %s", reader.kind)
        raise SealBroken(f"a key wrapped for a {reader.kind} does not open") from error


def _wrapping(reader: Reader, key_id: str) -> bytes:
    return derive(reader.secrets[key_id], "wrap", reader.kind)


def _cipher(key: bytes, binding: Binding) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise SealBroken("there is no key to this")
    return AESGCM(derive(key, "blob", binding.purpose))


@functools.cache
def _start(purpose: str) -> bytes:
    """The header line of a blob up to its nonce, byte for byte: what begins otherwise is none of ours."""
    return json.dumps({"v": 1, "purpose": purpose, "n": ""}, separators=(",", ":"))[:-2].encode()


@functools.cache
def _file_header(purpose: str) -> bytes:
    """The header line of a file."""
    return json.dumps({"v": 1, "purpose": purpose, "chunk": CHUNK_BYTES}, separators=(",", ":")).encode() + b"\n"


def _piece(bound: bytes, index: int, *, is_last: bool) -> bytes:
    return bound + f"|{index}|{int(is_last)}".encode()


def _broken(binding: Binding) -> SealBroken:
    """An alarm for the operator: a blob was changed, moved, or rolled back (ENC-02)."""
    _log.error("a blob does not open: %s of %s", binding.purpose, binding.object)
    return SealBroken(f"the {binding.purpose} of {binding.object} does not open")
