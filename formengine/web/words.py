"""The wording of a form on a page: translated, with the values of the answers in its pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from formengine.core import expressions
from formengine.core.applying import Evaluation
from formengine.core.definition import FormDefinition, Step
from formengine.core.expressions import Names
from formengine.core.pointer import JsonValue
from formengine.i18n import wording
from formengine.i18n.catalogues import Phrase, Text

_PERSONAL = re.compile(r"\b(?:answers|item|index|parent)\b")
"""What an expression names where its value is not the same for everybody."""
_MOST_KNOWN = 2_000
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def shown(value: JsonValue, text: Text) -> str:
    """A value as it stands within a sentence."""
    if isinstance(value, str):
        return text.day(value) if _DAY.fullmatch(value) else value
    return "" if value is None else wording.plain_value(value, text).plain


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a form for one visit. *document* is E, `{}` before anything is answered."""

    form: FormDefinition
    text: Text
    today: date
    document: JsonValue = field(default_factory=dict, repr=False)
    known: dict[object, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, e: Evaluation, text: Text, known: dict[object, str] | None = None) -> Words:
        """The texts over the effective document of *e*. *known* remembers what is the same for everybody on a day."""
        return cls(e.form, text, e.today, e.document, {} if known is None else known)

    def fill(self, source: str, *, item: str = "", scope: str = "") -> Phrase:
        """The text *source* of the definition, translated, its pieces filled for the item at the pointer *item*."""
        return self.fill_phrase(self.text.of_form(source), item=item, scope=scope)

    def fill_phrase(self, phrase: Phrase, *, item: str = "", scope: str = "") -> Phrase:
        """A text that is translated already, its pieces filled."""
        if "{" not in phrase.plain and "}" not in phrase.plain:
            return phrase
        return phrase.with_text(self.put_in(phrase.plain, item=item, scope=scope))

    def put_in(self, text: str, *, item: str = "", scope: str = "") -> str:
        """*text* with its pieces filled, as plain text."""
        if _PERSONAL.search(text):
            return self._put_in(text, item, scope)
        key = (self.form.hash, self.text.language, self.today, text)
        found = self.known.get(key)
        if found is None:
            if len(self.known) > _MOST_KNOWN:
                self.known.clear()
            found = self.known[key] = self._put_in(text, item, scope)
        return found

    def _put_in(self, text: str, item: str, scope: str) -> str:
        names = Names(self.document, self.today, self.form.figures, item, scope, lambda t: self.text.of_form(t).plain)
        return expressions.fill(self.form.expressions, text, names, lambda value: shown(value, self.text))

    def title(self) -> Phrase:
        """What the form is called."""
        return self.fill(self.form.title)

    def step(self, step: Step, *, item: str = "") -> Phrase:
        """What the step is called; one that loading made has its name made readable."""
        if step.title:
            return self.fill(step.title, item=item, scope=step.scope)
        return Phrase(wording.readable(step.id))

    def item(self, step: Step, pointer: str, index: int) -> Phrase:
        """What the item at *pointer* of the list of *step* is called: by its answers, else by its number."""
        scope = f"{step.repeat}/*"
        named = self.fill(step.item_title, item=pointer, scope=scope) if step.item_title else Phrase("")
        if named.plain.strip():
            return named.with_text(named.plain.strip())
        return Phrase(f"{self.step(step).plain} {self.text.number(index + 1)}")
