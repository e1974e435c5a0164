"""What the parts of loading share: the sources, the outline, the mistakes found so far, the compiled expressions.

Decides how a mistake is recorded and how an expression or a text is compiled at its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from formengine.core import pointer as pointers
from formengine.core.expressions import Expression, Mismatch, Piece, Scope, compile_expression, split
from formengine.core.figures import Figures
from formengine.core.outline import Outline, Place
from formengine.core.schemas import Schema
from formengine.core.source import Source
from formengine.core.spelling import nearest, remedy
from formengine.errors import DefinitionError


@dataclass
class Loading:
    """One form being loaded. *errors* holds mistakes and warnings alike, in the order in which they were found."""

    definition: Source
    schema: Schema
    outline: Outline
    figures: Figures
    schemas: dict[str, Source]
    errors: list[DefinitionError] = field(default_factory=list)
    expressions: dict[tuple[str, str], Expression] = field(default_factory=dict)

    def mistake(self, message: str, at: str, *, key: bool = False, cure: str = "") -> None:
        """Record an error at the pointer *at* of the definition."""
        self.errors.append(self.definition.error(message, at, key=key, remedy=cure))

    def warn(self, message: str, at: str, *, cure: str = "") -> None:
        """Record a warning at the pointer *at* of the definition."""
        self.errors.append(self.definition.error(message, at, remedy=cure, level="warning"))

    def schema_mistake(self, message: str, at: str, *, cure: str = "", level: str = "error") -> None:
        """Record an error or warning at the pointer *at* of the bundled schema."""
        file, pointer = self.schema.origin(at)
        self.errors.append(self.schemas[file].error(message, pointer, remedy=cure, level=level))

    def expression(self, source: str, at: str, scope: str, *, kind: str = "", offset: int = 0) -> Expression | None:
        """The expression *source* that stands at *at*, of type *kind* (any if ""), or None after recording why not."""
        try:
            found = self.expressions.get((scope, source)) or compile_expression(
                source, Scope(self.outline, scope, self.figures)
            )
        except Mismatch as error:
            self._mismatch(error, at, offset)
            return None
        if (scope, source) not in self.expressions:
            for why, cure in found.typed.warnings:
                self.warn(why, at, cure=cure)
        self.expressions[scope, source] = found
        if kind and found.kind not in {kind, "any"}:
            words = "true or false" if kind == "bool" else f"of type {kind}"
            self.mistake(f"this expression is to be {words}; it is {found.typed.kind.words()}", at)
            return None
        return found

    def text(self, text: str, at: str, scope: str) -> str:
        """*text*, after compiling its pieces."""
        try:
            pieces = split(text)
        except Mismatch as error:
            self._mismatch(error, at, 0)
            return text
        for piece in pieces:
            if isinstance(piece, Piece):
                found = self.expression(piece.source, at, scope, offset=text.find("{" + piece.source) + 1)
                if found is not None and found.kind in {"list", "map"}:
                    words = found.typed.kind.words()
                    self.mistake(f"{{{piece.source}}} is {words}, which can't be shown in a text", at)
        return text

    def _mismatch(self, error: Mismatch, at: str, offset: int) -> None:
        mistake = self.definition.error(error.message, at, remedy=error.remedy)
        # JSON escapes before the place would shift it; a quotation mark opens the text.
        mistake.column += 1 + offset + error.offset
        self.errors.append(mistake)

    def place(self, pointer: str, at: str, scope: str) -> Place | None:
        """The place that *pointer* names from within *scope*, or None after recording why not."""
        if pointer and not pointer.startswith("/"):
            self.mistake(f'"{pointer}" is no pointer', at, cure=f'a pointer begins with a slash: "/{pointer}"')
            return None
        here: Place | None = self.outline.find(scope)
        for token in pointers.parse(pointer):
            if here is None:
                break
            inner = here.member(token)
            if inner is None:
                self._unknown(here, token, pointer, at, scope)
                return None
            here = inner
        return here  # None without a word where the list around is wrong: that is said there

    def _unknown(self, here: Place, token: str, pointer: str, at: str, scope: str) -> None:
        shown = here.pattern or "the root"
        inside = here.pattern[len(scope) :]
        if here.is_a("array"):
            way = f'ask its items in a step with "repeat": "{inside}"'
            cure = way if at.startswith("/steps/") else f'add "each": "{inside}", and begin at the item'
            self.mistake(f"{shown} is a list; {pointer} would be in one of its items", at, cure=cure)
            return
        names = {inside + "/" + pointers.escape(name): name for name in here.names}
        wanted = inside + "/" + pointers.escape(token)
        rest = pointer[len(wanted) :]
        cure = remedy(wanted, [name + rest for name in names] if nearest(wanted, names) else names)
        if scope and not cure.startswith("did") and pointer.startswith(scope.removesuffix("/*")):
            cure = "pointers in a repeated step begin at the item"
        self.mistake(f"the schema has no {scope}{pointer}", at, cure=cure)
