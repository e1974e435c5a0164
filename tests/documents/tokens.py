"""A token of SoftHSM2 for tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.documents.authority import PEM

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = b"4711"


@contextmanager
def token(folder: Path) -> Iterator[Path]:
    """The folder of a token with an RSA and an EC key; the library reads where it lies when it is first loaded."""
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(config)
    pins = ["--so-pin", "0815", "--pin", PIN.decode()]
    _run("softhsm2-util", "--init-token", "--free", "--label", "siegel", *pins)
    for name, key in (("ec", ec.generate_private_key(ec.SECP256R1())), ("rsa", rsa.generate_private_key(65537, 2048))):
        path = folder / f"{name}.pem"
        path.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        path.chmod(0o600)
        number = {"ec": "01", "rsa": "02"}[name]
        _run("softhsm2-util", "--import", str(path), "--token", "siegel", "--label", name, "--id", number, *pins[2:])
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
