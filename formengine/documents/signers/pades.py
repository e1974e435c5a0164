"""A seal by a key from a file: PEM or PKCS #12, loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asn1crypto import pem, x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from formengine.documents.sealing import Key, Sealer, certificates
from formengine.documents.signers import Authority, signers
from formengine.errors import ConfigError

_Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Settings:
    """Where key and certificates lie: one file with the private key, its certificate, then the issuers'.

    *passphrase* is the file's, or empty. *stamps* is the time-stamp authority, or none.
    """

    key_file: Path
    passphrase: bytes = b""
    stamps: Authority | None = None


@signers.register("pades")
class Pades(Sealer):
    """A PAdES seal. Errors on making: ConfigError where the file holds no usable key."""

    def __init__(self, settings: Settings) -> None:
        try:
            private, found = _read(settings.key_file.read_bytes(), settings.passphrase)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigError(f"the signing key {settings.key_file} cannot be read: {type(error).__name__}") from None
        if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or not found:
            raise ConfigError(f"{settings.key_file} must hold an RSA or EC key and its certificate")
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if found[0].public_key.dump() != public:
            raise ConfigError(f"{settings.key_file}: the first certificate does not belong to the key")
        super().__init__(Key(found[0], tuple(found[1:]), lambda data: _signed(private, data)), settings.stamps)


def _read(data: bytes, passphrase: bytes) -> tuple[object, list[x509.Certificate]]:
    """The private key and the certificates, that of the key first. Errors: ValueError, TypeError and others."""
    if pem.detect(data):
        return serialization.load_pem_private_key(data, passphrase or None), certificates(data)
    private, own, others = pkcs12.load_key_and_certificates(data, passphrase or None)
    der = serialization.Encoding.DER
    return private, [x509.Certificate.load(one.public_bytes(der)) for one in (own, *others) if one is not None]


def _signed(key: _Private, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
