"""Whether the bytes of the seal itself are as we write them.

A signature covers the file around it, but not its own container: there a byte may change and the mathematics
still hold. So the container is built anew from the parts that are proven, and compared.
"""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import algos, cms, x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature


def are_ours(pdf: bytes, seal: EmbeddedPdfSignature, proven: Iterable[x509.Certificate]) -> bool:
    """Whether the gap that the signature leaves holds exactly what we would have written there.

    *proven* are the certificates on the path to the root.
    """
    contents = bytes(seal.pkcs7_content)
    start, length, end, _ = (int(number) for number in seal.byte_range)
    if pdf[start + length : end] != b"<" + contents.hex().upper().encode() + b">":
        return False
    known = {certificate.dump() for certificate in proven}
    if any(choice.chosen.dump() not in known for choice in seal.signed_data["certificates"]):
        return False
    ours = _container(seal)
    return contents.startswith(ours) and not any(contents[len(ours) :])


def _container(seal: EmbeddedPdfSignature) -> bytes:
    """The container with these certificates, this signature and these signed attributes, in DER."""
    info, certificate = seal.signer_info, seal.signer_cert
    digest = algos.DigestAlgorithm({"algorithm": info["digest_algorithm"]["algorithm"].native})
    members = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {
                "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                    {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                )
            }
        ),
        "digest_algorithm": digest,
        "signature_algorithm": _mechanism(info["signature_algorithm"]["algorithm"].native),
        "signed_attrs": cms.CMSAttributes.load(info["signed_attrs"].untag().dump()),
        "signature": info["signature"].native,
    }
    if info["unsigned_attrs"].native is not None:
        members["unsigned_attrs"] = cms.CMSAttributes.load(info["unsigned_attrs"].untag().dump())
    container = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": cms.DigestAlgorithms((digest,)),
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [
                        cms.CertificateChoices({"certificate": choice.chosen})
                        for choice in seal.signed_data["certificates"]
                    ],
                    "signer_infos": [cms.SignerInfo(members)],
                }
            ),
        }
    )
    return bytes(container.dump(force=True))


def _mechanism(name: str) -> algos.SignedDigestAlgorithm:
    return algos.SignedDigestAlgorithm({"algorithm": name})
