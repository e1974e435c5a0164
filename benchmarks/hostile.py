"""The figures that the requirements SCH name: verdicts at the limits, and hostile patterns.

Each schema is read in a process of its own, so that its memory is its own too.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from formengine.core import patterns
from formengine.core.loading import Mistakes, load_form
from formengine.core.source import read
from formengine.errors import DefinitionError

Schema = dict[str, object]
_TEXT: Schema = {"type": "string", "title": "Frage"}


def main() -> None:
    """Print each figure beside its goal."""
    print("Schemas at the limits and beyond (SCH-02, SCH-03)")
    for name, (_, goal) in SCHEMAS.items():
        own = [sys.executable, "-m", "benchmarks.hostile", name]
        said = json.loads(subprocess.run(own, check=True, capture_output=True, text=True).stdout)
        print(
            f"  {name:48} {said['seconds']:7.3f} s  {said['megabytes']:5.0f} MB more  {said['verdict']:8}"
            f" (goal {goal} s, 200 MB)"
        )
    from formengine.i18n.catalogues import Phrase
    from formengine.web import pages  # not in the processes whose memory is measured

    print("Markdown that nests (SCH-07)")
    for name, text in MARKDOWN.items():
        began = time.process_time()
        pages.prose(Phrase(text))
        print(f"  {name:48} {(time.process_time() - began) * 1000:7.1f} ms (goal 200)")
    print("Patterns on 50,000 characters (SCH-04)")
    for pattern in PATTERNS:
        print(f"  {pattern:48} {_worst(pattern) * 1000:7.1f} ms (goal 50)")


def _objects(count: int) -> Schema:
    return {"type": "object", "properties": {f"f{number}": _TEXT for number in range(count)}}


def _choices() -> Schema:
    return {"type": "object", "properties": {f"a{n}": {"enum": [f"{n}-{m}" for m in range(5000)]} for n in range(5)}}


def _large() -> Schema:
    """One MiB of titles and descriptions."""
    return {
        "type": "object",
        "properties": {f"f{n}": {**_TEXT, "title": "T" * 220, "description": "d" * 220} for n in range(1900)},
    }


def _conditions() -> Schema:
    return {**_objects(1), "dependentRequired": {f"d{number}": ["f0"] for number in range(250)}}


def _waiting(count: int) -> Schema:
    return {
        "type": "object",
        "properties": {"f0": {"enum": ["a", "b"]}},
        "allOf": [
            {
                "if": {"properties": {f"f{n}": {"const": "a"}}, "required": [f"f{n}"]},
                "then": {"properties": {f"f{n + 1}": {"enum": ["a", "b"]}}, "required": [f"f{n + 1}"]},
            }
            for n in range(count)
        ],
    }


def _doubling() -> Schema:
    pair = {f"d{n}": {"properties": {s: {"$ref": f"#/$defs/d{n + 1}"} for s in "ab"}} for n in range(24)}
    return {"$ref": "#/$defs/d0", "$defs": {**pair, "d24": _TEXT}}


def _circle() -> Schema:
    return {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}


SCHEMAS: dict[str, tuple[Callable[[], Schema], float]] = {
    "2,000 questions": (lambda: _objects(2000), 2.0),
    "one MiB of texts": (_large, 2.0),
    "5 choices of 5,000": (_choices, 2.0),
    "250 conditions of one object": (_conditions, 2.0),
    "50 conditions that wait for each other": (lambda: _waiting(50), 2.0),
    "400 conditions that wait for each other": (lambda: _waiting(400), 2.0),
    "24 references that double": (_doubling, 0.5),
    "an object that requires itself": (_circle, 0.5),
}
MARKDOWN = {
    "5,000 quotations": ">" * 5000, "3,000 list marks": "* " * 3000 + "x", "5,000 brackets": "[" * 5000,
    "4,000 emphases": "_*" * 4000, "100 lists within each other": "\n".join("  " * n + "* x" for n in range(100)),
}  # fmt: skip
PATTERNS = (
    *("^(a+)+$", "^(a|aa)+$", "(.*a){20}", "(x+x+)+y", r"\s*$", ".*.*=.*"),
    *(r"^(a+)+\1$", "^(?=(a+)+$)b", r"^(?!.*(.)\1{3})(a|a)*$", "(?=a*b)(a*)*c", "(?=(.*?x)+)y"),
)


def _worst(pattern: str) -> float:
    validator = patterns.matcher(patterns.mended(pattern))
    worst = 0.0
    for text in ("a" * 50_000 + "!", "x" * 50_000, "ab" * 25_000, " " * 50_000 + "x"):
        began = time.process_time()
        validator.is_valid(text)
        worst = max(worst, time.process_time() - began)
    return worst


def _judge(name: str) -> None:
    """Read one schema and print what that took, as JSON."""
    text = json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMAS[name][0]()})
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        load_form("t", None, {"t.schema.json": read("t.schema.json", text)}, None)
        verdict = "taken"
    except (Mistakes, DefinitionError):
        verdict = "refused"
    seconds = time.process_time() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"verdict": verdict, "seconds": seconds, "megabytes": more}))


if __name__ == "__main__":
    _judge(sys.argv[1])
