"""Stores of a test's own, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.services.ports import Stores
from tests import opened


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    stores = opened.at_once(tmp_path)
    yield stores
    opened.close(stores)
