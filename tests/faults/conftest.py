"""Stores of a test's own on both databases, and the small form served."""

from __future__ import annotations

from tests.storage.conftest import stores, url
from tests.web.conftest import site

__all__ = ["site", "stores", "url"]
