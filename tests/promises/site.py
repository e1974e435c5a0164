"""The applicants' site in this process, over a SQLite file of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from flask import Flask

from formengine import bootstrap, config, designing
from formengine.web.app import create_app


def make_app(folder: Path, forms: Iterable[tuple[str, object]]) -> Flask:
    """The site that serves these schemas, each a form of that name, without a definition."""
    files = []
    for name, schema in forms:
        files.append(folder / f"{name}.schema.json")
        files[-1].write_text(json.dumps(schema), encoding="utf-8")
    settings = config.load(
        {
            "FORMENGINE_DATA": str(folder / "data"),
            "FORMENGINE_SCHEMA_FILES": ":".join(map(str, files)),
            "FORMENGINE_SCANNER": "off",
        }
    )
    bootstrap.prepare_data(settings)
    bootstrap.ensure_test_keys(settings)
    bootstrap.migrate(settings)
    designing.publish(settings)
    return create_app(bootstrap.build(settings), "applicants")
