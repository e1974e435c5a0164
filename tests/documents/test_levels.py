"""Documents of every size with a time stamp (B-LTA) keep PDF/A-3a and PDF/UA-1, by veraPDF (PDF-10).

Those without one are walked in every language by `test_conforming.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from formengine.documents.rendering import Renderer
from formengine.documents.signers.pades import Pades, Settings
from formengine.documents.submissions import DocumentRenderer
from formengine.documents.verdict import Finding
from formengine.documents.verifying import Roots, verify
from formengine.i18n.catalogues import Catalogues
from tests.documents import verapdf
from tests.documents.applications import PROOFS, implied, submission
from tests.documents.test_submissions import Tenant

LIST = {"type": "array", "items": {"type": "string"}}
SCHEMA = json.dumps({"title": "Antrag", "type": "object", "properties": {"story": {"type": "string"}, "more": LIST}})
THIRTY = [
    {**PROOFS[0], "files": [{**PROOFS[0]["files"][0], "path": f"proofs/{n}.jpg"}]}  # type: ignore[index, call-overload]
    for n in range(30)
]


@pytest.mark.parametrize(
    ("answers", "proofs"),
    [
        ({}, []),
        ({"story": "a"}, []),
        ({"story": "a", "more": [f"Antwort {number}" for number in range(299)]}, THIRTY),
    ],
    ids=["0", "1", "300-and-30-proofs"],
)
def test_stamped_documents_of_every_size_keep_both_standards(
    renderer: Renderer,
    stamping: Settings,
    known: Roots,
    tmp_path: Path,
    answers: dict[str, object],
    proofs: list[object],
) -> None:
    form = implied(SCHEMA)
    made = DocumentRenderer(
        [Tenant()], Catalogues(), seal="sealed", origin="https://antrag.example", renderer=renderer, again=renderer
    )
    plain = made.render(submission(form, answers, proofs=proofs), form)  # type: ignore[arg-type]
    stamped = Pades(stamping).sign(plain)
    file = tmp_path / "stamped.pdf"
    file.write_bytes(stamped)
    assert [verapdf.failures(file, flavour) for flavour in ("3a", "ua1")] == [[], []]
    assert verify(stamped, known).finding is Finding.VALID
