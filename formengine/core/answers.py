"""The answers of a draft: an immutable JSON document, and beside it what no JSON Schema knows.

Decides how answers are read, set, added and taken away by pointer, and how a draft writes them down.
Knows no schema: which of the answers count is for `applying` to say.

A row that was added and is still blank has its place: `HOLE`. It never reaches a validator or a payload.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final, TypeVar

from formengine.core import numbers, pointer
from formengine.core.pointer import ABSENT, JsonValue

V = TypeVar("V")


class Hole(Enum):
    """The one value that says "this row or entry is there and blank"."""

    HOLE = "hole"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "HOLE"


HOLE: Final = Hole.HOLE


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers so far.

    *document* are the raw answers (ABSENT where the root is no object and nothing was answered); *picks* maps the
    control name of a choice (`/a:branch`, `/a:type`, `/a:given`) to what was chosen; *keys* maps a list's pointer to
    the opaque keys of its rows, in their order; *typed* maps a control name to the text kept as it was typed,
    unchecked, one text a posted value: never an answer; *changed* are the control names of answers whose question is
    another since the form's version changed, until they are looked at again.
    """

    document: JsonValue = field(default_factory=dict)
    picks: Mapping[str, JsonValue] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return "Answers(…)"

    def get(self, at: str, default: JsonValue = ABSENT) -> JsonValue:
        """The raw answer at pointer *at*; HOLE for a blank row, *default* where nothing stands."""
        return pointer.get(self.document, at, default)

    def with_values(self, values: Mapping[str, JsonValue], picks: Mapping[str, JsonValue] | None = None) -> Answers:
        """These answers with *values* set by pointer and *picks* by control name; ABSENT takes away.

        A row from which its value is taken stays, blank.
        """
        document = self.document
        for at, value in values.items():
            document = pointer.put(document, at, value, blank=HOLE)
        if not picks:
            return replace(self, document=document)
        merged = {**self.picks, **picks}
        return replace(self, document=document, picks={k: v for k, v in merged.items() if v is not ABSENT})

    def with_typed(self, typed: Mapping[str, tuple[str, ...]]) -> Answers:
        """These answers with the text of the given controls kept as typed, in the place of what was kept of them."""
        return replace(self, typed={**self.typed, **typed})

    def without_typed(self, names: Iterator[str] | tuple[str, ...] | frozenset[str] | list[str]) -> Answers:
        """These answers without the text kept of the controls *names*."""
        gone = set(names)
        return replace(self, typed={name: text for name, text in self.typed.items() if name not in gone})

    def looked_at(self, names: Collection[str]) -> Answers:
        """These answers, those of the controls *names* looked at again."""
        return replace(self, changed=self.changed.difference(names)) if self.changed else self

    def add_item(self, at: str, key: str, value: JsonValue = HOLE, *, index: int | None = None) -> Answers:
        """These answers with one row more in the list at pointer *at*, at its end or before row *index*."""
        rows = self._rows(at)
        keys = list(self.keys.get(at, ()))
        keys += [""] * (len(rows) - len(keys))
        place = len(rows) if index is None else min(index, len(rows))
        moved = self if place == len(rows) else self._moved(at, lambda row: row if row < place else row + 1)
        rows.insert(place, value)
        keys.insert(place, key)
        document = pointer.put(self.document, at, rows, blank=HOLE)
        return replace(moved, document=document, keys={**moved.keys, at: tuple(keys)})

    def remove_item(self, at: str, index: int) -> Answers:
        """These answers without row *index* of the list at pointer *at*; what stands behind it moves up.

        Errors: IndexError if there is no such row.
        """
        rows = self._rows(at)
        if not 0 <= index < len(rows):
            raise IndexError(index)
        moved = self._moved(at, lambda row: None if row == index else row - (row > index))
        del rows[index]
        keys = self.keys.get(at, ())
        document = pointer.put(self.document, at, rows, blank=HOLE)
        return replace(moved, document=document, keys={**moved.keys, at: keys[:index] + keys[index + 1 :]})

    def item_key(self, at: str, index: int) -> str | None:
        """The key of row *index* of the list at *at*, or None."""
        keys = self.keys.get(at, ())
        return keys[index] or None if 0 <= index < len(keys) else None

    def item_index(self, at: str, key: str) -> int | None:
        """The place from 0 of the row with *key* in the list at *at*, or None."""
        keys = self.keys.get(at, ())
        return keys.index(key) if key in keys else None

    def ensure_keys(self, make: Callable[[], str]) -> Answers:
        """These answers with a key, made by *make*, for every row of every list that has none."""
        keys = dict(self.keys)
        for at, count in _lists(self.document, ""):
            have = list(keys.get(at, ()))[:count]
            have += [""] * (count - len(have))
            taken = set(have)
            for place, key in enumerate(have):
                if not key:
                    new = make()
                    while new in taken:
                        new = make()
                    taken.add(new)
                    have[place] = new
            keys[at] = tuple(have)
        return self if keys == self.keys else replace(self, keys=keys)

    def to_json(self) -> bytes:
        """These answers as a draft keeps them (UTF-8). Blank rows are null there, listed by pointer under "holes"."""
        holes: list[str] = []
        record: dict[str, JsonValue] = {}
        if self.document is not ABSENT:
            record["document"] = _filled(self.document, "", holes)
        if self.picks:
            record["picks"] = dict(self.picks)
        if self.keys:
            record["keys"] = {at: list(keys) for at, keys in self.keys.items()}
        if self.typed:
            record["typed"] = {name: list(texts) for name, texts in self.typed.items()}
        if self.changed:
            record["changed"] = sorted(self.changed)
        if holes:
            record["holes"] = holes
        return numbers.dumps(record).encode("utf-8")

    @classmethod
    def from_json(cls, text: bytes) -> Answers:
        """The answers that `to_json` wrote. Errors: ValueError for anything else."""
        record = numbers.loads(text)
        if not isinstance(record, dict):
            raise ValueError("no answers")  # noqa: TRY004  the stored text is wrong, not a caller's type
        document = record.get("document", ABSENT)
        for at in record.get("holes", ()):
            document = pointer.put(document, at, HOLE)
        keys = record.get("keys")
        typed = record.get("typed")
        return cls(
            document,
            record.get("picks") or {},
            {at: tuple(row) for at, row in keys.items()} if keys else {},
            {name: tuple(texts) for name, texts in typed.items()} if typed else {},
            frozenset(record.get("changed", ())),
        )

    def _rows(self, at: str) -> list[JsonValue]:
        return list(rows_of(self.get(at)) or ())

    def _moved(self, at: str, place: Callable[[int], int | None]) -> Answers:
        """These answers with the names below the list at *at* moved: *place* says where a row goes, or None."""
        return replace(
            self,
            picks=_renamed(self.picks, at, place),
            keys=_renamed(self.keys, at, place),
            typed=_renamed(self.typed, at, place),
            changed=frozenset(_renamed(dict.fromkeys(self.changed, ""), at, place)),
        )


def rows_of(value: JsonValue) -> list[JsonValue] | None:
    """*value* as rows, or None if it is no list.

    Single places of a list that was not there yet were set by pointer as an object with small numbers for keys.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value and all(key.isascii() and key.isdigit() and len(key) < 4 for key in value):
        rows: list[JsonValue] = [HOLE] * (max(map(int, value)) + 1)
        for key, row in value.items():
            rows[int(key)] = row
        return rows
    return None


def without_holes(value: JsonValue) -> JsonValue:
    """*value* with blank rows and entries left out: what a validator may see.

    Shares what has none.
    """
    if isinstance(value, dict):
        members = {key: without_holes(member) for key, member in value.items() if member is not HOLE}
        return members if any(members.get(key) is not member for key, member in value.items()) else value
    if isinstance(value, list):
        rows = [without_holes(row) for row in value if row is not HOLE]
        same = len(rows) == len(value) and all(a is b for a, b in zip(rows, value, strict=True))
        return value if same else rows
    return value


def _renamed(names: Mapping[str, V], at: str, place: Callable[[int], int | None]) -> dict[str, V]:
    start = f"{at}/"
    result: dict[str, V] = {}
    for name, value in names.items():
        if not name.startswith(start):
            result[name] = value
            continue
        end = len(start)
        while end < len(name) and name[end] not in "/:":
            end += 1
        token = name[len(start) : end]
        if not token.isdigit():
            result[name] = value
            continue
        new = place(int(token))
        if new is not None:
            result[f"{start}{new}{name[end:]}"] = value
    return result


def _lists(value: JsonValue, at: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, dict | list):
                yield from _lists(member, pointer.child(at, key))
    elif isinstance(value, list):
        yield at, len(value)
        for index, row in enumerate(value):
            if isinstance(row, dict | list):
                yield from _lists(row, f"{at}/{index}")


def _filled(value: JsonValue, at: str, holes: list[str]) -> Any:
    """*value* with null in every hole, the pointers of which are added to *holes*; shares what has none."""
    if value is HOLE:
        holes.append(at)
        return None
    if isinstance(value, dict):
        before = len(holes)
        members = {key: _filled(member, pointer.child(at, key), holes) for key, member in value.items()}
        return members if len(holes) > before else value
    if isinstance(value, list):
        before = len(holes)
        rows = [_filled(row, f"{at}/{index}", holes) for index, row in enumerate(value)]
        return rows if len(holes) > before else value
    return value
