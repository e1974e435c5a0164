from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from formengine.documents.certificates import TestSeal, ensure_test_seal
from formengine.documents.rendering import Enclosure, Renderer
from formengine.documents.sealing import _ByKey
from formengine.documents.signers.pades import Pades
from formengine.documents.verdict import Readable, Trust
from formengine.documents.verifying import Roots, load_roots, verify
from tests.documents.samples import PAYLOAD, RECORD, sheet


@pytest.fixture(scope="session")
def roots(seal: TestSeal) -> Roots:
    return Roots(load_roots([seal.root]))


def test_a_sealed_application_holds(sealed_pdf: bytes, roots: Roots) -> None:
    verdict = verify(sealed_pdf, roots)
    assert verdict.holds
    assert verdict.trust is Trust.TEST
    assert verdict.reference == "7K3M-9QXA-2PD"
    assert {file.name: file.size_bytes for file in verdict.attachments} == {
        "application.json": len(PAYLOAD),
        "record.json": len(RECORD),
    }
    text = " ".join(verdict.sentences())
    assert "TEST-Zertifikat" in text
    assert "Nicht in Ordnung" not in text


@pytest.mark.slow
def test_every_changed_byte_is_found(sealed_pdf: bytes, roots: Roots) -> None:
    seal_at = sealed_pdf.rindex(b"/Contents <")
    places = [*range(0, len(sealed_pdf), 211), *range(seal_at, sealed_pdf.index(b">", seal_at) + 2, 97)]
    unchanged_by = [place for place in places if verify(_flipped(sealed_pdf, place), roots).holds]
    assert unchanged_by == []


def _flipped(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def test_what_was_appended_is_found(sealed_pdf: bytes, roots: Roots) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(sealed_pdf))
    writer.root["/Lang"] = generic.pdf_string("en")
    writer.update_root()
    appended = BytesIO()
    writer.write(appended)
    for pdf in (appended.getvalue(), sealed_pdf + b"% a comment\n"):
        verdict = verify(pdf, roots)
        assert verdict.intact
        assert not verdict.whole
        assert not verdict.holds
        assert any("angefügt" in sentence and "Nicht" in sentence for sentence in verdict.sentences())


def test_pages_that_were_replaced_by_an_update_are_found(sealed_pdf: bytes, renderer: Renderer, roots: Roots) -> None:
    """A shadow attack: the seal stays, an update lets the page show something else."""
    writer = IncrementalPdfFileWriter(BytesIO(sealed_pdf))
    reference = writer.root["/Pages"]["/Kids"].raw_get(0)
    page = reference.get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.mark_update(reference)
    shadowed = BytesIO()
    writer.write(shadowed)
    assert not verify(shadowed.getvalue(), roots).holds


def test_a_file_cut_back_to_what_lay_before_the_seal_does_not_hold(
    sealed_pdf: bytes, plain_pdf: bytes, roots: Roots
) -> None:
    assert sealed_pdf.startswith(plain_pdf[:1000])
    assert not verify(sealed_pdf[: sealed_pdf.index(b"%%EOF") + 5], roots).holds


def test_two_seals_are_not_ours(plain_pdf: bytes, signer: Pades, roots: Roots) -> None:
    pdf = plain_pdf
    for name in ("Siegel", "Zweites"):
        about = signers.PdfSignatureMetadata(field_name=name, subfilter=SigSeedSubFilter.PADES)
        pdf = signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), about, signer=_ByKey(signer._key)).getvalue()
    assert not verify(pdf, roots).holds


def test_swapped_attachments_are_found(sealed_pdf: bytes, roots: Roots) -> None:
    with pikepdf.open(BytesIO(sealed_pdf)) as pdf:
        pdf.attachments["application.json"].get_file()
        stream = pdf.Root.Names.EmbeddedFiles.Names[1].EF.F
        stream.write(PAYLOAD.replace(b"Olena", b"Olga"))
        changed = BytesIO()
        pdf.save(changed)
    assert not verify(changed.getvalue(), roots).holds


def test_data_that_was_not_received_is_found_even_under_a_good_seal(
    renderer: Renderer, signer: Pades, roots: Roots
) -> None:
    other = (Enclosure("application.json", "", b"{}"), Enclosure("record.json", "", RECORD))
    verdict = verify(signer.sign(renderer.render(sheet("<h1>A</h1>", enclosures=other))), roots)
    assert verdict.intact
    assert verdict.whole
    assert verdict.data_matches is False
    assert not verdict.holds


@pytest.mark.parametrize(
    "record",
    [b"", b"[]", b"{}", b'{"payload":1}', b"[" * 100_000, json.dumps({"payload": "00", "reference": "x"}).encode()],
)
def test_a_record_that_says_nothing_proves_nothing(
    renderer: Renderer, signer: Pades, roots: Roots, record: bytes
) -> None:
    files = (Enclosure("application.json", "", PAYLOAD), Enclosure("record.json", "", record))
    assert not verify(signer.sign(renderer.render(sheet("<h1>A</h1>", enclosures=files))), roots).holds


def test_a_pdf_without_seal_does_not_hold(plain_pdf: bytes, roots: Roots) -> None:
    verdict = verify(plain_pdf, roots)
    assert (verdict.readable, verdict.sealed, verdict.holds) == (Readable.YES, False, False)


def test_a_seal_of_somebody_else_is_not_ours(sealed_pdf: bytes, tmp_path: Path) -> None:
    other = ensure_test_seal(tmp_path, now=datetime.now(UTC))
    for roots in (Roots(load_roots([other.root])), Roots()):
        verdict = verify(sealed_pdf, roots)
        assert verdict.intact
        assert verdict.trust is Trust.UNKNOWN
        assert not verdict.holds


@pytest.mark.parametrize("junk", [b"", b"x", b"%PDF-1.7", b"%PDF-1.7\nstartxref\n0\n%%EOF"])
def test_junk_is_unreadable_and_never_raises(junk: bytes) -> None:
    verdict = verify(junk)
    assert verdict.readable is Readable.NO
    assert not verdict.holds
    assert verdict.sentences()


def test_a_cut_off_file_does_not_hold(sealed_pdf: bytes, roots: Roots) -> None:
    for share in (10, 50, 90, 99):
        assert not verify(sealed_pdf[: len(sealed_pdf) * share // 100], roots).holds
