from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pytest
import segno

from formengine.core import numbers
from formengine.core.definition import FormDefinition
from formengine.documents.certificates import TestSeal
from formengine.documents.paper import Group, Paper, Row, State
from formengine.documents.rendering import Limits, Renderer
from formengine.documents.signers.pades import Pades
from formengine.documents.submissions import DocumentRenderer
from formengine.documents.verifying import Roots, load_roots, verify
from formengine.errors import RenderingError
from formengine.i18n.catalogues import Catalogues
from tests.documents import verapdf
from tests.documents.applications import (
    ARABIC,
    ARABIC_FORM,
    PROOFS,
    REFERENCE,
    catalogues,
    education,
    implied,
    persona,
    submission,
)


@dataclass(frozen=True)
class Authority:
    name: str = "Jobcenter Musterstadt"
    street: str = "Beispielweg 1"
    place: str = "00000 Musterstadt"


@dataclass(frozen=True)
class Tenant:
    id: str = "musterstadt"
    origin: str = ""
    authority: Authority = Authority()


@pytest.fixture(scope="module")
def form() -> FormDefinition:
    return education()


def documents(renderer: Renderer, found: Catalogues | None = None, *, seal: str = "test") -> DocumentRenderer:
    return DocumentRenderer([Tenant()], found or Catalogues(), seal=seal, renderer=renderer, again=renderer)


def rows(groups: tuple[Group, ...]) -> Iterator[Row]:
    for group in groups:
        yield from group.rows
        yield from rows(group.groups)


def text_of(pdf: bytes, folder: Path) -> str:
    """All text of the pages, by poppler, white space made one blank."""
    path = folder / "text.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", done.stdout)


def test_the_document_holds_and_conforms_and_carries_the_stored_bytes(
    renderer: Renderer, signer: Pades, seal: TestSeal, form: FormDefinition, pdf_file: Path
) -> None:
    sent = submission(form, persona(), proofs=PROOFS)
    maker = documents(renderer)
    pdf = maker.render(sent, form)
    assert maker.render(sent, form) == pdf
    sealed = signer.sign(pdf)
    pdf_file.write_bytes(sealed)
    assert verapdf.failures(pdf_file, "3a") == []
    assert verapdf.failures(pdf_file, "ua1") == []
    assert dict(pypdf.PdfReader(BytesIO(sealed)).attachments) == {
        "application.json": [sent.payload],
        "record.json": [sent.record],
    }
    verdict = verify(sealed, Roots(load_roots([seal.root])))
    assert verdict.holds
    assert verdict.reference == sent.reference
    assert {file.sha512 for file in verdict.attachments} >= {sent.sha512}


def test_every_answer_and_what_was_received_when_can_be_read(
    renderer: Renderer, form: FormDefinition, tmp_path: Path
) -> None:
    text = text_of(documents(renderer).render(submission(form, persona(), proofs=PROOFS), form), tmp_path)
    for said in (
        "7K3M-9QXA-2PD",
        "Eingegangen am 22. November 2026 um 14:35 Uhr (MEZ)",
        "Jobcenter Musterstadt",
        "Leistungen für Bildung und Teilhabe",
        "bildung-und-teilhabe, Fassung 2026.3.0",
        "Mariam", "Çelik", "17. Mai 1994", "Lindenstraße", "12a", "Hinterhaus", "04109", "mariam.celik@example.org",
        "Geld vom Jobcenter (SGB II)", "12345//0001234", "Elif Çelik (1 von 2)", "Jonas Çelik (2 von 2)",
        "9. März 2017", "Schullandheim Waldsee", "19. April 2027", "245,50 €", "(vom Onlinedienst berechnet)", "4,20 €",
        "3,75 €", "DE27 1203 0000 1000 0000 01",
        "nicht beantwortet", "nicht angekreuzt",
        "elternbrief 1.jpg (340 KB)", "wird nachgereicht", "Begründung: Die Kita ist bis Januar zu.",
        "1 beigefügt, 1 wird nachgereicht, 1 nicht vorhanden",
        "22. November 2026, 14:34 Uhr", "nicht erteilt",
        "Elektronisches Siegel des Onlinedienstes", "Seite 1 von",
        "TEST: Das Siegel beruht auf einem selbst erzeugten Testzertifikat",
    ):  # fmt: skip
        assert said in text, said
    assert "Es ist keine Unterschrift der antragstellenden Person" in text


def test_not_asked_is_told_apart_from_not_answered(renderer: Renderer, form: FormDefinition) -> None:
    paper = documents(renderer).paper(submission(form, persona()), form)
    blank = [row.label.de for row in rows(paper.groups) if row.state is State.UNANSWERED]
    assert "IBAN der Schule oder Kita" in blank
    children = next(group for group in paper.groups if group.title.de == "Kinder und Jugendliche")
    elif_, jonas = children.groups
    assert any("Nachhilfe" in title.de for title in elif_.omitted)
    assert not any("Mittagessen" in title.de for title in elif_.omitted)
    assert any("Fahrt von Jonas" in title.de for title in jonas.omitted)


def test_every_page_says_which_application_it_is_and_that_it_is_a_test(
    renderer: Renderer, form: FormDefinition
) -> None:
    reader = pypdf.PdfReader(BytesIO(documents(renderer).render(submission(form, persona()), form)))
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert "7K3M-9QXA-2PD" in text
        assert f"Seite {number} von {len(reader.pages)}" in text
        assert "TEST" in text


@pytest.mark.parametrize(
    ("seal", "says"), [("sealed", "trägt das elektronische Siegel"), ("none", "trägt kein elektronisches Siegel")]
)
def test_the_document_claims_the_seal_that_it_gets(
    renderer: Renderer, form: FormDefinition, tmp_path: Path, seal: str, says: str
) -> None:
    text = text_of(documents(renderer, seal=seal).render(submission(form, persona()), form), tmp_path)
    assert says in text
    assert "TEST" not in text
    assert ("Elektronisches Siegel des Onlinedienstes" in text) is (seal == "sealed")


def test_another_language_stands_beside_german(
    renderer: Renderer, signer: Pades, form: FormDefinition, pdf_file: Path
) -> None:
    document = persona()
    document["applicant"]["givenName"] = "مريم"
    found = catalogues("ar", ARABIC, ARABIC_FORM)
    pdf = signer.sign(documents(renderer, found).render(submission(form, document, language="ar", proofs=PROOFS), form))
    pdf_file.write_bytes(pdf)
    assert verapdf.failures(pdf_file, "3a") == []
    assert verapdf.failures(pdf_file, "ua1") == []
    fonts = subprocess.run(["pdffonts", str(pdf_file)], capture_output=True, text=True, check=True).stdout
    assert "IBM-Plex-Sans-Arabic" in fonts
    assert {line.partition("+")[2].split()[0] for line in fonts.splitlines()[2:]} <= {
        "Fira-Sans", "Fira-Sans-Bold", "IBM-Plex-Sans-Arabic", "IBM-Plex-Sans-Arabic-Bold",
    }  # fmt: skip
    paper = documents(renderer, found).paper(submission(form, document, language="ar"), form)
    name = next(row for row in rows(paper.groups) if row.label.de == "Vorname")
    assert name.label.other == "الاسم الأول"
    assert (name.value.de, name.value.other) == ("مريم", "")
    born = next(row for row in rows(paper.groups) if row.label.de == "Ihr Geburtsdatum")
    assert born.value.de == "17. Mai 1994"
    assert "1994" in born.value.other
    assert paper.direction == "rtl"


def test_easy_german_is_german(renderer: Renderer, form: FormDefinition) -> None:
    paper = documents(renderer).paper(submission(form, persona(), language="de-x-ls"), form)
    assert paper.language == ""
    assert not any(row.label.other for row in rows(paper.groups))


def test_summer_time_is_said(renderer: Renderer, form: FormDefinition) -> None:
    sent = submission(form, persona(), at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    paper = documents(renderer).paper(sent, form)
    assert (paper.received_day, paper.received_time) == ("Eingegangen am 2. Juli 2026", "um 00:30 Uhr (MESZ)")


def test_a_warning_of_the_record_is_shown(renderer: Renderer, form: FormDefinition, tmp_path: Path) -> None:
    message = "Wir zahlen meistens nur die Fahrt zur nächsten Schule. Den Antrag können Sie trotzdem stellen"
    sent = submission(form, persona(), warnings=[{"at": "/children/0/transport/nearestSchool", "message": message}])
    text = text_of(documents(renderer).render(sent, form), tmp_path)
    assert "Hinweise aus der Prüfung" in text
    assert message in text


MARKUP = (
    '</td></table><script>x</script><style>* { color: red }</style><img src="http://127.0.0.1:9/x">{{ 7 * 7 }}&amp;'
)


def test_markup_in_an_answer_is_text(renderer: Renderer, form: FormDefinition, tmp_path: Path) -> None:
    document = persona()
    document["applicant"]["address"]["street"] = MARKUP[:90]
    document["children"][0]["familyName"] = MARKUP[90:]
    text = text_of(documents(renderer).render(submission(form, document), form), tmp_path)
    assert MARKUP[:20] in text
    assert "{{ 7 * 7 }}&amp;" in text.replace("{{ 7 *7", "{{ 7 * 7")


STORY = '{"type": "object", "properties": {"story": {"type": "string"}, "more": {"type": "array", "items": {"type": "string"}}}}'


@pytest.mark.parametrize(
    "answer", ["Zeile\n" * 20_000, "x" * 20_000, "wort " * 40_000, "\n" * 20_000 + "Ende", "مرحبا " * 20_000]
)
def test_one_huge_answer_is_cut_and_the_whole_is_attached(renderer: Renderer, answer: str) -> None:
    form = implied(STORY)
    sent = submission(form, {"story": answer})
    pdf = documents(renderer).render(sent, form)
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert len(reader.pages) <= 12
    assert "gekürzt" in "".join(page.extract_text() for page in reader.pages)
    assert json.loads(reader.attachments["application.json"][0])["story"] == answer


def test_each_of_three_hundred_answers_stands_in_the_document(renderer: Renderer) -> None:
    form = implied(STORY)
    sent = submission(form, {"story": "a", "more": [f"Antwort {number}" for number in range(300)]})
    pdf = documents(renderer).render(sent, form)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)
    assert all(f"Antwort {number}" in text for number in range(300))


@pytest.mark.parametrize(
    ("schema", "document", "says"),
    [
        ('{"type": "string", "title": "Wurzel"}', "ein Wert", ["ein Wert"]),
        ('{"type": "array", "items": {"type": "integer"}}', [3, 41], ["3", "41"]),
        (
            '{"type": "object", "additionalProperties": {"type": "integer"}}',
            {"Äpfel": 3, "17": 4},
            ["Äpfel", "3", "17", "4"],
        ),
        (
            '{"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["integer", "boolean"]}}}',
            {"a": None, "b": True},
            ["Weiß ich nicht", "Ja"],
        ),
        (
            '{"type": "object", "properties": {"t": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}}}',
            {"t": ["eins", 2]},
            ["eins", "2"],
        ),
        (
            '{"type": "object", "properties": {"l": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}, "m": {"type": "array", "items": {"type": "object", "properties": {"z": {"type": "number"}}}}}}}}}',
            {"l": [{"n": "Anton", "m": [{"z": 1}, {"z": 2.5}]}, {"n": "Berta"}]},
            ["Anton", "Berta", "2,5", "Eintrag 2 (2 von 2)"],
        ),
        (
            '{"type": "object", "oneOf": [{"title": "Erste", "properties": {"x": {"type": "string"}}, "required": ["x"]}, {"title": "Zweite", "properties": {"y": {"type": "boolean"}}, "required": ["y"]}]}',
            {"y": False},
            ["Zweite", "Nein"],
        ),
    ],
)
def test_any_schema_has_a_document(
    renderer: Renderer, signer: Pades, pdf_file: Path, schema: str, document: object, says: list[str]
) -> None:
    form = implied(schema)
    pdf = documents(renderer).render(submission(form, numbers.loads(json.dumps(document))), form)
    text = text_of(pdf, pdf_file.parent)
    assert [said for said in says if said not in text] == []
    pdf_file.write_bytes(signer.sign(pdf))
    assert verapdf.failures(pdf_file, "ua1") == []


class Failing(Renderer):
    """Fails for the first sheets with the given codes, then renders."""

    def __init__(self, real: Renderer, codes: list[str]) -> None:
        super().__init__(Limits())
        self.real, self.codes, self.tries = real, codes, 0

    def render(self, sheet: object) -> bytes:
        self.tries += 1
        if self.codes:
            raise RenderingError(self.codes.pop(0))
        return self.real.render(sheet)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("codes", "tries", "plain"), [(["died"], 2, False), (["time", "died"], 3, True), (["pages"], 2, True)]
)
def test_what_cannot_be_made_is_tried_again_and_then_made_plainly(
    renderer: Renderer, signer: Pades, form: FormDefinition, pdf_file: Path, codes: list[str], tries: int, plain: bool
) -> None:
    failing = Failing(renderer, codes)
    pdf = documents(failing).render(submission(form, persona(), proofs=PROOFS), form)
    assert failing.tries == tries
    pdf_file.write_bytes(signer.sign(pdf))
    assert verapdf.failures(pdf_file, "3a") == []
    assert verapdf.failures(pdf_file, "ua1") == []
    text = text_of(pdf, pdf_file.parent)
    assert ("Vereinfachte Ansicht" in text) is plain
    assert "Schullandheim Waldsee" in text


def test_f_06_what_takes_too_long_is_made_by_another_child_that_holds_up_nobody(
    renderer: Renderer, form: FormDefinition
) -> None:
    hasty = Renderer(Limits(wall_s=0.001))
    made = DocumentRenderer([Tenant()], Catalogues(), seal="test", renderer=hasty, again=renderer).render(
        submission(form, persona(), proofs=PROOFS), form
    )
    assert made == documents(renderer).render(submission(form, persona(), proofs=PROOFS), form)


def test_what_cannot_be_made_plainly_either_is_an_error(renderer: Renderer, form: FormDefinition) -> None:
    with pytest.raises(RenderingError):
        documents(Failing(renderer, ["died"] * 3)).render(submission(form, persona()), form)


def test_what_the_document_does_not_show_is_reported(
    renderer: Renderer, form: FormDefinition, caplog: pytest.LogCaptureFixture
) -> None:
    sent = submission(form, persona())
    more = sent.payload[:-1] + b',"unknown":"GEHEIM"}'
    documents(renderer).paper(replace(sent, payload=more, sha512=hashlib.sha512(more).hexdigest()), form)
    assert any("does not show all" in message for message in caplog.messages)
    assert "GEHEIM" not in caplog.text


def test_no_web_process_loads_the_renderer_or_the_signer() -> None:
    program = (
        "import sys, formengine.documents.submissions, formengine.documents.certificates; "
        "print([m for m in ('weasyprint', 'pyhanko', 'fontTools', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_paper_is_a_value(renderer: Renderer, form: FormDefinition) -> None:
    maker = documents(renderer)
    first, second = (maker.paper(submission(form, persona()), form) for _ in range(2))
    assert isinstance(first, Paper)
    assert first == second


def test_every_page_leads_to_where_the_document_is_checked(renderer: Renderer, tmp_path: Path) -> None:
    """Issue 5: a QR code on each page, read off the drawn page module by module; it is said in words once."""
    made = DocumentRenderer(
        [Tenant()], Catalogues(), seal="test", origin="https://antrag.example", renderer=renderer, again=renderer
    )
    form = education()
    pdf = tmp_path / "application.pdf"
    pdf.write_bytes(made.render(submission(form, persona()), form))
    address = f"https://antrag.example/verify?reference={REFERENCE}"
    matrix = [bytes(row) for row in segno.make(address, micro=False, error="l").matrix]
    subprocess.run(["pdftoppm", "-r", "300", "-gray", pdf, tmp_path / "page"], check=True)
    pictures = sorted(tmp_path.glob("page-*.pgm"))
    assert len(pictures) > 2
    for picture in pictures:
        assert _modules(picture, len(matrix)) == matrix
    with pikepdf.open(pdf) as opened:
        found = [one for one in opened.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"]
        assert {str(one.Alt) for one in found} == {"QR-Code: führt zur Seite, auf der man dieses Dokument prüfen kann"}
    assert address in text_of(pdf.read_bytes(), tmp_path)
    for flavour in ("3a", "ua1"):
        assert verapdf.failures(pdf, flavour) == []


def _modules(picture: Path, size: int) -> list[bytes]:
    """The modules of the code in the upper right corner of a grey page of 300 dots an inch."""
    _, dimensions, _, dots = picture.read_bytes().split(b"\n", 3)
    width = int(dimensions.split()[0])
    left, top, module = (mm / 25.4 * 300 for mm in (192.0, 5.0, 13.0 / size))
    return [
        bytes(
            int(dots[int(top + (y + 0.5) * module) * width + int(left + (x + 0.5) * module)] < 128) for x in range(size)
        )
        for y in range(size)
    ]
