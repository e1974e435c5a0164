"""What a form is after loading: steps, fields, proofs, checks, as values to compute with.

Decides nothing; `core.loading` makes these, `core.applying`, `core.routing` and `core.validation` read them.
All wording is the source text (German by default) and may hold CEL pieces in braces; `expressions` maps
each piece to its compiled form. Pointers within are *patterns* (see `core.pointer`), absolute from the
document's root, with `*` for each item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from formengine.core.figures import Figures
from formengine.core.schemas import Schema
from formengine.errors import NotFound

RESERVED_FORMS: Final = frozenset({
    "resume", "verify", "help", "handover", "privacy", "imprint", "accessibility", "offline", "manifest.webmanifest",
    "service-worker.js", ".well-known", "livez", "readyz", "static", "favicon.ico", "robots.txt", "values",
})  # fmt: skip
"""First segments of addresses that are the engine's own: no form has such an id."""

RESERVED_STEPS: Final = frozenset({
    "tasks", "proofs", "review", "declarations", "confirmation", "status", "save", "privacy", "device", "messages",
    "appointments", "withdraw", "version", "welcome", "leave", "ended", "session",
})  # fmt: skip
"""Segments behind a form that are the engine's own: no step has such an id."""

RESERVED_IN_ITEM: Final = frozenset({"remove"})
"""Segments behind an item that are the engine's own."""

AUTOFILL: Final = frozenset({
    "off", "on", "name", "honorific-prefix", "given-name", "additional-name", "family-name", "honorific-suffix",
    "nickname", "username", "new-password", "current-password", "one-time-code", "organization-title", "organization",
    "street-address", "address-line1", "address-line2", "address-line3", "address-level1", "address-level2",
    "address-level3", "address-level4", "country", "country-name", "postal-code", "bday", "bday-day", "bday-month",
    "bday-year", "sex", "language", "url", "photo", "tel", "tel-country-code", "tel-national", "tel-area-code",
    "tel-local", "tel-extension", "email", "impp", "transaction-currency", "transaction-amount",
})  # fmt: skip
"""What browsers fill in, as HTML names it; before it may stand whose or which it is (`work tel`)."""


@dataclass(frozen=True, slots=True)
class Video:
    """An explainer video. Paths lie in `forms/media/`; *captions* is language to path."""

    src: str
    captions: Mapping[str, str]
    transcript: str
    title: str = ""
    poster: str = ""
    sign_language: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What the definition says of one question, or of an object and so of all its leaves."""

    pattern: str
    label: str = ""
    hint: str = ""
    help: str = ""
    why: str = ""
    widget: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    width: str = ""
    options: Mapping[str, str] = field(default_factory=dict)  # JSON text of the value -> label
    messages: Mapping[str, str] = field(default_factory=dict)  # schema keyword -> wording
    fills: Mapping[str, str] = field(default_factory=dict)
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One page, a group of pages, or (with *repeat*) an overview of a list with pages for each item.

    *scope* is the pattern of the item in which the step lies (`""` at the top, `"/children/*"` in an item).
    *repeat* is the pattern of the list; *owns* tells the first step that repeats it. *fixed* items exist from
    the start. Texts of a step are read in its scope, *item_title* in that of its items.
    """

    id: str
    title: str = ""
    scope: str = ""
    fields: tuple[Field, ...] = ()
    steps: tuple[Step, ...] = ()
    repeat: str | None = None
    owns: bool = False
    item_title: str = ""
    fixed: int = 0
    body: str = ""
    when: str = ""
    hint: str = ""
    help: str = ""
    video: Video | None = None

    @property
    def inner_scope(self) -> str:
        """The scope of the steps below: that of an item where the step repeats a list."""
        return self.scope if self.repeat is None else self.repeat + "/*"

    @property
    def is_page(self) -> bool:
        """Whether the step is a page of its own and no list or group."""
        return self.repeat is None and not self.steps

    def walk(self) -> Iterator[Step]:
        """This step and all below it, in order."""
        yield self
        for step in self.steps:
            yield from step.walk()


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that is asked for; with *each* (pattern of a list) one for every item."""

    id: str
    title: str
    each: str = ""
    when: str = ""
    reason: str = ""
    hint: str = ""
    required: bool = False
    accept: tuple[str, ...] = ("application/pdf", "image/jpeg", "image/png", "image/heic")
    max_files: int = 10
    at: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule between answers. *at*: the pattern of the answer that can mend it; *level* is error or warning."""

    rule: str
    at: str
    message: str
    each: str = ""
    level: str = "error"


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that is reckoned, at a `readOnly` property."""

    at: str
    value: str
    each: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A sentence that the applicant ticks before sending; required, or a free consent."""

    id: str
    text: str
    required: bool = False
    when: str = ""


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One version of one form.

    *hash* is the content hash (hex SHA-256) of everything that it was made of; *languages* begins with the
    source language. *sources* are the forms the answers of which may fill this one, *quick* is its short form
    (decision 0009). *computed* stands in the order in which values depend on each other. *expressions* holds every
    compiled CEL expression by (scope pattern, source text). *layouts* is what `core.pages` remembers.
    """

    id: str
    version: str
    hash: str
    schema: Schema
    schema_name: str
    title: str
    languages: tuple[str, ...]
    steps: tuple[Step, ...]
    minutes: int | None = None
    start: str = ""
    sources: tuple[str, ...] = ()
    quick: str = ""
    proofs: tuple[Proof, ...] = ()
    checks: tuple[Check, ...] = ()
    computed: tuple[Computed, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    draft_days: int = 30
    expressions: Mapping[tuple[str, str], object] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    _fields: dict[str, tuple[tuple[Step, ...], Field]] = field(init=False, repr=False, default_factory=dict)
    _lists: dict[str, tuple[Step, ...]] = field(init=False, repr=False, default_factory=dict)
    _informing: set[int] = field(init=False, repr=False, default_factory=set)
    _numbers: dict[int, dict[str, int]] = field(init=False, repr=False, default_factory=dict)
    layouts: dict[Any, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._number(self.steps)
        for step in self.steps:
            self._enter(step, ())

    def _number(self, steps: tuple[Step, ...]) -> None:
        self._numbers[id(steps)] = {step.id: place for place, step in reversed(list(enumerate(steps)))}

    def _enter(self, step: Step, above: tuple[Step, ...]) -> None:
        chain = (*above, step)
        self._number(step.steps)
        for one in step.fields:
            self._fields.setdefault(one.pattern, (chain, one))
        if step.owns and step.repeat is not None:
            self._lists.setdefault(step.repeat, chain)
        for inner in step.steps:
            self._enter(inner, chain)
        if step.body or any(id(inner) in self._informing for inner in step.steps):
            self._informing.add(id(step))

    @property
    def informing(self) -> tuple[Step, ...]:
        """The outermost steps that are pages of information or have one below them."""
        return tuple([step for step in self.steps if id(step) in self._informing]) if self._informing else ()

    def place(self, steps: tuple[Step, ...], own: str) -> int:
        """The place of the step *own* in *steps*, those of the form or of one of its steps. Errors: NotFound."""
        try:
            return self._numbers[id(steps)][own]
        except KeyError:
            raise NotFound("no such step") from None

    def informs(self, step: Step) -> bool:
        """Whether the step is a page of information, or has one below it."""
        return id(step) in self._informing

    def walk(self) -> Iterator[Step]:
        """All steps, outer before inner, in order."""
        for step in self.steps:
            yield from step.walk()

    def field(self, pattern: str) -> Field | None:
        """What the definition says of exactly *pattern*, or None."""
        found = self._fields.get(pattern)
        return found[1] if found else None

    def owner(self, pattern: str) -> tuple[Step, ...]:
        """The step that repeats the list *pattern* and owns it, with the steps around it, outermost first, or ()."""
        return self._lists.get(pattern, ())

    def chain(self, pattern: str) -> tuple[Step, ...]:
        """The page on which *pattern* is asked, last, with the steps around it, outermost first, or ().

        It is the page of the field with the longest pattern that reaches it. What has none, as the pick of a branch
        whose fields are named one by one, stands on the page of the first field below it.
        """
        if pattern in self._lists:
            return self._lists[pattern]
        here = pattern
        while here not in self._fields:
            if not here or here in self._lists:
                return self._first_below(pattern)
            here = here.rpartition("/")[0]
        return self._fields[here][0]

    def _first_below(self, pattern: str) -> tuple[Step, ...]:
        below = pattern + "/"
        chains = [(at, chain) for at, (chain, _) in self._fields.items()] + list(self._lists.items())
        for at, chain in chains:
            if at.startswith(below) and f"{pattern}/".startswith(f"{chain[-1].scope}/"):
                return chain
        return ()
