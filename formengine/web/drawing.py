"""A control while a macro draws it, either for one person or once for all.

Whatever depends on a person's answers is asked of an *ink*: `Live` answers with the state of a request, `Slots` with
a mark where the state will be put in later. The macros cannot tell which it is, so the compiled page is the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from markupsafe import Markup, escape
from wtforms.meta import DefaultMeta

from formengine.core.asking import Role
from formengine.core.pointer import parse
from formengine.fields import NONE, OWN, Control, Raw
from formengine.i18n.catalogues import Phrase
from formengine.i18n.wording import Fill, Wording

OPEN, CLOSE = f"\ue000{secrets.token_hex(8)}:", "\ue001"
"""What stands around a slot's name; no text of a schema can know it."""

_PICKS = {Role.BRANCH: "branch", Role.TYPE: "type", Role.GIVEN: "given"}


class Ink(Protocol):
    """What draws what changes."""

    def value(self, control: Control, part: str) -> str | Markup:
        """The text in a part's control."""

    def error(self, control: Control) -> str | Markup:
        """The sentence that says what is wrong."""

    def when(self, control: Control, condition: tuple[str, str, int], markup: Markup) -> Markup:
        """*markup* where the condition holds: ("error", "", 0), ("wrong", part, 0) or ("picked", part, place)."""

    def words(self, wording: Wording) -> Phrase | Markup:
        """A text with its pieces filled."""


@dataclass(frozen=True, slots=True)
class Live:
    """The ink for one person's page. *errors* are sentences, *wrong* the parts to mend, by control name."""

    errors: Mapping[str, str]
    wrong: Mapping[str, frozenset[str]]
    fill: Fill

    def value(self, control: Control, part: str) -> str:
        """The text that was typed or that says the answer."""
        return next(iter(control.raw.get(part, ())), "")

    def error(self, control: Control) -> str:
        """The sentence."""
        return self.errors.get(control.name, "")

    def when(self, control: Control, condition: tuple[str, str, int], markup: Markup) -> Markup:
        """*markup* or nothing."""
        what, part, place = condition
        if what == "error":
            holds = bool(self.errors.get(control.name))
        elif what == "wrong":
            holds = part in self.wrong.get(control.name, ())
        else:
            holds = place in picked(control.raw, part, control.prompt.places)
        return markup if holds else Markup()

    def words(self, wording: Wording) -> Phrase:
        """The text, filled."""
        return wording.filled(self.fill)


def picked(raw: Raw, part: str, places: Mapping[str, int]) -> frozenset[int]:
    """The places of the options that *raw* chooses; -1 stands for "anything at all"."""
    texts = raw.get(part)
    if not texts:
        return frozenset()
    if part == NONE:
        return frozenset((0, -1))
    return frozenset((-1, *(places[text] for text in texts if text in places)))


@dataclass(slots=True)
class Slots:
    """The ink for the compiled page: marks, and what each of them means."""

    indexes: dict[str, int] = field(default_factory=dict)
    texts: list[Wording] = field(default_factory=list)

    def value(self, control: Control, part: str) -> Markup:
        """The mark of a text."""
        return self._mark(self._variable("v", control, part))

    def error(self, control: Control) -> Markup:
        """The mark of a sentence."""
        return self._mark(self._variable("e", control, OWN))

    def when(self, control: Control, condition: tuple[str, str, int], markup: Markup) -> Markup:
        """*markup* between two marks."""
        what, part, place = condition
        if what == "picked":
            test = f"{place} in {self._variable('p', control, part)}"
        else:
            test = self._variable("e" if what == "error" else "w", control, part)
        return self._mark(f"%if {test}") + markup + self._mark("%endif")

    def words(self, wording: Wording) -> Phrase | Markup:
        """The text itself, or its mark where answers stand in it."""
        if not wording.pieces:
            return wording.phrase
        if wording not in self.texts:
            self.texts.append(wording)
        return self._mark(f"t{self.texts.index(wording)}")

    def _variable(self, letter: str, control: Control, part: str) -> str:
        """A variable of the flat template, named by numbers alone: no text of a schema gets there (SCH-08)."""
        place = self.indexes.setdefault(control.name, len(self.indexes))
        return variable(letter, place, control.prompt.parts, part)

    @staticmethod
    def _mark(content: str) -> Markup:
        return Markup(f"{OPEN}{content}{CLOSE}")  # noqa: S704  our own letters and numbers


def variable(letter: str, place: int, parts: Sequence[str], part: str) -> str:
    """The variable of a part of the control number *place*."""
    return f"{letter}{place}_{parts.index(part) if part in parts else 0}"


class Meta(DefaultMeta):
    """What a WTForms form knows of drawing: the ink, and who finds macros."""

    def __init__(
        self, ink: Ink | None = None, macro: Callable[[str], Any] | None = None, *, shared: bool = False
    ) -> None:
        self.ink = ink
        self.macro = macro
        self.shared = shared

    def draw(self, control: Control, *, drawing: Drawing | None = None, as_heading: bool = False) -> Markup:
        """The HTML of *control*, drawn by the macro of its kind."""
        if self.macro is None:
            raise TypeError("this form only reads")
        macro = self.macro(control.prompt.kind.template_of(control.prompt))
        one = drawing or Drawing(control)
        return Markup(macro(one, as_heading, one.rows))  # noqa: S704  the macros escape


class Drawing:
    """What a macro may ask of a control."""

    def __init__(self, control: Control, rows: Sequence[Drawing] = ()) -> None:
        self._control = control
        self.rows = rows
        self._ink: Ink = control.meta.ink
        self.prompt = control.prompt
        self.id = control.id
        self.pointer = control.pointer
        self.name_of = control.name_of
        self.id_of = control.id_of
        self.choices = control.prompt.choices
        self.parts = control.prompt.parts
        kind = control.prompt.kind
        self.html_type, self.exact, self.capitals = kind.html_type, kind.exact, kind.capitals
        self.direction = "ltr" if kind.exact else "auto"
        self.inputmode = control.prompt.field.inputmode or kind.inputmode(control.prompt)
        self.unit = control.prompt.text.say(kind.unit) if kind.unit else ""
        self.entry: tuple[str, str, int] | None = None
        self.begins_entry = False
        self.ends_entry = False
        self.is_place = False

    def draw(self, as_heading: bool = False) -> Markup:  # noqa: FBT001, FBT002  called by templates
        """The whole control."""
        html: Markup = self._control(drawing=self, as_heading=as_heading)
        return html

    def say(self, wording: Wording) -> Phrase | Markup:
        """A text of the page around this control."""
        return self._ink.words(wording)

    def label(self) -> Phrase | Markup:
        """What the question is called."""
        return self._ink.words(self.prompt.label)

    def hint(self) -> Phrase | Markup:
        """The sentence below the label."""
        return self._ink.words(self.prompt.hint)

    def help(self) -> Phrase | Markup:
        """Longer help."""
        return self._ink.words(self.prompt.help)

    def why(self) -> Phrase | Markup:
        """Why we ask."""
        return self._ink.words(self.prompt.why)

    @property
    def has_hint(self) -> bool:
        """Whether there is a hint."""
        return bool(self.prompt.hint)

    @property
    def has_help(self) -> bool:
        """Whether there is help."""
        return bool(self.prompt.help)

    @property
    def has_why(self) -> bool:
        """Whether there is a reason."""
        return bool(self.prompt.why)

    @property
    def has_none(self) -> bool:
        """Whether "don't know" is a part of its own."""
        return NONE in self.parts

    @property
    def optional(self) -> bool:
        """Whether to say that it may be left out."""
        return not self.prompt.required and self.prompt.kind.may_be_optional

    @property
    def can_be_taken_back(self) -> bool:
        """Whether radios offer "no answer" once one is chosen: a browser lets nobody undo that."""
        return self.optional and self.prompt.role is Role.VALUE and "" not in self.prompt.places

    @property
    def limit(self) -> int:
        """How many characters fit; 0 for no limit."""
        return int(self.prompt.question.keywords.get("maxLength", 0))

    @property
    def parts_may_lack(self) -> bool:
        """Whether some part of the value need not be known."""
        return self.prompt.kind.parts_may_lack(self.prompt.question)

    @property
    def width_class(self) -> str:
        """The class that sets the width."""
        width = self.prompt.field.width or self.prompt.kind.width_of(self.prompt)
        if width in {"2", "4"}:
            return f" kern-form-input__input--width-{width}"
        return f" app-width-{width}" if width.isascii() and width.isdigit() else ""

    @property
    def can_add(self) -> bool:
        """Whether a list takes one row more."""
        keywords, rows = self.prompt.question.keywords, self.count
        return bool(rows < keywords.get("maxItems", rows + 1))

    @property
    def row_count(self) -> int:
        """How many rows or entries there are."""
        return len({row.entry_pointer for row in self.rows})

    @property
    def count(self) -> int:
        """How long a list is: the places of a tuple, which stand before, and its rows."""
        return self.prompt.question.places + self.row_count

    @property
    def entry_pointer(self) -> str:
        """The pointer of the row or entry in which this stands."""
        return self.entry[1] if self.entry else self.pointer

    @property
    def entry_name(self) -> str:
        """The key of the entry in which this stands."""
        return parse(self.entry_pointer)[-1]

    def entry_marks(self) -> Markup:
        """The marks of the value of a free key."""
        if self.entry is None or self.entry[0] != "map":
            return Markup()
        return Markup(' data-role="map-value" data-index="{}"').format(self.entry[2])

    def autocomplete(self, part: str = OWN) -> str:
        """What the browser may fill in: nothing unless the definition says so, nothing on a shared device."""
        name = self.prompt.field.autocomplete
        if not name or self._control.meta.shared:
            return "off"
        return f"{name}-{part}" if part and name == "bday" else name

    def shown(self, part: str = OWN) -> str | Markup:
        """The text in a part's control."""
        return self._ink.value(self._control, part)

    def error_text(self) -> str | Markup:
        """The sentence that says what is wrong; only within `if_error`."""
        return self._ink.error(self._control)

    def if_error(self, markup: str) -> Markup:
        """*markup*, safe HTML of a template, where something is wrong."""
        return self._ink.when(self._control, ("error", OWN, 0), Markup(markup))  # noqa: S704

    def if_wrong(self, part: str, markup: str) -> Markup:
        """*markup* where this part is wrong."""
        return self._ink.when(self._control, ("wrong", part, 0), Markup(markup))  # noqa: S704

    def if_picked(self, place: int, markup: str, part: str = OWN) -> Markup:
        """*markup* where the option number *place* is chosen; -1 stands for "there is anything"."""
        return self._ink.when(self._control, ("picked", part, place), Markup(markup))  # noqa: S704

    def described_by(self, *, part: str | None = None, hint: bool = True, unit: object = None) -> Markup:
        """The attribute `aria-describedby`: hint, unit, error, in this order; with *part*, the error of that part."""
        ids = [f"{self.id}-hint"] if hint and self.has_hint else []
        ids += [f"{self.id}-unit"] if unit else []
        condition = ("error", OWN, 0) if part is None else ("wrong", part, 0)
        if not ids:
            own = Markup(' aria-describedby="{}-error"').format(self.id)
            return self._ink.when(self._control, condition, own)
        more = self._ink.when(self._control, condition, Markup(" {}-error").format(self.id))
        return Markup(' aria-describedby="') + escape(" ".join(ids)) + more + Markup('"')

    def marks(self, part: str = OWN) -> Markup:
        """The marks that a part carries: the pointer of its value, its name, its role (form-language, "Marks")."""
        part = part or _PICKS.get(self.prompt.role, "")
        if not part:
            return Markup()
        marks = Markup(' data-pointer="{}" data-part="{}"').format(self.pointer, part)
        return marks + Markup(' data-role="variant"') if self.prompt.role is Role.BRANCH else marks


def new_scope() -> str:
    """A scope for compiling: one token that no schema can know, and that stands for itself in names and ids."""
    return f"/z{secrets.token_hex(12)}"
