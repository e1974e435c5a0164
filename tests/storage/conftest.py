"""The same stores on both databases: PostgreSQL where a server can be started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.services.ports import Stores
from formengine.storage.database import open_stores
from tests import opened


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("cluster").new_database()
    opened.close(opened.at_once(tmp_path))
    return opened.sqlite_url(tmp_path)


@pytest.fixture
def stores(url: str, tmp_path: Path) -> Iterator[Stores]:
    stores = open_stores(
        url, f"file://{tmp_path}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER
    )
    yield stores
    opened.close(stores)
