"""The table of constructs names the corpus, and the corpus the table."""

from __future__ import annotations

import re
from pathlib import Path

from tests.promises import cases

TABLE = Path(__file__).parents[2] / "docs" / "constructs.md"


def test_every_schema_of_the_corpus_stands_in_the_table_and_no_other():
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = {name for row in rows if row.count("|") == 5 for name in re.findall(r"`([a-z0-9-]+)`", row.split("|")[4])}
    assert named == {case.name for case in cases.corpus()}
