"""The time stamp on a seal: what makes PAdES B-LTA of it (PDF-06), from a time-stamp authority that the operator names.

Decides which stamp is taken: one for this very document, by a certificate that leads to the operator's roots, of a
time that agrees with our clock. All that is needed to verify it years later is put into the file with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from asn1crypto import cms, tsp, x509
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext

from formengine import outbound
from formengine.documents import revocation, seal_bytes
from formengine.documents.signers import Authority
from formengine.documents.verifying import load_roots
from formengine.errors import ConfigError, NoTimeStamp, Unreachable
from formengine.outbound import Client

SKEW: Final = timedelta(minutes=5)
"""How far the authority's clock may be from ours."""
TOTAL_S: Final = 60.0
"""How long stamp and revocation may take together."""
BELOW_STAMP: Final = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
DSS: Final = DSSContentSettings(
    include_vri=False,
    placement=SigDSSPlacementPreference.TOGETHER_WITH_NEXT_TS,
    next_ts_settings=BELOW_STAMP,
)
"""Everything in one revision that the document's time stamp covers: nothing lies behind it."""


class Stamping:
    """Asks one time-stamp authority. Errors on making: ConfigError."""

    def __init__(self, authority: Authority) -> None:
        try:
            outbound.check(authority.url, allow_private=authority.allow_private)
            self.roots = load_roots([authority.trust_file])
        except (ValueError, OSError) as error:
            raise ConfigError(f"the time-stamp authority {authority.url}: {error}") from error
        self._authority = authority
        self._dummies: dict[str, cms.ContentInfo] = {}

    @contextmanager
    def client(self) -> Iterator[Client]:
        """The connection for one document. What fails there lets go of what was remembered of the authority."""
        own = self._authority
        try:
            with Client(allow_private=own.allow_private, ca_file=own.ca_file, total_s=TOTAL_S) as client:
                yield client
        except BaseException:
            self._dummies.clear()
            raise

    def stamper(self, client: Client) -> TimeStamper:
        """What pyHanko asks for stamps; how long an answer is and by whom, is asked once and not for each document."""
        return _Stamper(self._authority.url, client, self._dummies)

    def context(self, client: Client, roots: tuple[x509.Certificate, ...]) -> ValidationContext:
        """What validates the seal's certificate, which leads to *roots*, and the stamp's, and keeps the proof of it."""
        return ValidationContext(
            trust_roots=[*roots, *self.roots],
            fetchers=revocation.fetchers(client),
            allow_fetching=True,
            revocation_mode="hard-fail",
        )


class _Stamper(TimeStamper):
    def __init__(self, url: str, client: Client, dummies: dict[str, cms.ContentInfo]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko's
        self._url = url
        self._client = client
        self._kept = dummies
        for algorithm, token in dummies.items():
            super()._register_dummy(algorithm, token)  # type: ignore[no-untyped-call]  # pyHanko's

    def _register_dummy(self, md_algorithm: str, dummy: cms.ContentInfo) -> None:
        super()._register_dummy(md_algorithm, dummy)  # type: ignore[no-untyped-call]  # pyHanko's
        self._kept[md_algorithm] = dummy

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """What the authority answers. Errors: NoTimeStamp."""
        try:
            answer = self._client.request(
                "POST",
                self._url,
                headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
                content=req.dump(),
            )
        except Unreachable as error:
            raise NoTimeStamp(f"the time-stamp authority: {error}") from error
        if answer.status != 200:
            raise NoTimeStamp(f"the time-stamp authority answered {answer.status}")
        response: tsp.TimeStampResp = tsp.TimeStampResp.load(answer.body)
        return response

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token for this digest, of now, in the one form that is verified. Errors: NoTimeStamp."""
        try:
            token: cms.ContentInfo = await super().async_timestamp(message_digest, md_algorithm)
            info = token["content"]["encap_content_info"]["content"].parsed
            at = info["gen_time"].native
            stamped = bytes(info["message_imprint"]["hashed_message"].native)
            token = seal_bytes.tidy(token)
        except NoTimeStamp:
            raise
        except Exception as error:
            raise NoTimeStamp(f"the time-stamp authority sent no stamp: {type(error).__name__}") from error
        if stamped != message_digest:
            raise NoTimeStamp("the time-stamp authority stamped something else")
        if abs(at - datetime.now(UTC)) > SKEW:
            raise NoTimeStamp("the time-stamp authority's clock is not ours")
        if md_algorithm in self._kept and _signer(self._kept[md_algorithm]) != _signer(token):
            raise NoTimeStamp(
                "the time-stamp authority has another certificate than before"
            )  # the proof was of that one
        return token


def _signer(token: cms.ContentInfo) -> bytes:
    """Whose certificate a token names."""
    (info,) = token["content"]["signer_infos"]
    named: bytes = info["sid"].chosen.dump()
    return named
