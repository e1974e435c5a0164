"""Codes on their way to the one page that shows them.

A code must not stand in a database, a log or an address, nor readable in a cookie (RES-03, SES-02). Between the post
that makes it and the page that shows it, the browser carries it sealed: with a key of this site and for this one
session, a minute long. So any web process can show it, once.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from formengine.services import codes
from formengine.services.codes import ResumeCode
from formengine.services.ports import SessionId

KEPT_S: Final = 60
_NONCE: Final = 12


def seal(code: ResumeCode, pepper: bytes, session_id: SessionId, *, now: datetime) -> str:
    """The code as nobody but this site can read it, for the session alone."""
    nonce = os.urandom(_NONCE)
    content = f"{int(now.timestamp()) + KEPT_S}|{code}".encode()
    return urlsafe_b64encode(nonce + _cipher(pepper).encrypt(nonce, content, _bound(session_id))).decode()


def unseal(sealed: str, peppers: Iterable[bytes], session_id: SessionId, *, now: datetime) -> ResumeCode | None:
    """The code, or None if it was not sealed for this session with one of *peppers*, or too long ago."""
    for pepper in peppers:
        try:
            whole = urlsafe_b64decode(sealed.encode())
            content = _cipher(pepper).decrypt(whole[:_NONCE], whole[_NONCE:], _bound(session_id)).decode()
        except (ValueError, InvalidTag):
            continue
        break
    else:
        return None
    until, _, text = content.partition("|")
    return codes.read_resume_code(text) if int(until) > now.timestamp() else None


def _cipher(pepper: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"formengine/resume/handing/1").derive(pepper))


def _bound(session_id: SessionId) -> bytes:
    return session_id.encode()
