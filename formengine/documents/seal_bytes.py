"""Whether the bytes of a signature itself are as we write them.

A signature covers the file around it, but not its own container: there a byte may change and the mathematics
still hold. So the container is built anew from the parts that are proven, and compared.
"""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import algos, cms, core, x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature


def are_ours(pdf: bytes, signature: EmbeddedPdfSignature, proven: Iterable[x509.Certificate]) -> bool:
    """Whether the gap that the signature leaves holds exactly what we would have written there.

    *proven* are the certificates on the path to the root.
    """
    contents = bytes(signature.pkcs7_content)
    start, length, end, _ = (int(number) for number in signature.byte_range)
    if pdf[start + length : end] != b"<" + contents.hex().upper().encode() + b">":
        return False
    known = {certificate.dump() for certificate in proven}
    if any(choice.chosen.dump() not in known for choice in signature.signed_data["certificates"]):
        return False
    ours = tidy(cms.ContentInfo.load(contents)).dump()
    return contents.startswith(ours) and not any(contents[len(ours) :])


def tidy(container: cms.ContentInfo) -> cms.ContentInfo:
    """The container with this content, these certificates, this signature and its attributes, and nothing else, in DER.

    Only certificates that lead up from the signer's are kept.
    """
    data = container["content"]
    (info,) = data["signer_infos"]
    certificates = [choice.chosen for choice in data["certificates"] if choice.name == "certificate"]
    (signer,) = [one for one in certificates if _is_named(one, info["sid"])]
    digest = algos.DigestAlgorithm({"algorithm": info["digest_algorithm"]["algorithm"].native})
    members = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {
                "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                    {"issuer": signer.issuer, "serial_number": signer.serial_number}
                )
            }
        ),
        "digest_algorithm": digest,
        "signature_algorithm": _mechanism(info["signature_algorithm"]),
        "signed_attrs": cms.CMSAttributes.load(info["signed_attrs"].untag().dump()),
        "signature": info["signature"].native,
    }
    content = data["encap_content_info"]
    kind = content["content_type"].native
    if info["unsigned_attrs"].native is not None and kind == "data":  # the time stamp of the seal alone
        members["unsigned_attrs"] = cms.CMSAttributes.load(info["unsigned_attrs"].untag().dump())
    made = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1" if kind == "data" else "v3",
                    "digest_algorithms": cms.DigestAlgorithms((digest,)),
                    "encap_content_info": {"content_type": "data"}
                    if kind == "data"
                    else {"content_type": kind, "content": core.ParsableOctetString(bytes(content["content"]))},
                    "certificates": [
                        cms.CertificateChoices({"certificate": one}) for one in _upward(signer, certificates)
                    ],
                    "signer_infos": [cms.SignerInfo(members)],
                }
            ),
        }
    )
    tidied: cms.ContentInfo = cms.ContentInfo.load(made.dump(force=True))
    return tidied


def _is_named(certificate: x509.Certificate, sid: cms.SignerIdentifier) -> bool:
    if sid.name == "subject_key_identifier":
        return bool(certificate.key_identifier == sid.chosen.native)
    return bool(
        certificate.issuer == sid.chosen["issuer"] and certificate.serial_number == sid.chosen["serial_number"].native
    )


def _upward(signer: x509.Certificate, certificates: list[x509.Certificate]) -> list[x509.Certificate]:
    """The signer's certificate, then each issuer's that is at hand; every one once."""
    path = [signer]
    while path[-1].issuer != path[-1].subject:
        above = [one for one in certificates if one.subject == path[-1].issuer and one not in path]
        if not above:
            break
        path.append(above[0])
    return path


def _mechanism(algorithm: algos.SignedDigestAlgorithm) -> algos.SignedDigestAlgorithm:
    name = algorithm["algorithm"].native
    if name == "rsassa_pss":
        whole: algos.SignedDigestAlgorithm = algorithm.copy()
        return whole
    return algos.SignedDigestAlgorithm({"algorithm": name})
