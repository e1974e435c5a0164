"""Fetches the JSON Schema Test Suite, which lies in the source distribution of `jsonschema`, into `.cache/`.

Run as `.venv/bin/python deploy/setup/schema_suite.py`; it does nothing when the version of the lock is there. Version
and hash are those of `requirements-dev.lock`. Where the registry has no source distribution, it says so and the tests
that need the suite are skipped.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / ".cache" / "json-schema-suite"


def main() -> int:
    """The exit status; 0 also where the suite cannot be had, for nothing but its own tests needs it."""
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    pinned = re.search(r"^jsonschema==(\S+)(?: \\\n +--hash=\S+)+", lock, re.MULTILINE)
    if pinned is None:
        print("set-up: requirements-dev.lock does not pin jsonschema", file=sys.stderr)
        return 1
    stamp = TARGET / ".version"
    if stamp.is_file() and stamp.read_text() == pinned[1]:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(pinned[0] + "\n")
        options = ["-q", "--no-deps", "--no-binary", "jsonschema", "--require-hashes", "-r", str(wanted), "-d", scratch]
        try:
            subprocess.run([sys.executable, "-m", "pip", "download", *options], check=True)
            archive = next(Path(scratch).glob("jsonschema-*.tar.gz"))
        except (OSError, subprocess.CalledProcessError, StopIteration):
            print("set-up: the JSON Schema Test Suite is not to be had here; its tests will be skipped")
            return 0
        with tarfile.open(archive) as bundle:
            bundle.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python 3.11.2 has none
            bundle.extractall(scratch)  # noqa: S202  the archive's hash is pinned
        source = Path(scratch) / f"jsonschema-{pinned[1]}" / "json"
        shutil.rmtree(TARGET, ignore_errors=True)
        for name in ("tests", "remotes"):
            shutil.copytree(source / name, TARGET / name)
        shutil.copy(source / "LICENSE", TARGET)
        stamp.write_text(pinned[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
