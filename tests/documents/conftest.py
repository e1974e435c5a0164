"""One renderer, one test seal and one sealed document for all tests of a process: making them takes most of the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from formengine.documents.certificates import TestSeal, ensure_test_seal
from formengine.documents.rendering import Renderer
from formengine.documents.signers import Authority
from formengine.documents.signers.pades import Pades, Settings
from formengine.documents.verifying import Roots, load_roots
from tests.documents.authority import TrustCentre, trust_centre
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


@pytest.fixture(scope="session")
def centre() -> Iterator[TrustCentre]:
    """The trust centre of a seal with time stamps; who switches a fault on switches it off."""
    with trust_centre() as centre:
        yield centre


@pytest.fixture(scope="session")
def stamping(centre: TrustCentre, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("stamping")
    key = ec.generate_private_key(ec.SECP256R1())
    key_file = centre.key_file(folder, key, centre.issue("Siegel Musterstadt", key))
    return Settings(key_file, stamps=Authority(f"{centre.url}/tsa", centre.root_file(folder), allow_private=True))


@pytest.fixture(scope="session")
def known(stamping: Settings) -> Roots:
    """Who knows the trust centre's seals and stamps."""
    assert stamping.stamps is not None
    roots = load_roots([stamping.stamps.trust_file])
    return Roots(roots, roots)


@pytest.fixture(scope="session")
def stamped_pdf(plain_pdf: bytes, stamping: Settings) -> bytes:
    return Pades(stamping).sign(plain_pdf)


@pytest.fixture
def pdf_file(tmp_path: Path) -> Path:
    return tmp_path / "application.pdf"
