"""One renderer, one test seal and one sealed document for all tests of a process: making them takes most of the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from formengine.documents.certificates import TestSeal, ensure_test_seal
from formengine.documents.rendering import Renderer
from formengine.documents.signers.pades import Pades, Settings
from tests.documents.samples import sheet


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    renderer = Renderer()
    yield renderer
    renderer.close()


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> TestSeal:
    return ensure_test_seal(tmp_path_factory.mktemp("seal"), now=datetime.now(UTC))


@pytest.fixture(scope="session")
def signer(seal: TestSeal) -> Pades:
    return Pades(Settings(seal.key_file))


@pytest.fixture(scope="session")
def plain_pdf(renderer: Renderer) -> bytes:
    return renderer.render(
        sheet(
            '<h1>Antrag</h1><table><tr><th scope="row">Vorname</th><td>Olena Привет Ελλάδα</td></tr>'
            '<tr><th scope="row">Name</th><td dir="rtl" lang="ar">مرحبا</td></tr></table>'
        )
    )


@pytest.fixture(scope="session")
def sealed_pdf(plain_pdf: bytes, signer: Pades) -> bytes:
    return signer.sign(plain_pdf)


@pytest.fixture
def pdf_file(tmp_path: Path) -> Path:
    return tmp_path / "application.pdf"
