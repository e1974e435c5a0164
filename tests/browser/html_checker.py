"""The Nu HTML checker over many pages at once: one Java process for all of them (G2)."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_JAR = Path(__file__).parents[2] / "deploy/assets/node_modules/vnu-jar/build/dist/vnu.jar"

ALLOWED: tuple[str, ...] = ()
"""Beginnings of messages that are let pass, each with its reason."""


def check(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What the checker says of *pages* (name -> HTML), errors and warnings, each with its page."""
    java = shutil.which("java")
    if java is None or not _JAR.exists():
        raise AssertionError(f"the HTML checker needs java and {_JAR}; `make test` sets both up")
    names = {}
    for number, (name, html) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_text(html, encoding="utf-8")
        names[path.name] = name
    done = subprocess.run(
        [java, "-Xss4m", "-jar", str(_JAR), "--format", "json", "--exit-zero-always", str(folder)],
        capture_output=True,
        check=True,
        timeout=300,
    )
    messages = json.loads(done.stderr or b'{"messages": []}')["messages"]
    return [
        f"{names[m['url'].rpartition('/')[2]]}:{m.get('lastLine')}: {m['message']}: {m.get('extract', '')[:120]}"
        for m in messages
        if (m["type"] == "error" or m.get("subType") == "warning") and not m["message"].startswith(ALLOWED or ("\0",))
    ]
