"""The catalogues in `translations/`, and a text in a language.

A folder with a catalogue makes a language; no code lists languages. There is one domain for the engine's own
texts and one per form, named after it. The source language is German: a text that a catalogue lacks is shown as
it is written, marked with its language (form-language, "Wording and languages").
"""

from __future__ import annotations

import gettext as gettext_module
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Self

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from formengine.i18n import formatting

ENGINE = "formengine"
SOURCE = "de"


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """*message* itself: marks a text that is translated where it is shown."""
    return message


class Phrase(str):
    """A text and, where it is not in the page's language, the language it is in.

    In a template it is escaped, and wrapped in an element with its `lang` where that is needed; `plain` is for
    attributes. As a string it is the text alone.
    """

    __slots__ = ("lang",)
    lang: str

    def __new__(cls, text: str, lang: str = "") -> Self:
        """A phrase; *lang* is empty where the text is in the language of its surroundings."""
        phrase = super().__new__(cls, text)
        phrase.lang = lang
        return phrase

    def __html__(self) -> str:
        text = escape(self.plain)
        if not self.lang:
            return str(text)
        return str(
            Markup('<span lang="{}" dir="{}">{}</span>').format(self.lang, formatting.direction(self.lang), text)
        )

    @property
    def plain(self) -> str:
        """The text without a mark of its language."""
        return str.__str__(self)

    def with_text(self, text: str) -> Phrase:
        """The same language, another text."""
        return Phrase(text, self.lang)

    @property
    def lines(self) -> list[Phrase]:
        """Its lines, each in the same language."""
        return [self.with_text(line) for line in self.plain.splitlines()]


class _Missing(gettext_module.NullTranslations):
    def gettext(self, message: str) -> str:
        raise KeyError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1, msgid2, n)


_NOTHING = _Missing()
MOST_KNOWN = 10_000
"""So many texts of a form are kept as they were looked up."""
_NAMES = re.compile(r"\{([a-z_]+)\}")


def put_in(message: str, params: Mapping[str, object]) -> str:
    """*message* with each `{name}` replaced; never `str.format`, which would read attributes (SCH-08).

    >>> put_in("{n} von {m}", {"n": 1})
    '1 von {m}'
    """
    return _NAMES.sub(lambda found: str(params.get(found[1], found[0])), message) if params else message


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Everything said in one language, for one form or for none. Made by `Catalogues.text`; compare by identity."""

    language: str
    source: str = SOURCE
    engine: gettext_module.NullTranslations = field(default=_NOTHING, repr=False)
    form: gettext_module.NullTranslations = field(default=_NOTHING, repr=False)
    _of_form: dict[str, Phrase] = field(default_factory=dict, repr=False)

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return formatting.locale_of(self.language)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return formatting.direction(self.language)

    def say(self, message: str, **params: object) -> Phrase:
        """An engine's text, marked where it is not translated; *params* fill its `{names}`."""
        return _look_up(self.engine, message, self.language, SOURCE, params)

    def gettext(self, message: str, **params: object) -> str:
        """An engine's text as a plain string."""
        return self.say(message, **params).plain

    def ngettext(self, singular: str, plural: str, n: int, **params: object) -> Phrase:
        """An engine's text for *n*, which also fills `{n}`."""
        params = {"n": n, **params}
        try:
            return Phrase(put_in(self.engine.ngettext(singular, plural, n), params))
        except KeyError:
            lang = "" if self.language == SOURCE else SOURCE
            return Phrase(put_in(singular if n == 1 else plural, params), lang)

    def of_form(self, message: str) -> Phrase:
        """A text of the form's definition or schema, marked where it is not translated."""
        found = self._of_form.get(message)
        if found is None:
            if len(self._of_form) > MOST_KNOWN:
                self._of_form.clear()
            found = _look_up(self.form, message, self.language, self.source, {}) if message else Phrase("")
            self._of_form[message] = found
        return found

    def day(self, value: str) -> str:
        """An ISO day, month or year in words."""
        return formatting.format_day(value, self.language)

    def number(self, value: Decimal | int) -> str:
        """A number, grouped, with all of its digits."""
        return formatting.format_number(value, self.language)

    def money(self, value: Decimal) -> str:
        """An amount in euros."""
        return formatting.format_money(value, self.language)

    def moment(self, instant: datetime) -> str:
        """An instant in Berlin's time."""
        return formatting.format_moment(instant, self.language)

    def size(self, size_bytes: int) -> str:
        """A file's size."""
        return formatting.format_size(size_bytes, self.language)


def _look_up(
    catalogue: gettext_module.NullTranslations,
    message: str,
    language: str,
    source: str,
    params: Mapping[str, object],
) -> Phrase:
    try:
        return Phrase(put_in(catalogue.gettext(message), params))
    except KeyError:
        return Phrase(put_in(message, params), "" if language == source else source)


def compiled(po: bytes) -> bytes:
    """The binary catalogue of a `.po` file; entries marked fuzzy are left out."""
    # A catalogue's own header names its plural rule; Babel is given no locale, for it knows none such as de-x-ls.
    out = io.BytesIO()
    write_mo(out, read_po(io.BytesIO(po), ignore_obsolete=True))
    return out.getvalue()


class Catalogues:
    """The catalogues of an engine by language and domain, read from a folder, from bytes, or both."""

    def __init__(self, folder: Path | None = None) -> None:
        self._found: dict[tuple[str, str], Callable[[], bytes]] = {}
        if folder is not None:
            for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
                self._found[path.parts[-3], path.stem] = _reader(path)
        self._load = lru_cache(maxsize=512)(self._read)
        self._text = lru_cache(maxsize=512)(self._make)

    @property
    def languages(self) -> tuple[str, ...]:
        """The source language and every language with a catalogue of the engine, by tag."""
        return (SOURCE, *sorted({language for language, domain in self._found if domain == ENGINE} - {SOURCE}))

    def with_form(self, form_id: str, catalogues: Mapping[str, bytes]) -> Catalogues:
        """These catalogues with those of one form version (language to the bytes of a `.po` file) in their place."""
        other = Catalogues()
        other._found = {key: read for key, read in self._found.items() if key[1] != form_id}
        for language, po in catalogues.items():
            other._found[language, form_id] = lambda po=po: compiled(po)  # type: ignore[misc]
        return other

    def text(self, language: str, form_id: str = "", *, source: str = SOURCE) -> Text:
        """The texts of *language*, with those of a form. The same arguments give the same object."""
        return self._text(language, form_id, source)

    def _make(self, language: str, form_id: str, source: str) -> Text:
        form = self._load(language, form_id) if form_id else _NOTHING
        return Text(language, source, self._load(language, ENGINE), form)

    def _read(self, language: str, domain: str) -> gettext_module.NullTranslations:
        read = self._found.get((language, domain))
        if read is None:
            return _NOTHING
        catalogue = gettext_module.GNUTranslations(io.BytesIO(read()))
        catalogue.add_fallback(_NOTHING)
        return catalogue


def _reader(path: Path) -> Callable[[], bytes]:
    binary = path.with_suffix(".mo")

    def read() -> bytes:
        if binary.exists() and binary.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            return binary.read_bytes()
        return compiled(path.read_bytes())

    return read
