"""Dated legal figures and terms: what `values` and `terms` are on a given day.

Decides which of several dated entries holds; leaves to `core.expressions` where they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from formengine.core.pointer import JsonValue


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures and terms of `forms/values.json`, each a list of `{"from": date, "value": …}`, the first oldest.

    *overrides* are the operator's own terms; they hold on every day.
    """

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    terms: Mapping[str, JsonValue] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)

    def values_on(self, day: date) -> dict[str, JsonValue]:
        """The figures that hold on *day*; one that does not hold yet is absent."""
        return _on(self.values, day)

    def terms_on(self, day: date) -> dict[str, JsonValue]:
        """The terms that hold on *day*, the operator's before the shipped ones."""
        return {**_on(self.terms, day), **self.overrides}

    def names(self, root: str) -> dict[str, JsonValue]:
        """Name to an example value of all that *root* (`values` or `terms`) ever holds."""
        entries = self.values if root == "values" else {**self.terms, **self.overrides}
        return {name: entry[-1].get("value") if _is_dated(entry) else entry for name, entry in entries.items()}


def _is_dated(entry: JsonValue) -> bool:
    return isinstance(entry, list) and bool(entry) and all(isinstance(one, dict) and "from" in one for one in entry)


def _on(entries: Mapping[str, JsonValue], day: date) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    today = day.isoformat()
    for name, entry in entries.items():
        if not _is_dated(entry):
            found[name] = entry
            continue
        holding = [one for one in entry if str(one["from"]) <= today]
        if holding:
            found[name] = max(holding, key=lambda one: str(one["from"])).get("value")
    return found
