"""One site for all schemas of the corpus, and the people who fill them in."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.promises import cases
from tests.promises.site import make_app


@pytest.fixture(scope="session")
def corpus_site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The applicants' site with every schema of the corpus."""
    return make_app(tmp_path_factory.mktemp("corpus"), ((case.name, case.schema) for case in cases.corpus()))
