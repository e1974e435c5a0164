"""The words of one question in one language: from the definition, else the schema, else the property's name.

Texts of a definition may hold CEL pieces in braces, and only those; they are filled when the answers are known, by a
function that is given. A schema's wording is never read that way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from formengine.core.asking import Option, Question
from formengine.core.definition import Field
from formengine.core.numbers import dumps
from formengine.core.pointer import parse
from formengine.i18n.catalogues import N_, Phrase, Text

Fill = Callable[[str], str]
"""What puts the values into the pieces of a text; `core.expressions.fill` with all but the text."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W_]+|\d+|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it stands on a page; *pieces* says that it holds braces to be filled."""

    phrase: Phrase
    pieces: bool = False

    def __bool__(self) -> bool:
        return bool(self.phrase)

    def filled(self, fill: Fill) -> Phrase:
        """The text with its pieces filled."""
        return self.phrase.with_text(fill(self.phrase.plain)) if self.pieces else self.phrase


NO_WORDING = Wording(Phrase(""))


def readable(name: str) -> str:
    """A property's name as a label.

    >>> readable("dateOfBirth"), readable("kunden_nummer"), readable("hasIBAN")
    ('Date of birth', 'Kunden nummer', 'Has IBAN')
    """
    words = _WORDS.findall(name)
    if not words:
        return name
    rest = [word if word.isupper() and len(word) > 1 else word.lower() for word in words[1:]]
    return " ".join([words[0][0].upper() + words[0][1:], *rest])


def written(source: str, text: Text) -> Wording:
    """A text of the definition in the language of *text*."""
    if not source:
        return NO_WORDING
    phrase = text.of_form(source)
    return Wording(phrase, "{" in phrase or "}" in phrase)


def label(question: Question, field: Field, text: Text, *, at: str = "", pattern: str = "") -> Wording:
    """What the question is called. *at* and *pattern* are where it stands: rows of a list are numbered."""
    name = question.name or (parse(at)[-1] if at else "")
    if field.label:
        words = written(field.label, text)
    elif question.title:
        words = Wording(text.of_form(question.title))
    else:
        words = Wording(Phrase(readable(name)) if name and not name.isdigit() else text.say(N_("Ihre Angabe")))
    last = at.rpartition("/")[2]
    if last.isdigit() and last != question.name and (pattern.endswith("/*") or pattern.rpartition("/")[2] == last):
        return Wording(words.phrase.with_text(f"{words.phrase.plain} {text.number(int(last) + 1)}"), words.pieces)
    return words


def hint(question: Question, field: Field, text: Text) -> Wording:
    """The sentence below the label."""
    if field.hint:
        return written(field.hint, text)
    return Wording(text.of_form(question.description)) if question.description else NO_WORDING


def option(choice: Option, field: Field, text: Text) -> Phrase:
    """What one of the values to choose from is called."""
    for key in (choice.text, dumps(choice.value)):
        if field.options.get(key):
            return text.of_form(field.options[key])
    if choice.label:
        return text.of_form(choice.label)
    return plain_value(choice.value, text)


def plain_value(value: object, text: Text) -> Phrase:
    """A value that has no words of its own: yes, no, don't know, a number, or the text itself."""
    if value is None:
        return text.say(N_("Weiß ich nicht"))
    if value is True:
        return text.say(N_("Ja"))
    if value is False:
        return text.say(N_("Nein"))
    if isinstance(value, str):
        return Phrase(value or "–")
    return Phrase(dumps(value) if isinstance(value, list | dict) else text.number(value))  # type: ignore[arg-type]


MESSAGES: Mapping[str, str] = {
    "required": N_("Geben Sie „{label}“ ein"),
    "parse": N_("Prüfen Sie „{label}“"),
    "changed": N_("Prüfen Sie Ihre Antwort zu „{label}“"),
    "minLength": N_("„{label}“ muss mindestens {limit} Zeichen lang sein"),
    "minLength-1": N_("Geben Sie „{label}“ ein"),
    "maxLength": N_("„{label}“ darf höchstens {limit} Zeichen lang sein"),
    "lines": N_("„{label}“ darf höchstens {limit} Zeilen haben"),
    "minimum": N_("„{label}“ muss {limit} oder mehr sein"),
    "maximum": N_("„{label}“ muss {limit} oder weniger sein"),
    "exclusiveMinimum": N_("„{label}“ muss mehr als {limit} sein"),
    "exclusiveMaximum": N_("„{label}“ muss weniger als {limit} sein"),
    "multipleOf": N_("„{label}“ muss ein Vielfaches von {limit} sein"),
    "minItems": N_("Geben Sie bei „{label}“ mindestens {limit} Einträge an"),
    "minItems-1": N_("Geben Sie bei „{label}“ mindestens einen Eintrag an"),
    "maxItems": N_("Geben Sie bei „{label}“ höchstens {limit} Einträge an"),
    "maxItems-1": N_("Geben Sie bei „{label}“ höchstens einen Eintrag an"),
    "uniqueItems": N_("Bei „{label}“ darf kein Eintrag doppelt sein"),
    "enum": N_("Wählen Sie bei „{label}“ eine der Antworten aus"),
    "none": N_("Geben Sie „{label}“ ein oder wählen Sie „Weiß ich nicht“, nicht beides"),
    "anyOf": N_("Machen Sie bei „{label}“ mindestens eine der Angaben"),
    "anyOf-names": N_("Machen Sie mindestens eine dieser Angaben: {names}"),
    "oneOf-names": N_("Machen Sie genau eine dieser Angaben: {names}"),
    "not-names": N_("Prüfen Sie diese Angaben, sie passen nicht zusammen: {names}"),
    "oneOf": N_("Wählen Sie bei „{label}“ genau eine Möglichkeit"),
    "not": N_("Diese Antwort bei „{label}“ ist hier nicht möglich"),
    "minProperties": N_("Machen Sie bei „{label}“ mindestens {limit} Angaben"),
    "minProperties-1": N_("Machen Sie bei „{label}“ mindestens eine Angabe"),
    "maxProperties": N_("Machen Sie bei „{label}“ höchstens {limit} Angaben"),
    "maxProperties-1": N_("Machen Sie bei „{label}“ höchstens eine Angabe"),
    "propertyNames": N_("Der Name eines Eintrags bei „{label}“ ist hier nicht möglich"),
}
"""The engine's sentences by schema keyword or by what could not be read (ux 4.4). A definition overrides them."""
