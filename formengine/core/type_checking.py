"""The types of expressions, checked at load against what the schema describes.

Decides whether an expression can work: every name and answer in it exists, every operator gets what it can take.
Also collects which answers it reads. Leaves to `core.expressions` what it comes to. The syntax tree is celpy's,
for the engine that evaluates shows none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import celpy
from celpy.celparser import CELParseError
from lark import Token, Tree

from formengine.core import pointer as pointers
from formengine.core.kinds import FROM_JSON, IN_WORDS, Kind, Mismatch, Read, Scope, Typed, never_equal, place_kind
from formengine.core.outline import kind_of
from formengine.core.spelling import remedy

MOST_LOOPS = 2
"""Loops within each other, each of which runs through a whole list for each step of the one around it (SCH-08); `each`
is one, too. What lies within an item of the loop around costs no more than the answers are long."""
MAX_LENGTH = 2000  # SCH-08: what a designer writes by hand; bounds the work of both engines

_FUNCTIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "age": (("text", "text"), "int"), "days": (("text", "text"), "int"), "months": (("text", "text"), "int"),
    "addMonths": (("text", "int"), "text"), "sum": (("list",), "any"), "size": (("any",), "int"),
    "has": (("any",), "bool"), "int": (("any",), "int"), "double": (("any",), "fraction"),
    "string": (("any",), "text"), "bool": (("any",), "bool"), "dyn": (("any",), "any"),
    "matches": (("text", "text"), "bool"),
}  # fmt: skip
_METHODS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "startsWith": (("text",), "bool"), "endsWith": (("text",), "bool"), "contains": (("text",), "bool"),
    "matches": (("text",), "bool"), "size": ((), "int"),
}  # fmt: skip
_MACROS = ("all", "exists", "exists_one", "map", "filter")
_ALIKE = "both sides are of one kind: numbers without quotes, amounts in cents, texts and dates in quotes"
_ROOTS = ("answers", "item", "index", "parent", "today", "values", "terms")


@cache
def _environment() -> celpy.Environment:
    return celpy.Environment()


def check_types(source: str, scope: Scope) -> Typed:
    """The type of *source* and what it reads. Errors: Mismatch."""
    if len(source) > MAX_LENGTH:
        raise Mismatch(f"this expression is longer than {MAX_LENGTH} characters", 0, "divide it")
    try:
        return _typed(source, scope)
    except RecursionError as error:
        raise Mismatch("this expression is nested too deeply", 0, "divide it") from error


def _typed(source: str, scope: Scope) -> Typed:
    try:
        tree = _environment().compile(source)
    except CELParseError as error:
        line, column = error.line or 1, error.column or 1
        offset = sum(len(text) + 1 for text in source.split("\n")[: line - 1]) + column - 1
        helps = "== compares, && and || join, ! is not; numbers have no comma; something may be missing before this"
        raise Mismatch("this is no CEL expression", offset, helps) from error
    checker = _Checker(scope)
    kind = checker.use(checker.infer(tree, {}))
    warnings = tuple(dict.fromkeys(checker.warnings))
    return Typed(kind, frozenset(checker.reads), frozenset(checker.roots), warnings, frozenset(checker.calls))


class _Checker:
    """One walk over one syntax tree."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.reads: set[Read] = set()
        self.roots: set[str] = set()
        self.warnings: list[tuple[str, str]] = []
        self._loops: list[str] = []
        """What the loops around begin with: `answers`, or a variable of a loop further out."""
        self.calls: set[str] = set()

    def use(self, kind: Kind, *, whole: bool = True) -> Kind:
        """Note that the answer behind *kind* is read, as a whole if it is an object or list."""
        if kind.root and kind.place is not None:
            deep = whole and kind.name in {"map", "list", "any"}
            self.reads.add(Read(kind.root, kind.tokens, kind.kinds, kind.place.pattern, deep))
        elif kind.of is not None:
            self.use(kind.of, whole=whole)
        return kind

    def infer(self, node: Any, bound: Mapping[str, Kind]) -> Kind:
        """The type of *node*; *bound* are the variables of macros."""
        children = [child for child in node.children if child is not None]
        if node.data == "expr" and len(children) == 3:
            return self._choice(children, bound)
        if len(children) == 1 and isinstance(children[0], Tree) and node.data not in _NAMED:
            return self.infer(children[0], bound)
        method: Callable[[Any, list[Any], Mapping[str, Kind]], Kind] | None = getattr(self, f"_on_{node.data}", None)
        if method is None:
            raise Mismatch("this part of CEL is not used in forms", _offset(node))
        return method(node, children, bound)

    def _choice(self, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        self._want(children[0], bound, "bool", "before ? stands a question that is true or false")
        yes, no = (self.use(self.infer(child, bound)) for child in children[1:])
        if yes.name == no.name:
            return replace(yes, root="", place=yes.place)
        if {yes.name, no.name} <= {"int", "fraction"}:
            return Kind("fraction")
        return no if yes.name == "null" else yes if no.name == "null" else Kind("any")

    def _want(self, node: Any, bound: Mapping[str, Kind], name: str, why: str) -> Kind:
        kind = self.use(self.infer(node, bound))
        if kind.name not in {name, "any"}:
            raise Mismatch(f"{why}; this is {kind.words()}", _offset(node))
        return kind

    def _logic(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        sign = "||" if node.data == "conditionalor" else "&&"
        for child in children:
            self._want(child, bound, "bool", f"both sides of {sign} are true or false")
        return Kind("bool")

    _on_conditionalor = _on_conditionaland = _logic

    def _on_relation(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        sign = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "in": "in"}[children[0].data[9:]]
        left = self.use(self.infer(children[0].children[0], bound))
        right = self.use(self.infer(children[1], bound))
        for kind, other in ((left, children[1]), (right, children[0].children[0])):
            text = _literal(other)
            odd = never_equal(kind, text) if isinstance(text, str) and sign != "in" else None
            self.warnings += [odd] if odd else []
        if sign == "in":
            if right.name not in {"list", "map", "any"}:
                raise Mismatch(f"behind in stands a list; this is {right.words()}", _offset(children[1]))
            return Kind("bool")
        numbers = {"int", "fraction"}
        equal = left.name == right.name or "any" in {left.name, right.name} or {left.name, right.name} <= numbers
        if sign in {"==", "!="}:
            equal = equal or "null" in {left.name, right.name}
        elif equal and {left.name, right.name} & {"list", "map", "null"}:
            raise Mismatch(f"{sign} compares numbers or texts; this is {left.words()}", _offset(node))
        if not equal:
            raise Mismatch(f"{left.words()} and {right.words()} can't be compared", _offset(node), _ALIKE)
        return Kind("bool")

    def _arithmetic(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        sign = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}[children[0].data.rpartition("_")[2]]
        left = self.use(self.infer(children[0].children[0], bound))
        right = self.use(self.infer(children[1], bound))
        allowed = {"int", "fraction", "any"} | ({"text", "list"} if sign == "+" else set())
        for kind, at in ((left, children[0]), (right, children[1])):
            if kind.name not in allowed:
                raise Mismatch(f"{sign} can't reckon with {kind.words()}", _offset(at), "string(…) makes a text of it")
            self._warn_of_fraction(kind)
        if "any" in {left.name, right.name}:
            return Kind("any" if left.name == right.name else (left if right.name == "any" else right).name)
        if left.name != right.name:
            cure = (
                "string(…) makes a text"
                if "text" in {left.name, right.name}
                else "double(…) or int(…) makes them equal"
            )
            raise Mismatch(f"{sign} does not mix {left.words()} and {right.words()}", _offset(node), cure)
        return Kind(left.name, of=left.of)

    _on_addition = _on_multiplication = _arithmetic

    def _warn_of_fraction(self, kind: Kind) -> None:
        if kind.name == "fraction" and kind.place is not None:
            why = f"reckoning with the fraction {kind.place.pattern} is not exact"
            self.warnings.append((why, "ask amounts in cents, as integers"))

    def _on_unary(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        if children[0].data == "unary_not":
            return self._want(children[1], bound, "bool", "behind ! stands what is true or false")
        kind = self.use(self.infer(children[1], bound))
        if kind.name not in {"int", "fraction", "any"}:
            raise Mismatch(f"behind - stands a number; this is {kind.words()}", _offset(node))
        return Kind(kind.name)

    def _on_paren_expr(self, _node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        return self.infer(children[0], bound)

    def _on_literal(self, node: Any, children: list[Any], _bound: Mapping[str, Kind]) -> Kind:
        name = _LITERALS.get(children[0].type)
        if name is None:
            raise Mismatch("this kind of value is not used in forms", _offset(node))
        return Kind(name)

    def _on_list_lit(self, _node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        inner = [self.use(self.infer(child, bound)) for child in (children[0].children if children else ())]
        names = {kind.name for kind in inner}
        return Kind("list", of=Kind(names.pop()) if len(names) == 1 else None)

    def _on_map_lit(self, _node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        for child in children[0].children if children else ():
            self.use(self.infer(child, bound))
        return Kind("map")

    def _on_ident(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        name = str(children[0])
        if name in bound:
            return bound[name]
        if name not in _ROOTS:
            words = "answers begin with answers. or item., as in answers.{}; a text stands in quotes, as in '{}'"
            cure = remedy(name, [*_ROOTS, *bound], otherwise=words.format(name, name))
            raise Mismatch(f"there is no name {name}", _offset(node), cure)
        if name in {"item", "index", "parent"}:
            self._want_item(name, node)
        self.roots.add(name)
        if name == "today":
            return Kind("text")
        if name == "index":
            return Kind("int")
        if name in {"values", "terms"}:
            return Kind("map", root=name)
        pattern = {"answers": "", "item": self.scope.item, "parent": self.scope.parent() or ""}[name]
        return place_kind(self.scope.outline.find(pattern), name, (), ())

    def _want_item(self, name: str, node: Any) -> None:
        if not self.scope.item:
            raise Mismatch(f"there is no {name} here", _offset(node), 'it exists in repeated steps and with "each"')
        if name == "parent" and self.scope.parent() is None:
            raise Mismatch("the item lies in no other item", _offset(node), "write answers or item")

    def _on_member_dot(self, _node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        return self._member(self.infer(children[0], bound), str(children[1]), children[1])

    def _member(self, holder: Kind, name: str, at: Any) -> Kind:
        if holder.root in {"values", "terms"}:
            known = self.scope.figures.names(holder.root)
            if name not in known:
                raise Mismatch(f"there is no {holder.root}.{name}", _offset(at), remedy(name, known))
            return Kind("text") if holder.root == "terms" else Kind(FROM_JSON[kind_of(known[name])])
        if holder.name == "any" or (holder.name == "map" and holder.place is None):
            self.use(holder)
            return Kind("any")
        if holder.name != "map" or holder.place is None:
            raise Mismatch(f"{name} is asked of {holder.words()}", _offset(at), "only objects have members")
        inner = holder.place.member(name)
        token = pointers.pattern_child("", name)[1:]
        if inner is None:
            inner = holder.place.rows
        if inner is None:
            where = holder.place.pattern or "the form"
            raise Mismatch(f"{where} has no answer {name}", _offset(at), remedy(name, holder.place.names))
        return place_kind(inner, holder.root, (*holder.tokens, token), holder.kinds)

    def _on_member_index(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        holder = self.infer(children[0], bound)
        literal = _literal(children[1])
        if isinstance(literal, str) and holder.name in {"map", "any"}:
            return self._member(holder, literal, children[1])
        index = self.use(self.infer(children[1], bound))
        if holder.name == "list":
            if index.name not in {"int", "any"}:
                raise Mismatch(f"a place in a list is a whole number; this is {index.words()}", _offset(children[1]))
            return self.row(holder)
        if holder.name in {"map", "any"}:
            self.use(holder)
            return Kind("any")
        raise Mismatch(f"[…] is asked of {holder.words()}", _offset(node), "only lists and objects have members")

    def row(self, holder: Kind) -> Kind:
        """The type of an item of the list *holder*."""
        if holder.place is not None and holder.root and holder.place.rows is not None:
            return place_kind(holder.place.rows, holder.root, (*holder.tokens, "*"), holder.kinds)
        self.use(holder)
        return holder.of or Kind("any")

    def _on_ident_arg(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        name = str(children[0])
        wanted, gives = self._signature(name, _FUNCTIONS, node)
        self.calls.add(name)
        kinds = self._arguments(name, node, children, bound, wanted)
        if name == "sum":
            of = kinds[0].of or (self.row(kinds[0]) if kinds[0].place is not None else Kind("any"))
            if of.name not in {"int", "fraction", "any"}:
                raise Mismatch(f"sum adds up a list of numbers; this is a list of {of.words()}", _offset(node))
            self._warn_of_fraction(of)
            return Kind(of.name)
        if name == "has" and not kinds[0].tokens and kinds[0].name != "any":
            raise Mismatch("has() asks whether an answer is there", _offset(node), "as in has(item.birthDate)")
        return Kind(gives)

    @staticmethod
    def _signature(
        name: str, known: Mapping[str, tuple[tuple[str, ...], str]], node: Any
    ) -> tuple[tuple[str, ...], str]:
        if name not in known:
            cure = remedy(name, [*_FUNCTIONS, *_METHODS, *_MACROS], otherwise=f"there is: {', '.join(sorted(known))}")
            raise Mismatch(f"there is no function {name}()", _offset(node), cure)
        return known[name]

    def _arguments(
        self, name: str, node: Any, children: list[Any], bound: Mapping[str, Kind], wanted: tuple[str, ...]
    ) -> list[Kind]:
        has_any = getattr(children[-1], "data", "") == "exprlist"  # without arguments the name stands last
        given = [child for child in children[-1].children if child is not None] if has_any else []
        if len(given) != len(wanted):
            raise Mismatch(f"{name}() takes {len(wanted)} values, not {len(given)}", _offset(node))
        kinds = []
        for place, (child, want) in enumerate(zip(given, wanted, strict=True), start=1):
            kind = self.use(self.infer(child, bound), whole=name not in {"has", "size"})
            if want not in {"any", kind.name} and kind.name != "any":
                raise Mismatch(f"value {place} of {name}() is {IN_WORDS[want]}; this is {kind.words()}", _offset(child))
            kinds.append(kind)
        return kinds

    def _on_member_dot_arg(self, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        name = str(children[1])
        holder = self.infer(children[0], bound)
        if name in _MACROS:
            return self._macro(name, holder, node, children, bound)
        wanted, gives = self._signature(name, _METHODS, node)
        self.use(holder, whole=name != "size")
        if name != "size" and holder.name not in {"text", "any"}:
            raise Mismatch(f"{name}() is asked of {holder.words()}", _offset(node), "only texts have it")
        self._arguments(name, node, children, bound, wanted)
        return Kind(gives)

    def _macro(self, name: str, holder: Kind, node: Any, children: list[Any], bound: Mapping[str, Kind]) -> Kind:
        given = children[2].children if len(children) > 2 else []
        variable = _name(given[0]) if given else None
        if len(given) != 2 or variable is None:
            raise Mismatch(f"{name}() takes a name and an expression", _offset(node), f"as in {name}(i, i.amount > 0)")
        if holder.name not in {"list", "map", "any"}:
            raise Mismatch(f"{name}() goes through a list; this is {holder.words()}", _offset(node))
        self.use(holder, whole=False)
        row = Kind("text") if holder.name == "map" else self.row(holder) if holder.name == "list" else Kind("any")
        inner = {**bound, variable: row}
        self._loops.append(_begins_with(children[0]))
        whole = len(self._loops) - len(set(self._loops) & {*bound, "item"}) + bool(self.scope.item)
        if whole > MOST_LOOPS:
            cure = "go through lists within an item, or compute a part of it at each item"
            raise Mismatch(f"more than {MOST_LOOPS} loops run within each other", _offset(node), cure)
        if name == "map":
            found = Kind("list", of=self.use(self.infer(given[1], inner)))
        else:
            self._want(given[1], inner, "bool", f"{name}() asks a question that is true or false")
            found = holder if name == "filter" else Kind("bool")
        self._loops.pop()
        return found


_NAMED = {"literal", "ident", "ident_arg", "list_lit", "map_lit", "member_dot", "member_dot_arg", "member_index"}
_LITERALS = {
    "INT_LIT": "int", "FLOAT_LIT": "fraction", "STRING_LIT": "text", "MLSTRING_LIT": "text", "BOOL_LIT": "bool",
    "NULL_LIT": "null",
}  # fmt: skip


def _offset(node: Any) -> int:
    if isinstance(node, Token):
        return int(node.start_pos or 0)
    return int(getattr(node.meta, "start_pos", 0))


def _begins_with(node: Any) -> str:
    """The name with which *node* begins, as `answers` of `answers.rows[0].parts`; "" for what begins with no name."""
    while isinstance(node, Tree):
        node = next((child for child in node.children if child is not None), None)
    return str(node) if node is not None and node.type == "IDENT" else ""


def _only(node: Any, wanted: str) -> Any:
    """The one thing of kind *wanted* that *node* consists of, or None."""
    while isinstance(node, Tree) and node.data != wanted:
        children = [child for child in node.children if child is not None]
        if len(children) != 1:
            return None
        node = children[0]
    return node.children[0] if isinstance(node, Tree) else None


def _name(node: Any) -> str | None:
    token = _only(node, "ident")
    return None if token is None else str(token)


def _literal(node: Any) -> object:
    token = _only(node, "literal")
    if token is None or token.type != "STRING_LIT":
        return None
    try:
        return ast.literal_eval(str(token))
    except (ValueError, SyntaxError):
        return None
