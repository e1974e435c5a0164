"""Expressions in CEL: compile, and evaluate over the effective document.

Decides what an expression comes to, and when it is undecided; `core.type_checking` checks its types. Only what it
reads is handed to the engine, with the objects and lists that the schema describes there, empty if need
be. Reading an answer that is not there makes it UNDECIDED; so does any other failure, which is also logged (with
the expression, never with an answer).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any, Final

import cel

from formengine.core import pointer as pointers
from formengine.core.figures import Figures
from formengine.core.functions import FUNCTIONS
from formengine.core.kinds import Mismatch, Scope, Typed
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.type_checking import check_types

__all__ = ["UNDECIDED", "Expression", "Mismatch", "Names", "Piece", "Scope", "compile_expression", "fill", "split"]

_log = logging.getLogger(__name__)


class Undecided(Enum):
    """The one value of an expression that reads what is not there."""

    UNDECIDED = "undecided"

    def __bool__(self) -> bool:
        return False


UNDECIDED: Final = Undecided.UNDECIDED


def _same(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Names:
    """What the names in an expression mean: the document E, the day, and in an item its pointer.

    *item* is the pointer of the item ("" outside of lists) and *scope* its pattern. *translate* is for terms.
    """

    document: JsonValue
    today: date
    figures: Figures = field(default_factory=Figures)
    item: str = ""
    scope: str = ""
    translate: Callable[[str], str] = _same

    def parent(self) -> str | None:
        """The pointer of the item around this one, or None."""
        tokens = self.scope.split("/")
        stars = [place for place, token in enumerate(tokens) if token == "*"]
        if len(stars) < 2:
            return None
        return "/".join(self.item.split("/")[: stars[-2] + 1])


@dataclass(frozen=True)
class Expression:
    """A compiled expression. *reads* are the absolute patterns of the answers that it reads, *kind* its type."""

    source: str
    scope: str
    typed: Typed
    program: Any

    @property
    def kind(self) -> str:
        """text, int, fraction, bool, null, list, map or any."""
        return self.typed.kind.name

    @property
    def reads(self) -> frozenset[str]:
        """Absolute patterns of all answers that it reads; of an object read as a whole, that object's."""
        return frozenset(read.pattern for read in self.typed.reads)

    def evaluate(self, names: Names) -> JsonValue:
        """What it comes to, or UNDECIDED. Numbers are int, or Decimal where CEL reckons with fractions."""
        try:
            value = self.program.execute(self._context(names))
        except (KeyError, IndexError):
            return UNDECIDED
        except (RuntimeError, TypeError, ValueError, ArithmeticError) as error:
            _log.warning("expression undecided by %s: %s", type(error).__name__, self.source)
            return UNDECIDED
        return _out(value)

    def holds(self, names: Names, *, undecided: bool) -> bool:
        """Whether it is true; *undecided* is the answer where it cannot be decided."""
        value = self.evaluate(names)
        return undecided if value is UNDECIDED else value is True

    @cached_property
    def _trees(self) -> dict[str, _Tree]:
        trees: dict[str, _Tree] = {}
        for read in self.typed.reads:
            here = trees.setdefault(read.root, _Tree())
            here.kind = "map"
            for token, kind in zip(read.tokens, read.kinds, strict=True):
                here = here.inner.setdefault(token, _Tree())
                here.kind = kind
            here.whole = here.whole or read.whole
        return trees

    def _context(self, names: Names) -> dict[str, Any]:
        context: dict[str, Any] = {name: FUNCTIONS[name] for name in self.typed.calls if name in FUNCTIONS}
        for root in self.typed.roots:
            if root == "today":
                context["today"] = names.today.isoformat()
            elif root == "index":
                context["index"] = int(names.item.rpartition("/")[2])
            elif root == "values":
                context["values"] = {name: _in(value) for name, value in names.figures.values_on(names.today).items()}
            elif root == "terms":
                terms = names.figures.terms_on(names.today).items()
                context["terms"] = {name: names.translate(str(term)) for name, term in terms}
            else:
                at = {"answers": "", "item": names.item, "parent": names.parent()}[root]
                value = ABSENT if at is None else pointers.get(names.document, at)
                tree = self._trees.get(root, _Tree(kind="map"))
                projected = tree.project(value)
                if projected is not ABSENT:
                    context[root] = projected
        return context


@dataclass
class _Tree:
    """What is read below one place; *kind* as in `Kind.name`."""

    kind: str = "any"
    whole: bool = False
    inner: dict[str, _Tree] = field(default_factory=dict)

    def project(self, value: JsonValue) -> Any:
        """The part of *value* that is read, as CEL takes it; ABSENT where nothing stands."""
        if value is ABSENT and self.kind in {"map", "list"}:
            value = {} if self.kind == "map" else []
        if value is ABSENT:
            return ABSENT
        if isinstance(value, dict) and not (self.whole and not self.inner):
            return self._object(value)
        if isinstance(value, list) and not (self.whole and not self.inner):
            return self._list(value)
        return _in(value, fraction=self.kind == "fraction")

    def _object(self, value: dict[str, JsonValue]) -> dict[str, Any]:
        members = {key: _in(one) for key, one in value.items()} if self.whole else {}
        for token, tree in self.inner.items():
            if token == "*":
                for key, one in value.items():
                    members.setdefault(key, tree.project(one))
                continue
            name = pointers.parse("/" + token.replace("~2", "*"))[0]
            projected = tree.project(value.get(name, ABSENT))
            if projected is not ABSENT:
                members[name] = projected
        return members

    def _list(self, value: list[JsonValue]) -> list[Any]:
        row = self.inner.get("*", _Tree(whole=self.whole))
        rows = [self.inner.get(str(place), row).project(one) for place, one in enumerate(value)]
        return [None if one is ABSENT else one for one in rows]


def _in(value: JsonValue, *, fraction: bool = False) -> Any:
    """*value* as the engine takes it: no Decimal, no marker of ours."""
    if isinstance(value, Decimal):
        return float(value) if fraction or value != value.to_integral_value() else int(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return float(value) if fraction else value
    if isinstance(value, dict):
        return {key: _in(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_in(one) for one in value]
    return None


def _out(value: Any) -> JsonValue:
    if isinstance(value, float):
        exact = Decimal(repr(value))
        return exact if exact.is_finite() else UNDECIDED
    if isinstance(value, list):
        return [_out(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _out(one) for key, one in value.items()}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return UNDECIDED


def compile_expression(source: str, scope: Scope) -> Expression:
    """The expression *source* in *scope*. Errors: Mismatch with a place within *source* and a remedy."""
    typed = check_types(source, scope)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise Mismatch("this is no CEL expression", 0, "compare it with the examples in form-language") from error
    return Expression(source, scope.item, typed, program)


@dataclass(frozen=True, slots=True)
class Piece:
    """An expression in braces within a text."""

    source: str


def split(text: str) -> tuple[str | Piece, ...]:
    """The literal parts and the expressions of a text; `{{` and `}}` are braces.

    Errors: Mismatch where a brace is not closed or not opened.

    >>> split("Für {item.name}{{x}}")
    ('Für ', Piece(source='item.name'), '{x}')
    """
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[str | Piece]:
    literal, at = "", 0
    while at < len(text):
        char = text[at]
        if char not in "{}":
            literal += char
            at += 1
        elif text[at : at + 2] in {"{{", "}}"}:
            literal += char
            at += 2
        elif char == "}":
            raise Mismatch("a } stands without its {", at, "write }} for a brace")
        else:
            end = text.find("}", at)
            inner = text[at + 1 : end]
            if end < 0 or "{" in inner:
                raise Mismatch("a { is not closed", at, "write {{ for a brace")
            if not inner.strip():
                raise Mismatch("there is nothing between the braces", at, "write {{ and }} for braces")
            if literal:
                yield literal
            yield Piece(inner)
            literal, at = "", end + 1
    if literal:
        yield literal


def fill(
    expressions: Mapping[tuple[str, str], object], text: str, names: Names, show: Callable[[JsonValue], str]
) -> str:
    """*text* with each piece replaced by its value as *show* writes it; an undecided one by nothing.

    *expressions* are those of the form. The text is the source's or a translation, which has the same pieces.
    """
    if "{" not in text and "}" not in text:
        return text
    done = []
    try:
        pieces = split(text)
    except Mismatch:
        return text
    for piece in pieces:
        if isinstance(piece, str):
            done.append(piece)
            continue
        expression = expressions.get((names.scope, piece.source))
        value = expression.evaluate(names) if isinstance(expression, Expression) else UNDECIDED
        done.append("" if value is UNDECIDED else show(value))
    return "".join(done)
