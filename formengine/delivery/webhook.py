"""The channel `webhook`: one https POST of a ZIP archive, signed with a shared secret.

The far side checks `Formengine-Signature: t=<unix time>,v1=<hex>`, the HMAC-SHA256 of `<t>.<idempotency key>.<body>`,
refuses what is older than some minutes, and takes each `Idempotency-Key` once (REL-06). The archive is the same
bytes at every attempt.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formengine import outbound
from formengine.delivery import channels
from formengine.errors import DeliveryDeferred, DeliveryRefused, Unreachable
from formengine.services.packing import archive
from formengine.services.ports import Parcel

_MAY_HEAL: Final = frozenset({401, 403, 404, 407, 408, 409, 421, 423, 425, 429})
_SECRET_BYTES: Final = 32
_RECEIPT: Final = re.compile(r"[A-Za-z0-9._:/-]{1,100}")


@dataclass(frozen=True, slots=True)
class Settings:
    """*url* takes the POST; *secret_file* holds the shared secret, 32 bytes at least.

    *ca_file* holds the roots to trust instead of the public ones; *allow_private* lets the name lead into a private
    network; *timeout_s* ends an attempt.
    """

    url: str
    secret_file: Path
    ca_file: Path | None = None
    allow_private: bool = False
    timeout_s: int = 120

    def __post_init__(self) -> None:
        outbound.check(self.url, allow_private=self.allow_private)


@channels.register("webhook")
class Webhook:
    """Delivers by one signed POST. Errors: ValueError if the secret is too short, OSError if it cannot be read."""

    takes_supplements = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._secret = settings.secret_file.read_bytes().strip()
        if len(self._secret) < _SECRET_BYTES:
            raise ValueError(f"the secret in {settings.secret_file} needs {_SECRET_BYTES} bytes at least (LOG-05)")

    def deliver(self, parcel: Parcel) -> str:
        """The reference, and what the far side gave as `Formengine-Receipt`."""
        body = archive(parcel.files)
        sent_at = int(time.time())
        headers = {
            "Content-Type": "application/zip",
            "Idempotency-Key": parcel.key,
            "Formengine-Reference": parcel.reference,
            "Formengine-Form": parcel.form,
            **({"Formengine-Supplement": parcel.supplement} if parcel.supplement else {}),
            "Formengine-Signature": f"t={sent_at},v1={signature(self._secret, sent_at, parcel.key, body)}",
        }
        own = self.settings
        try:
            with outbound.Client(allow_private=own.allow_private, ca_file=own.ca_file, total_s=own.timeout_s) as client:
                answer = client.request("POST", own.url, headers=headers, content=body)
        except Unreachable as error:
            raise DeliveryDeferred(str(error)) from error
        if 200 <= answer.status < 300:
            given = answer.headers.get("formengine-receipt", "")
            return f"{parcel.reference} {given}" if _RECEIPT.fullmatch(given) else parcel.reference
        if answer.status >= 500 or answer.status in _MAY_HEAL:
            raise DeliveryDeferred(f"the far side answered {answer.status}")
        raise DeliveryRefused(f"the far side answered {answer.status}")


def signature(secret: bytes, sent_at: int, key: str, body: bytes) -> str:
    """The HMAC-SHA256 in hex by which the far side knows the sender, the time and the content.

    Source: RFC 2104, FIPS 180-4.
    """
    return hmac.new(secret, f"{sent_at}.{key}.".encode() + body, hashlib.sha256).hexdigest()
