"""A site with forms that a test writes, served in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from formengine import bootstrap, designing
from formengine.config import Settings
from formengine.web.app import create_app

ROOT = Path(__file__).parents[2]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string"}


def obj(properties: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"$schema": DRAFT, "type": "object", "properties": dict(properties), **more}


def settings_for(folder: Path, schemas: Mapping[str, object], forms: Mapping[str, object] | None = None) -> Settings:
    for kind, ending, files in (("schemas", ".schema.json", schemas), ("forms", ".json", forms or {})):
        (folder / kind).mkdir(parents=True)
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            (folder / kind / f"{name}{ending}").write_bytes(data)
    data_folder = folder / "data"
    return replace(
        Settings(),
        data=data_folder,
        forms=folder / "forms",
        schemas=folder / "schemas",
        translations=ROOT / "translations",
        database_url=f"sqlite:///{data_folder / 'formengine.db'}",
        files_url=f"{(data_folder / 'files').as_uri()}/",
        origin="http://localhost",
        staff_origin="http://localhost:8001",
        pepper_file=data_folder / "keys" / "pepper",
        scanner="off",
    )


def serve(
    folder: Path, schemas: Mapping[str, object], forms: Mapping[str, object] | None = None
) -> tuple[Flask, list[str], list[str]]:
    """The applicants' site, the ids that were published and the mistakes of the others."""
    settings = settings_for(folder, schemas, forms)
    bootstrap.prepare_data(settings)
    bootstrap.migrate(settings)
    published, mistakes = designing.publish(settings)
    app = create_app(bootstrap.build(settings))
    return app, [form.id for form in published], [str(mistake) for mistake in mistakes]


@contextmanager
def at_most(seconds: float):
    """Fails if the block takes ten times the processor time that *seconds* grants: that is work without bound.

    The requirement's own figure is measured by `make bench`, against a peer of the same run (docs/decisions/0005).
    """
    began = time.process_time()
    yield
    took = time.process_time() - began
    assert took <= 10 * seconds, f"{took:.2f} s, and {seconds} s are granted"
