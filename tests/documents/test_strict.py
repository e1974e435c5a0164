"""The strict validation of ETSI EN 319 102-1, offline: today, and when every certificate has ended (PDF-06, PDF-07).

It builds the path of the past from the file alone, with a proof of existence for all that it uses.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from formengine.documents.signers.pades import Pades, Settings
from formengine.documents.verifying import Roots
from tests.documents.authority import TrustCentre


def strictly(pdf: bytes, known: Roots) -> list[object]:
    """What is found today, and in ten years."""
    revocation = CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require"), freshness=timedelta(days=4000))
    seals, stamps = (
        CertValidationPolicySpec(SimpleTrustManager.build(trust_roots=list(roots)), revinfo_policy=revocation)
        for roots in (known.seals, known.stamps)
    )
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            seals,
            ts_cert_validation_policy=stamps,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
            key_usage_settings=KeyUsageConstraints(key_usage={"digital_signature"}),
        )
    )

    async def both() -> list[object]:
        later = datetime.now(UTC) + timedelta(days=3600)
        today = await ades_lta_validation(_seal(pdf), spec)
        then = await simulate_future_ades_lta_validation(_seal(pdf), spec, future_validation_time=later)
        return [today.ades_subindic, then.ades_subindic]

    return asyncio.run(both())


def _seal(pdf: bytes):
    (seal,) = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    return seal


@pytest.mark.parametrize("way", ["ocsp", "crl"])
def test_a_stamped_seal_is_valid_today_and_when_all_certificates_have_ended(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, known: Roots, tmp_path: Path, way: str
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    key_file = centre.key_file(tmp_path, key, centre.issue("Siegel Musterstadt", key, way=way))
    pdf = Pades(Settings(key_file, stamps=stamping.stamps)).sign(plain_pdf)
    assert strictly(pdf, known) == [AdESPassed.OK, AdESPassed.OK]


def test_of_one_stamped_later_this_library_asks_for_a_stamp_in_the_seal_and_for_nothing_else(
    stamping: Settings, plain_pdf: bytes, known: Roots
) -> None:
    """PDF-07. EN 319 142-1 takes a document's time stamp for one in the seal; pyHanko's strict validation does not yet.

    That it holds by the document's time stamp, with what the issuers said in the file, is in `test_stamping`.
    """
    signer = Pades(stamping)
    pdf = signer.stamp(signer.sign_unstamped(plain_pdf))
    assert strictly(pdf, known) == [AdESIndeterminate.SIG_CONSTRAINTS_FAILURE] * 2


def test_without_proof_of_what_was_revoked_it_is_not(stamping: Settings, plain_pdf: bytes, known: Roots) -> None:
    pdf = Pades(stamping).sign_unstamped(plain_pdf)
    assert AdESPassed.OK not in strictly(pdf, known)
