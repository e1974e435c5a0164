"""What issuers say of their certificates now: OCSP answers and lists of revoked ones, fetched by the house's rules.

The addresses stand in certificates of the operator's own seal and time stamp. They are plain http nearly everywhere,
for what they answer is signed; so http is taken here, and public addresses alone unless the operator allows others.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from typing import Any

from asn1crypto import crl, ocsp, pem, x509
from pyhanko_certvalidator.authority import Authority
from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError
from pyhanko_certvalidator.fetchers import CertificateFetcher, CRLFetcher, Fetchers, OCSPFetcher
from pyhanko_certvalidator.fetchers.common_utils import (
    enumerate_delivery_point_urls,
    format_ocsp_request,
    process_ocsp_response_data,
)
from pyhanko_certvalidator.util import get_ocsp_urls, get_relevant_crl_dps

from formengine.errors import Unreachable
from formengine.outbound import Client


def fetchers(client: Client) -> Fetchers:
    """What pyHanko asks for revocation, all through *client*; certificates are never fetched."""
    return Fetchers(ocsp_fetcher=_Ocsp(client), crl_fetcher=_Crl(client), cert_fetcher=_NoCertificates())


class _Ocsp(OCSPFetcher):
    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[bytes, ocsp.OCSPResponse] = {}

    async def fetch(self, cert: Any, authority: Authority) -> ocsp.OCSPResponse:
        """The first answer of an address that the certificate names. Errors: OCSPFetchError."""
        key = cert.dump()
        if key in self._known:
            return self._known[key]
        question = format_ocsp_request(cert, authority, certid_hash_algo="sha1", request_nonces=True)
        for url in get_ocsp_urls(cert):
            answer = _asked(self._client, "POST", url, question.dump(), "application/ocsp-request")
            if answer is not None:
                self._known[key] = process_ocsp_response_data(answer, ocsp_request=question, ocsp_url=url)
                return self._known[key]
        raise OCSPFetchError("no OCSP answer")

    def fetched_responses(self) -> Iterable[ocsp.OCSPResponse]:
        """All that was fetched."""
        return list(self._known.values())

    def fetched_responses_for_cert(self, cert: Any) -> Iterable[ocsp.OCSPResponse]:
        """What was fetched for *cert*."""
        return [self._known[cert.dump()]] if cert.dump() in self._known else []


class _Crl(CRLFetcher):
    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[bytes, list[crl.CertificateList]] = {}

    async def fetch(self, cert: Any, *, use_deltas: Any = None) -> Iterable[crl.CertificateList]:
        """The lists at the addresses that the certificate names. Errors: CRLFetchError where there is none."""
        key = cert.dump()
        if key not in self._known:
            found = []
            for point in get_relevant_crl_dps(cert, use_deltas=bool(use_deltas)):
                for url in enumerate_delivery_point_urls(point):
                    answer = _asked(self._client, "GET", url)
                    if answer is not None:
                        der = pem.unarmor(answer)[2] if pem.detect(answer) else answer
                        found.append(crl.CertificateList.load(der))
            if not found:
                raise CRLFetchError("no list of revoked certificates")
            self._known[key] = found
        return self._known[key]

    def fetched_crls(self) -> Iterable[crl.CertificateList]:
        """All that was fetched."""
        return [one for found in self._known.values() for one in found]

    def fetched_crls_for_cert(self, cert: Any) -> Iterable[crl.CertificateList]:
        """What was fetched for *cert*."""
        return self._known[cert.dump()]


class _NoCertificates(CertificateFetcher):
    def fetch_cert_issuers(self, cert: Any) -> AsyncGenerator[x509.Certificate, None]:
        """None: the chain is the operator's to supply."""
        del cert
        return _nothing()

    def fetch_crl_issuers(self, certificate_list: Any) -> AsyncGenerator[x509.Certificate, None]:
        """None."""
        del certificate_list
        return _nothing()

    def fetched_certs(self) -> Iterable[x509.Certificate]:
        """None."""
        return ()


async def _nothing() -> AsyncGenerator[x509.Certificate, None]:
    none: tuple[x509.Certificate, ...] = ()
    for one in none:
        yield one


def _asked(client: Client, method: str, url: str, content: bytes = b"", kind: str = "") -> bytes | None:
    """What *url* answered, or None if it did not."""
    try:
        answer = client.request(method, url, headers={"Content-Type": kind} if kind else None, content=content)
    except Unreachable:
        return None
    return answer.body if answer.status == 200 else None
