"""The JSON Schema Test Suite: our verdict is the suite's, and that of both validators; the differences have reasons.

The suite comes with `deploy/setup/schema_suite.py`. `schema_suite_differences.json` lists what differs, by place, and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry
from referencing.jsonschema import specification_with

from formengine.core import numbers
from formengine.core.schemas import Schema, SchemaRefused

SUITE = Path(__file__).parents[2] / ".cache" / "json-schema-suite"
DRAFTS = {
    "draft4": (jsonschema.Draft4Validator, jsonschema_rs.Draft4Validator),
    "draft6": (jsonschema.Draft6Validator, jsonschema_rs.Draft6Validator),
    "draft7": (jsonschema.Draft7Validator, jsonschema_rs.Draft7Validator),
    "draft2019-09": (jsonschema.Draft201909Validator, jsonschema_rs.Draft201909Validator),
    "draft2020-12": (jsonschema.Draft202012Validator, jsonschema_rs.Draft202012Validator),
}
DIFFERENCES = json.loads(Path(__file__).with_name("schema_suite_differences.json").read_text(encoding="utf-8"))

needs_suite = pytest.mark.skipif(
    not SUITE.is_dir(), reason="no JSON Schema Test Suite: run .venv/bin/python deploy/setup/schema_suite.py"
)


@cache
def remotes(draft: str) -> dict[str, Any]:
    """The suite's other documents, by the address at which its schemas name them."""
    found = {}
    texts = "".join(path.read_text(encoding="utf-8") for path in (SUITE / "tests" / draft).glob("*.json"))
    for path in sorted((SUITE / "remotes").rglob("*.json")):
        name = path.relative_to(SUITE / "remotes").as_posix()
        if name.startswith(f"{draft}/") or ("/" in name and not name.startswith("draft")) or f"1234/{name}" in texts:
            found[f"http://localhost:1234/{name}"] = numbers.loads(path.read_bytes())
    return found


def beside(draft: str) -> dict[str, Any]:
    """The same as files beside a form's schema, each with its address as its id: nothing is ever fetched."""
    word = "id" if draft == "draft4" else "$id"
    return {
        address.removeprefix("http://localhost:1234/"): {word: address, **one}
        for address, one in remotes(draft).items()
        if isinstance(one, dict)
    }


def examples(draft: str) -> Iterator[tuple[str, Any, Any, bool]]:
    """Place, schema, instance and the suite's verdict."""
    for path in sorted((SUITE / "tests" / draft).glob("*.json")):
        for group in numbers.loads(path.read_bytes()):
            for one in group["tests"]:
                place = f"{path.stem}: {group['description']}: {one['description']}"
                yield place, group["schema"], one["data"], one["valid"]


def verdicts(draft: str) -> Iterator[tuple[str, bool, dict[str, object]]]:
    """Place, the suite's verdict, and those of ours, of our reference, of both validators by themselves."""
    plain, quick = DRAFTS[draft]
    uri = plain.META_SCHEMA.get("$schema", "")
    specification = specification_with(uri)
    resources = [(address, specification.create_resource(one)) for address, one in remotes(draft).items()]
    registry = Registry().with_resources(resources)
    known = remotes(draft)
    last: object = None
    for place, schema, instance, expected in examples(draft):
        if schema is not last:
            last = schema
            named = {"$schema": uri, **schema} if isinstance(schema, dict) else schema
            try:
                text = numbers.dumps(schema)
                ours = Schema.load(named, name="suite.schema.json", others=beside(draft) if "localhost" in text else {})
            except SchemaRefused:
                ours = None
            slow = plain(json.loads(numbers.dumps(schema)), registry=registry)
            fast = quick(schema, retriever=known.__getitem__)
        yield (
            place,
            expected,
            {
                "ours": "refused" if ours is None else ours.is_valid(instance),
                "reference": "refused" if ours is None else _or_error(ours.reference.is_valid, instance),
                "jsonschema": _or_error(slow.is_valid, json.loads(numbers.dumps(instance))),
                "jsonschema-rs": fast.is_valid(instance),
            },
        )


def _or_error(check: Any, instance: Any) -> object:
    try:
        return bool(check(instance))
    except Exception as error:  # noqa: BLE001  the reference's own mistakes are a finding, too
        return type(error).__name__


@needs_suite
@pytest.mark.slow
@pytest.mark.parametrize("draft", DRAFTS)
def test_every_verdict_is_the_suites_but_for_listed_differences(draft: str):
    count, found, used = 0, [], set()
    for place, expected, given in verdicts(draft):
        count += 1
        differing = {name: verdict for name, verdict in given.items() if verdict is not expected}
        reason = next((key for key in DIFFERENCES if f"{draft}/{place}".startswith(key)), None)
        if reason is not None and differing:
            used.add(reason)
            differing = {n: v for n, v in differing.items() if DIFFERENCES[reason]["who"].get(n, "") != v}
        if differing:
            found.append((place, expected, differing))
    assert count > 500
    assert not found, "\n".join(f"{draft}/{place} is {expected}: {given}" for place, expected, given in found)
    assert used == {key for key in DIFFERENCES if key.startswith(f"{draft}/")}, "listed, but it does not differ"
