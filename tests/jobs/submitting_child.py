"""An applicants' process that fills in and submits without end, and says each reference that it acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from formengine.storage.database import open_stores
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch


def main(folder: Path) -> None:
    stores = open_stores(
        opened.sqlite_url(folder),
        f"file://{folder}/files",
        pepper=opened.PEPPER,
        ring=opened.ring(),
        reader=opened.READER,
    )
    clock = Clock()
    while True:
        draft = filled.answered(stores, lunch(), clock, pupil=True)
        draft = filled.with_certificate(stores, lunch(), clock, draft)
        print(filled.submit(stores, lunch(), clock, draft), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
