"""A seal by a key that never leaves its token: an HSM, a card or SoftHSM2, by PKCS #11 (PDF-09).

The session is opened with the first seal and so after any fork, one for each process; it is opened anew when it broke.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pkcs11
from cryptography.hazmat.primitives import hashes
from pkcs11 import Attribute, Mechanism, ObjectClass
from pkcs11.exceptions import UserAlreadyLoggedIn
from pkcs11.util.ec import encode_ecdsa_signature

from formengine.documents.sealing import Key, Sealer, certificates
from formengine.documents.signers import Authority, signers
from formengine.errors import ConfigError, SigningError

_LOADED_BY: Final[dict[Path, int]] = {}
"""Which process began to use each library."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The library of the token, its label, the label of the key, and the PIN.

    *certificate_file* holds the key's certificate and then the issuers', in PEM. *stamps* is the time-stamp
    authority, or none.
    """

    module_file: Path
    token: str
    key: str
    certificate_file: Path
    pin: bytes = field(default=b"", repr=False)
    stamps: Authority | None = None


@signers.register("pkcs11")
class Pkcs11(Sealer):
    """A PAdES seal. Errors on making: ConfigError where there is no certificate; the token may come later."""

    def __init__(self, settings: Settings) -> None:
        try:
            found = certificates(settings.certificate_file.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(f"{settings.certificate_file} cannot be read: {type(error).__name__}") from None
        if not found or found[0].public_key.algorithm not in {"rsa", "ec"}:
            raise ConfigError(f"{settings.certificate_file} must hold the certificate of an RSA or EC key, in PEM")
        token = _Token(settings, is_rsa=found[0].public_key.algorithm == "rsa")
        super().__init__(Key(found[0], tuple(found[1:]), token.sign), settings.stamps)


class _Token:
    """The key on the token, for one signature at a time."""

    def __init__(self, settings: Settings, *, is_rsa: bool) -> None:
        self._settings = settings
        self._is_rsa = is_rsa
        self._lock = threading.Lock()
        self._key: Any = None
        self._process = 0

    def sign(self, data: bytes) -> bytes:
        """The signature of *data* by SHA-256. Errors: SigningError."""
        with self._lock:
            try:
                key = self._opened()
                if self._is_rsa:
                    return bytes(key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
                digest = hashes.Hash(hashes.SHA256())
                digest.update(data)
                return bytes(encode_ecdsa_signature(key.sign(digest.finalize(), mechanism=Mechanism.ECDSA)))
            except Exception as error:  # whatever a library of a maker fails with, the session is of no use
                self._key = None
                raise SigningError(f"the token does not sign: {type(error).__name__}") from error

    def _opened(self) -> Any:
        if self._key is None or self._process != os.getpid():
            path, process = self._settings.module_file, os.getpid()
            library = pkcs11.lib(str(path))
            if self._process or _LOADED_BY.get(path, process) != process:
                library.reinitialize()  # after a fork, or as the token may have been taken out and put back
            self._process = _LOADED_BY[path] = process
            token = library.get_token(token_label=self._settings.token)
            try:
                session = token.open(user_pin=self._settings.pin.decode())
            except UserAlreadyLoggedIn:  # whoever has is this process: a token knows no smaller client
                session = token.open()
            found = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: self._settings.key})
            self._key = next(iter(found), None)
            if self._key is None:
                raise SigningError(f"the token has no key {self._settings.key}")
        return self._key
