"""Documents of every shape conform once sealed (PDF-10), and what was submitted can be read from them (PDF-05)."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.core.answers import Answers
from formengine.core.applying import Role, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Submission
from formengine.documents import layout
from formengine.documents.paper import Group
from formengine.documents.rendering import Renderer
from formengine.documents.signers.pades import Pades
from formengine.documents.submissions import DocumentRenderer
from formengine.i18n.catalogues import Catalogues
from tests.documents import verapdf
from tests.documents.applications import PROOFS, ROOT, education, implied, persona, submission
from tests.promises.cases import TODAY, Case, corpus

_SHOWN_OTHERWISE = {"pattern", "contentMediaType"}  # dates, which are written out, and files
CATALOGUES = Catalogues(ROOT / "translations")
MANY = [{**PROOFS[n % 3], "id": f"p{n}", "title": f"Nachweis {n}"} for n in range(30)]
LONG = {
    "type": "object",
    "title": "Antrag",
    "properties": {
        "story": {"type": "string", "title": "Was ist passiert?"},
        "payer": {"type": "object", "title": "Wer zahlt", "properties": {"name": {"type": "string"}}},
        "more": {"type": "array", "title": "Weiteres", "items": {"type": "string"}},
    },
}


def shape(name: str) -> tuple[Submission, FormDefinition]:
    if name == "long":
        form = implied(json.dumps(LONG))
        answers = {"story": "Ein Satz.\n" * 40, "payer": {"name": "Anton"}, "more": ["a", "b"]}
        return submission(form, answers), form
    return submission(education(), persona(), language=name, proofs=MANY), education()


@pytest.mark.parametrize("name", ["en", "ar", "long"])  # German: test_submissions
def test_pdf_10_documents_conform_in_every_language_with_thirty_proofs_and_long_answers(
    renderer: Renderer, signer: Pades, pdf_file: Path, name: str
) -> None:
    sent, form = shape(name)
    pdf = DocumentRenderer([], CATALOGUES, seal="test", renderer=renderer).render(sent, form)
    pdf_file.write_bytes(signer.sign(pdf))
    assert verapdf.failures(pdf_file, "3a") == []
    assert verapdf.failures(pdf_file, "ua1") == []


@pytest.mark.parametrize("language", ["de", "en", "ar"])
def test_pdf_10_documents_with_no_answer_with_one_and_with_hundreds_conform_in_every_language(
    renderer: Renderer, signer: Pades, pdf_file: Path, language: str
) -> None:
    hundreds = next(case for case in corpus() if case.name == "three-hundred")
    sizes = [
        (education(), {}, ()),
        (education(), {"applicant": {"givenName": "Mariam"}}, ()),
        (implied(json.dumps(hundreds.schema)), hundreds.valid[1], MANY),
    ]
    maker = DocumentRenderer([], CATALOGUES, seal="test", renderer=renderer)
    for form, answers, proofs in sizes:
        pdf_file.write_bytes(
            signer.sign(maker.render(submission(form, answers, language=language, proofs=proofs), form))
        )
        assert [verapdf.failures(pdf_file, flavour) for flavour in ("3a", "ua1")] == [[], []]


def told(groups: tuple[Group, ...]) -> Iterator[str]:
    for group in groups:
        yield from (f"{row.label.de} {row.value.de}" for row in group.rows)
        yield from told(group.groups)


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def given(form: FormDefinition, document: object) -> Iterator[str]:
    """The answers that stand on paper as they stand in JSON: words of the applicant's own, and whole numbers."""
    for one in evaluate(form, Answers(document), TODAY).asked:
        plain = one.role is Role.VALUE and one.question.options is None and not one.question.keywords.get("format")
        if plain and isinstance(one.value, str) and not _SHOWN_OTHERWISE & one.question.keywords.keys():
            yield one.value
        elif plain and isinstance(one.value, int) and not isinstance(one.value, bool) and 0 <= one.value < 1000:
            yield str(one.value)


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.name)
def test_pdf_05_every_answer_of_the_corpus_stands_in_its_document(case: Case) -> None:
    form = implied(json.dumps(case.schema))
    maker = DocumentRenderer([], Catalogues(), seal="none")
    for document in case.valid:
        text = bare("\n".join(told(maker.paper(submission(form, document), form).groups)))
        assert [one for one in given(form, document) if bare(one) not in text] == []


@pytest.mark.parametrize("name", ["lists-in-lists", "tuples", "free-keys-of-objects"])
def test_pdf_05_every_row_of_a_document_can_be_extracted(renderer: Renderer, pdf_file: Path, name: str) -> None:
    case = next(case for case in corpus() if case.name == name)
    form = implied(json.dumps(case.schema))
    maker = DocumentRenderer([], Catalogues(), seal="none", renderer=renderer)
    sent = submission(form, case.valid[-1])
    paper = maker.paper(sent, form)
    assert layout.html(paper)
    pdf_file.write_bytes(maker.render(sent, form))
    done = subprocess.run(["pdftotext", "-raw", str(pdf_file), "-"], capture_output=True, text=True, check=True)
    assert [row for row in told(paper.groups) if bare(row) not in bare(done.stdout)] == []
