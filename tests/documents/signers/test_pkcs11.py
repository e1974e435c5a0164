"""The key on a token: SoftHSM2, which is the real interface without the metal (PDF-09, F-07)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from formengine.documents.signers.pkcs11 import Pkcs11, Settings
from formengine.documents.verdict import Trust
from formengine.documents.verifying import Roots, load_roots, verify
from formengine.errors import ConfigError, SigningError
from tests.documents.authority import PEM, TrustCentre
from tests.documents.tokens import MODULE, PIN, token


@pytest.fixture(scope="session")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with token(tmp_path_factory.mktemp("hsm")) as folder:
        yield folder


def settings(hsm: Path, centre: TrustCentre, name: str) -> Settings:
    key = serialization.load_pem_private_key((hsm / f"{name}.pem").read_bytes(), None)
    certificate = hsm / f"{name}.crt"
    certificate.write_bytes(
        centre.issue("Siegel Musterstadt", key).public_bytes(PEM) + centre.root.public_bytes(PEM)  # type: ignore[arg-type]
    )
    return Settings(MODULE, "siegel", name, certificate, PIN)


@pytest.mark.parametrize("name", ["ec", "rsa"])
def test_a_key_on_a_token_seals(hsm: Path, centre: TrustCentre, plain_pdf: bytes, tmp_path: Path, name: str) -> None:
    signer = Pkcs11(settings(hsm, centre, name))
    assert signer.seal == "sealed"
    verdict = verify(signer.sign(plain_pdf), Roots(load_roots([centre.root_file(tmp_path)])))
    assert (verdict.intact, verdict.whole, verdict.trust) == (True, True, Trust.OURS)
    assert verdict.algorithm.startswith(name.upper())


def test_a_token_that_is_taken_out_stops_the_seal_and_put_back_it_goes_on(
    hsm: Path, centre: TrustCentre, plain_pdf: bytes
) -> None:
    """F-07: no seal, no document; nobody has to start anything anew."""
    signer = Pkcs11(settings(hsm, centre, "ec"))
    signer.sign(plain_pdf)
    shutil.move(hsm / "tokens", hsm / "drawer")
    (hsm / "tokens").mkdir()
    try:
        for _ in range(2):
            with pytest.raises(SigningError):
                signer.sign(plain_pdf)
    finally:
        (hsm / "tokens").rmdir()
        shutil.move(hsm / "drawer", hsm / "tokens")
    assert verify(signer.sign(plain_pdf)).intact


def test_each_process_opens_a_session_of_its_own(hsm: Path, centre: TrustCentre, plain_pdf: bytes) -> None:
    signer = Pkcs11(settings(hsm, centre, "ec"))
    signer.sign(plain_pdf)
    assert _in_a_process_of_its_own(lambda: verify(signer.sign(plain_pdf)).intact) == 0
    assert verify(signer.sign(plain_pdf)).intact


def _in_a_process_of_its_own(act: Callable[[], bool]) -> int:
    child = os.fork()
    if child == 0:
        os._exit(0 if act() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _seals(settings: Settings, pdf: bytes) -> bool:
    try:
        return bool(Pkcs11(settings).sign(pdf))
    except SigningError:
        return False


def test_a_wrong_pin_or_key_seals_nothing_and_says_so(hsm: Path, centre: TrustCentre, plain_pdf: bytes) -> None:
    good = settings(hsm, centre, "ec")
    assert _in_a_process_of_its_own(lambda: _seals(replace(good, pin=b"0000"), plain_pdf)) == 1
    for wrong in (replace(good, key="another"), replace(good, token="another")):
        with pytest.raises(SigningError):
            Pkcs11(wrong).sign(plain_pdf)
    with pytest.raises(ConfigError):
        Pkcs11(replace(good, certificate_file=hsm / "ec.pem"))
    assert "4711" not in repr(good)
