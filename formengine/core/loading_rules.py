"""The proofs, checks, computed values and declarations of a definition, with every mistake in them.

Decides the order in which computed values are reckoned, and that none goes round in a circle. Leaves the steps to
`core.loading_steps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formengine.core.components import components
from formengine.core.definition import Check, Computed, Declaration, Proof
from formengine.core.kinds import FROM_JSON, IN_WORDS
from formengine.core.loading_context import Loading
from formengine.core.outline import Place
from formengine.core.pointer import ABSENT, is_below

_PROOF_TEXTS = ("title", "reason", "hint")
_KINDS = {"string": "text", "integer": "int", "number": "fraction", "boolean": "bool"}


class RuleReader:
    """Reads the rules of one definition."""

    def __init__(self, loading: Loading) -> None:
        self.loading = loading

    def proofs(self, raws: list[Any]) -> tuple[Proof, ...]:
        """The proofs."""
        read = []
        seen: set[str] = set()
        for number, raw in enumerate(raws):
            at = f"/proofs/{number}"
            if not isinstance(raw, dict):
                continue
            self._unique(raw, at, seen, "proofs")
            scope = self._each(raw, at)
            if scope is None:
                continue
            if "when" in raw:
                self.loading.expression(_text(raw, "when"), f"{at}/when", scope, kind="bool")
            text = {name: self.loading.text(_text(raw, name), f"{at}/{name}", scope) for name in _PROOF_TEXTS}
            proof = Proof(
                id=_text(raw, "id"),
                title=text["title"],
                each=scope.removesuffix("/*"),
                when=_text(raw, "when"),
                reason=text["reason"],
                hint=text["hint"],
                required=raw.get("required") is True,
                at=scope + _text(raw, "at") if "at" in raw else "",
            )
            if isinstance(raw.get("at"), str):
                self._upload(self.loading.place(raw["at"], f"{at}/at", scope), f"{at}/at")
            if isinstance(raw.get("accept"), list):
                proof = replace(proof, accept=tuple(raw["accept"]))
            if isinstance(raw.get("maxFiles"), int):
                proof = replace(proof, max_files=raw["maxFiles"])
            read.append(proof)
        return tuple(read)

    def _upload(self, place: Place | None, at: str) -> None:
        """Record a place that a proof cannot fill: a question of another kind."""
        if (
            place is not None
            and place.kinds
            and place.kinds <= _KINDS.keys()
            and place.says("contentMediaType") is ABSENT
        ):
            cure = 'take "at" out, or give the property "contentMediaType" in the schema'
            self.loading.mistake(f"{place.pattern} is asked, and no file", at, cure=cure)

    def checks(self, raws: list[Any]) -> tuple[Check, ...]:
        """The checks."""
        read = []
        for number, raw in enumerate(raws):
            at = f"/checks/{number}"
            if not isinstance(raw, dict):
                continue
            scope = self._each(raw, at)
            if scope is None or not {"rule", "at"} <= raw.keys():
                continue
            self.loading.expression(_text(raw, "rule"), f"{at}/rule", scope, kind="bool")
            self.loading.place(_text(raw, "at"), f"{at}/at", scope)
            message = self.loading.text(_text(raw, "message"), f"{at}/message", scope)
            level = "warning" if raw.get("level") == "warning" else "error"
            read.append(Check(_text(raw, "rule"), scope + _text(raw, "at"), message, scope.removesuffix("/*"), level))
        return tuple(read)

    def declarations(self, raws: list[Any]) -> tuple[Declaration, ...]:
        """The declarations."""
        read = []
        seen: set[str] = set()
        for number, raw in enumerate(raws):
            at = f"/declarations/{number}"
            if not isinstance(raw, dict):
                continue
            self._unique(raw, at, seen, "declarations")
            if "when" in raw:
                self.loading.expression(_text(raw, "when"), f"{at}/when", "", kind="bool")
            text = self.loading.text(_text(raw, "text"), f"{at}/text", "")
            read.append(Declaration(_text(raw, "id"), text, raw.get("required") is True, _text(raw, "when")))
        return tuple(read)

    def computed(self, raws: list[Any]) -> tuple[Computed, ...]:
        """The computed values, each behind those that it reads."""
        found: dict[str, tuple[Computed, str, frozenset[str]]] = {}
        for number, raw in enumerate(raws):
            at = f"/computed/{number}"
            if not isinstance(raw, dict):
                continue
            scope = self._each(raw, at)
            if scope is None or not {"at", "value"} <= raw.keys():
                continue
            reads = self._computed_reads(raw, at, scope)
            pattern = scope + _text(raw, "at")
            if pattern in found:
                self.loading.mistake(f"{pattern} is computed twice", f"{at}/at", cure="keep one of them")
            found[pattern] = (Computed(pattern, _text(raw, "value"), scope.removesuffix("/*")), at, reads)
        return self._ordered(found)

    def _computed_reads(self, raw: Mapping[str, Any], at: str, scope: str) -> frozenset[str]:
        place = self.loading.place(_text(raw, "at"), f"{at}/at", scope)
        expression = self.loading.expression(_text(raw, "value"), f"{at}/value", scope)
        if place is not None and all(part.schema.get("readOnly") is not True for part in place.parts):
            cure = 'give the property "readOnly": true in the schema'
            self.loading.mistake(f"{place.pattern} is asked, not computed", f"{at}/at", cure=cure)
        if place is None or expression is None:
            return frozenset()
        allowed = {_KINDS[kind] for kind in place.kinds if kind in _KINDS}
        if "fraction" in allowed:
            allowed.add("int")
        if allowed and expression.kind not in {*allowed, "any"}:
            wanted = " or ".join(dict.fromkeys(IN_WORDS[FROM_JSON[kind]] for kind in sorted(place.kinds)))
            cure = "change the expression, or the type in the schema"
            words = expression.typed.kind.words()
            self.loading.mistake(f"{place.pattern} is {wanted}; this value is {words}", f"{at}/value", cure=cure)
        return expression.reads

    def _ordered(self, found: Mapping[str, tuple[Computed, str, frozenset[str]]]) -> tuple[Computed, ...]:
        needs = {
            pattern: {other for other in found if any(_touches(read, other) for read in self._depends(reads))}
            for pattern, (_, _, reads) in found.items()
        }
        ordered: list[Computed] = []
        done: set[str] = set()
        left = list(found)
        while left:
            ready = [pattern for pattern in left if needs[pattern] <= done]
            if not ready:
                self._circle({pattern: needs[pattern] & set(left) for pattern in left}, found)
                break
            for pattern in ready:
                ordered.append(found[pattern][0])
                done.add(pattern)
            left = [pattern for pattern in left if pattern not in done]
        return tuple(ordered)

    def _circle(self, needs: Mapping[str, set[str]], found: Mapping[str, tuple[Computed, str, frozenset[str]]]) -> None:
        """Record the values that need each other, once: where the first of them is written."""
        edges = {pattern: sorted(others) for pattern, others in needs.items()}
        circles = [group for group in components(edges) if len(group) > 1 or group[0] in needs[group[0]]]
        for circle in circles:
            first, *others = [pattern for pattern in found if pattern in circle]
            what = f"{first} and {' and '.join(others)} need each other" if others else f"{first} needs itself"
            at, cure = f"{found[first][1]}/value", "let it read other answers only"
            self.loading.mistake(f"{what}, so it can't be reckoned", at, cure=cure)

    def _depends(self, reads: frozenset[str]) -> set[str]:
        """*reads* and all that decides whether they apply."""
        all_reads: set[str] = set()
        waiting = list(reads)
        while waiting:
            pattern = waiting.pop()
            if pattern in all_reads:
                continue
            all_reads.add(pattern)
            place = self.loading.outline.find(pattern)
            if place is not None:
                waiting += place.conditions()
        return all_reads

    def _each(self, raw: Mapping[str, Any], at: str) -> str | None:
        """The scope of a rule: that of the items of its `each`; None after recording why there is no such list."""
        each = raw.get("each")
        if not isinstance(each, str):
            return ""
        scope = ""
        place = None
        for piece in each.split("/*"):  # a list in a list is written /children/*/schools
            place = self.loading.place(piece, f"{at}/each", scope)
            if place is None:
                return None
            if not place.is_a("array"):
                self.loading.mistake(
                    f"{place.pattern} is no list", f"{at}/each", cure='"each" names a list of the schema'
                )
                return None
            scope = place.pattern + "/*"
        return scope

    def _unique(self, raw: Mapping[str, Any], at: str, seen: set[str], what: str) -> None:
        own = _text(raw, "id")
        if own in seen:
            self.loading.mistake(f'two {what} have the id "{own}"', f"{at}/id", cure="change one of them")
        seen.add(own)


def _touches(read: str, pattern: str) -> bool:
    return is_below(read, pattern) or is_below(pattern, read)


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""
