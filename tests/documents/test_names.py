"""Names of many scripts, from the page to the document (ANS-05)."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from pathlib import Path
from unicodedata import bidirectional, normalize

import pypdf
import pytest
from pypdf.generic import ArrayObject, ByteStringObject, ContentStream, TextStringObject

from formengine.core import numbers
from formengine.core.lifecycle import Reference
from formengine.documents import fonts
from formengine.documents.rendering import Renderer
from tests.documents import din91379
from tests.documents.test_submissions import documents
from tests.promises.entering import Meant, Person, same
from tests.promises.site import make_app

NAMES = (
    "Олена Ґалаґан-Їжакевич", "Алексей Ёлкин", "Ђорђе Ћирић", "Γεώργιος Παπαδόπουλος", "محمد عبد الله الحسيني",
    "فاطمه زهرا پژوهش", "Nguyễn Thị Ánh Đặng", "Trần Hữu Ước", "ნინო გიორგაძე", "Þórður Ægisson", "Łukasz Żółć",
    "Šimůnek Dvořák", "Ağaoğlu Işık", "Mbuyaʼ Nʼdour", "O’Neill-Ó Súilleabháin", "K͟hālid Ḳ̄āsim",
)  # fmt: skip
LETTERS, SEQUENCES = din91379.LETTERS.split(), din91379.SEQUENCES.split()
GREEK_AND_CYRILLIC = din91379.GREEK_AND_CYRILLIC.split()
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "names": {"type": "array", "items": {"type": "string"}},
        "letters": {"type": "string", "maxLength": 5000},
    },
}
DOCUMENT = {
    "names": list(NAMES),
    "letters": "\n".join(" ".join(group) for group in (LETTERS, SEQUENCES, GREEK_AND_CYRILLIC)),
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, renderer: Renderer) -> tuple[str, bytes]:
    """What the pages showed of the answers, and the document; what is submitted is compared here."""
    site = make_app(tmp_path_factory.mktemp("names"), [("names", SCHEMA)])
    person = Person(site, "names")
    review = person.fill(Meant(DOCUMENT), person.begin())
    outcome = person.finish(review)
    assert outcome.document == DOCUMENT
    engine = site.extensions["formengine"].engine
    reference = Reference(person.get("/names/confirmation").reference)
    with engine.stores.opened_by(engine.authority).read() as work:
        submission = work.submissions.load(reference)
    assert numbers.loads(submission.payload) == DOCUMENT
    pdf = documents(renderer).render(submission, engine.forms.newest("names"))
    assert same(numbers.loads(pypdf.PdfReader(BytesIO(pdf)).attachments["application.json"][0]), DOCUMENT)
    return review.text, pdf


def test_ans_05_the_fonts_have_every_letter_of_din_91379() -> None:
    text = "".join((*LETTERS, *SEQUENCES, *GREEK_AND_CYRILLIC, *NAMES))
    assert fonts.showable(text) == text
    assert len("".join(LETTERS)) == 500


def test_ans_05_names_stand_on_the_page_as_they_were_typed(sent: tuple[str, bytes]) -> None:
    page = sent[0].replace("&#39;", "'")
    assert [name for name in NAMES if name not in page] == []
    assert [one for one in (*LETTERS, *SEQUENCES) if one not in page] == []


def test_ans_05_no_letter_of_the_document_lacks_its_glyph(sent: tuple[str, bytes]) -> None:
    reader = pypdf.PdfReader(BytesIO(sent[1]))
    shown = [glyph for page in reader.pages for glyph in _glyphs(page.get_contents())]
    assert len(shown) > 1500
    assert 0 not in shown


def test_ans_05_names_can_be_read_out_of_the_document(sent: tuple[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "names.pdf").write_bytes(sent[1])
    done = subprocess.run(["pdftotext", str(tmp_path / "names.pdf"), "-"], capture_output=True, text=True, check=True)
    read = _letters(done.stdout)
    latin = [name for name in NAMES if bidirectional(name[0]) != "AL"]
    arabic = ("محمد", "عبد", "فاطمه", "زهرا", "پژوهش")  # pdftotext turns the letters of one ligature around
    for text in (*latin, *arabic, *LETTERS, *GREEK_AND_CYRILLIC):
        assert _letters(text) in read, text
    assert not set("".join(SEQUENCES)) - set(read)  # marks over letters come out in another order
    used = subprocess.run(["pdffonts", str(tmp_path / "names.pdf")], capture_output=True, text=True, check=True)
    rows = used.stdout.splitlines()[2:]
    assert all(re.search(r" yes yes yes +\d+ +\d+$", row) for row in rows), (
        used.stdout
    )  # embedded, subset, with Unicode
    assert len(rows) >= 4


def _letters(text: str) -> str:
    """*text* in one form, without blanks and what steers direction."""
    return re.sub(r"[\s\u200e\u200f\u202a-\u202c\u2066-\u2069]", "", normalize("NFC", text))


def _glyphs(content: ContentStream | None) -> list[int]:
    """The numbers of all glyphs that *content* shows; 0 is what a font shows for a character that it lacks."""
    found: list[int] = []
    for operands, operator in content.operations if content is not None else ():
        if operator in {b"Tj", b"TJ"}:
            pieces = operands[0] if isinstance(operands[0], ArrayObject) else operands
            for piece in pieces:
                if isinstance(piece, ByteStringObject | TextStringObject):
                    raw = piece.original_bytes
                    found += [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    return found
