"""Keys, encryption and signed events of FIT-Connect: nothing is encrypted to a key, or believed, that is not allowed.

Source: RFC 7516, RFC 7517, RFC 8417; FIT-Connect's crypto requirements (RSA-OAEP-256, A256GCM, PS512, 4096 bits).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from jwcrypto import jwe, jwk, jws
from jwcrypto.common import JWException, base64url_decode

from formengine.errors import DeliveryDeferred

_BITS: Final = 4096
_EVENTS: Final = "https://schema.fitko.de/fit-connect/events/"


@dataclass(frozen=True, slots=True)
class Event:
    """What a verified event says. *tags* are the authentication tags of what the far side holds."""

    name: str
    issuer: str
    tags: Mapping[str, Any]
    problems: tuple[str, ...]


def encryption_key(given: Mapping[str, Any], kid: str, roots: Sequence[x509.Certificate] | None) -> jwk.JWK:
    """The destination's key, if it may be encrypted to; with *roots* its certificate must lead to one of them.

    Errors: DeliveryDeferred, in words: whoever keeps the destination can mend it.
    """
    _check(given, kid, alg="RSA-OAEP-256", operation="wrapKey", what="the destination's key")
    if roots is not None:
        _check_chain(given, roots)
    return jwk.JWK(kty="RSA", n=given["n"], e=given["e"], kid=kid)


def encrypt(plaintext: bytes, key: jwk.JWK, kid: str, media_type: str) -> str:
    """The plaintext as a compact JWE."""
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": kid, "cty": media_type}
    made = jwe.JWE(plaintext, json.dumps(header), algs=["RSA-OAEP-256", "A256GCM"])
    made.add_recipient(key)
    return str(made.serialize(compact=True))


def tag(compact: str) -> str:
    """The authentication tag of a compact JWE: its last part."""
    return compact.rpartition(".")[2]


def issuer(compact: str) -> tuple[str, str]:
    """Who claims to have signed the event, and the id of the key: to find it by, not to be believed."""
    try:
        head, body, _ = compact.split(".")
        header, payload = json.loads(base64url_decode(head)), json.loads(base64url_decode(body))
        return str(payload["iss"]), str(header["kid"])
    except (ValueError, KeyError, TypeError) as error:
        raise DeliveryDeferred("an event cannot be read") from error


def event(compact: str, given: Mapping[str, Any], *, submission: str, case: str) -> Event:
    """The event, if *given* signed it and it is about this submission. Errors: DeliveryDeferred."""
    who, kid = issuer(compact)
    _check(given, kid, alg="PS512", operation="verify", what="the key of an event")
    try:
        token = jws.JWS()
        token.allowed_algs = ["PS512"]
        token.deserialize(compact, jwk.JWK(kty="RSA", n=given["n"], e=given["e"]))
        header, payload = token.jose_header, json.loads(token.payload)
    except (JWException, ValueError) as error:
        raise DeliveryDeferred("the signature of an event does not hold") from error
    named = payload.get("events")
    if (
        header.get("typ") != "secevent+jwt"
        or payload.get("sub") != f"submission:{submission}"
        or payload.get("txn") != f"case:{case}"
        or not isinstance(named, dict)
        or len(named) != 1
        or not next(iter(named)).startswith(_EVENTS)
    ):
        raise DeliveryDeferred("an event is not about this submission")
    uri, said = next(iter(named.items()))
    said = said if isinstance(said, dict) else {}
    problems = tuple(str(one.get("type", "")) for one in said.get("problems", ()) if isinstance(one, dict))
    return Event(uri.removeprefix(_EVENTS), who, said.get("authenticationTags") or {}, problems)


def _check(given: Mapping[str, Any], kid: str, *, alg: str, operation: str, what: str) -> None:
    if given.get("kid") != kid:
        raise DeliveryDeferred(f"{what} has another id than the one named")
    if given.get("kty") != "RSA" or given.get("alg") != alg or given.get("key_ops") != [operation]:
        raise DeliveryDeferred(f"{what} is none for {alg} and {operation} alone")
    try:
        bits = int.from_bytes(base64url_decode(given["n"])).bit_length()
    except (KeyError, TypeError, ValueError) as error:
        raise DeliveryDeferred(f"{what} cannot be read") from error
    if bits < _BITS or given.get("e") != "AQAB":
        raise DeliveryDeferred(f"{what} has {bits} bits, fewer than {_BITS}, or another exponent than AQAB")


def _check_chain(given: Mapping[str, Any], roots: Sequence[x509.Certificate]) -> None:
    """Whether the first certificate is of this key and the chain leads to a root; revocation is not asked."""
    try:
        chain = [x509.load_der_x509_certificate(_der(text)) for text in given.get("x5c", ())]
        if not chain:
            raise DeliveryDeferred("the destination's key has no certificate")
        numbers: Any = chain[0].public_key()
        if numbers.public_numbers().n != int.from_bytes(base64url_decode(given["n"])):
            raise DeliveryDeferred("the certificate is of another key")
        if not chain[0].extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment:
            raise DeliveryDeferred("the certificate is none for encryption")
        now = datetime.now(UTC)
        for number, certificate in enumerate(chain):
            if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
                raise DeliveryDeferred("a certificate of the destination's key is not valid now")
            if any(_issued(certificate, root) for root in roots):
                return
            if number + 1 == len(chain) or not _issued(certificate, chain[number + 1]):
                break
    except (ValueError, TypeError, AttributeError, x509.ExtensionNotFound) as error:
        raise DeliveryDeferred("the certificate of the destination's key cannot be read") from error
    raise DeliveryDeferred("the certificate of the destination's key leads to no root that is trusted")


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        ca = by.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return ca


def _der(text: str) -> bytes:
    return bytes(base64url_decode(text.replace("+", "-").replace("/", "_").rstrip("=")))
