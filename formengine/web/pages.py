"""Pages: the frame that all of them share, and what their templates are given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Response, current_app, url_for
from markdown_it import MarkdownIt
from markupsafe import Markup

from formengine.i18n import formatting
from formengine.i18n.catalogues import Phrase
from formengine.services import visiting
from formengine.web.visits import Visit, visit

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image", "html_inline", "html_block"])
_LINKS = re.compile(r"(?:https:|mailto:|tel:|#|/(?!/))[^\\\x00-\x20]*", re.IGNORECASE)
_MARKDOWN.validateLink = lambda url: _LINKS.fullmatch(url) is not None  # type: ignore[method-assign]  # as its docs say
"""Where a text may lead: nowhere unsafe, and to no address that only looks like one of ours (SCH-07)."""


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """One language in the switch, named in itself."""

    tag: str
    name: str
    direction: str
    current: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What the frame needs to know. *leave* is where one ends the visit and *ended* the page behind it, "" where
    there is nothing to end; *shared*: on a device that others use too.
    """

    mark: str
    language: str
    html_lang: str
    direction: str
    theme: str
    languages: tuple[LanguageChoice, ...]
    has_form: bool
    home: str
    leave: str
    ended: str
    shared: bool
    query: str


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """When the session ends unless it is used: the clock, in *left_s* seconds; in *most_s* at the latest (SES-05)."""

    clock: str | Markup
    left_s: int | Markup
    most_s: int | Markup


@dataclass(frozen=True, slots=True)
class Prose:
    """A text with paragraphs, as HTML, and its language where that is not the page's."""

    html: Markup
    lang: str = ""


def frame(v: Visit, mark: str, *, has_form: bool = False) -> Page:
    """The frame of a page with the mark *mark*; *has_form*: the language switch belongs to the form `step`."""
    held = v.session is not None and (v.draft is not None or v.reference is not None)
    form = v.form
    return Page(
        mark=mark,
        language=v.language,
        html_lang=v.language,
        direction=v.text.direction,
        theme=v.session.theme if v.session is not None else "",
        languages=tuple(
            LanguageChoice(tag, formatting.name_of(tag), formatting.direction(tag), tag == v.language)
            for tag in sorted(v.languages, key=lambda tag: (tag != v.languages[0], formatting.name_of(tag)))
        ),
        has_form=has_form,
        home=f"/{form.id}/" if form is not None else "/",
        leave=url_for("leaving.leave", form=form.id) if held and form is not None else "",
        ended=ended_href(v, form.id) if held and form is not None else "",
        shared=v.session is not None and v.session.shared,
        query=v.query,
    )


def session_of(v: Visit) -> SessionEnd | None:
    """When the visit's session ends; None where there is nothing that could be lost."""
    if v.session is None or v.open_draft is None:
        return None
    ends = visiting.ends_at(v.session)
    latest = visiting.latest_end(v.session)
    return SessionEnd(
        _clock(ends, v.language), int((ends - v.now).total_seconds()), int((latest - v.now).total_seconds())
    )


@lru_cache(maxsize=1000)
def _clock(ends: datetime, language: str) -> str:
    """The same for as long as a session is not written again."""
    return formatting.format_clock(ends.astimezone(formatting.BERLIN).strftime("%H:%M"), language)


def ended_href(v: Visit, form: str) -> str:
    """The page that says that the session is over, in the language that the session had."""
    return f"/{form}/ended{f'?lang={v.language}' if v.language != v.languages[0] else ''}"


def render(template: str, mark: str, *, has_form: bool = False, v: Visit | None = None, **context: Any) -> str:
    """The page made of *template*. Its texts come by `_` and `_n`."""
    v = v or visit()
    text = v.text
    context.setdefault("token", v.token)
    context.setdefault("session", session_of(v))
    return current_app.jinja_env.get_template(template).render(
        page=frame(v, mark, has_form=has_form),
        authority=v.tenant.authority,
        _=text.say,
        _n=text.ngettext,
        text=text,
        **context,
    )


def page(template: str, mark: str, *, status: int = 200, has_form: bool = False, **context: Any) -> Response:
    """The response with a page."""
    return Response(
        render(template, mark, has_form=has_form, **context), status, content_type="text/html; charset=utf-8"
    )


def piece(name: str, *arguments: Any, **named: Any) -> Markup:
    """What the macro *name* of `parts.html` makes of these."""
    macro = getattr(current_app.jinja_env.get_template("parts.html").module, name)
    return Markup(macro(*arguments, **named))  # noqa: S704 - the output of an autoescaped template


def summary(v: Visit, problems: Sequence[object]) -> Markup | str:
    """The error summary, which has the focus; each of *problems* has id, pointer, code and text."""
    if not problems:
        return ""
    title = v.text.ngettext("Bitte prüfen Sie 1 Angabe", "Bitte prüfen Sie {n} Angaben", len(problems))
    return piece("summary", problems, title)


def prose(phrase: Phrase, anchors: Sequence[str] = ()) -> Prose:
    """A Markdown text of the operator or the designer as HTML: no raw HTML in it counts (SCH-08).

    Its headings begin at the second level; they get *anchors* as ids, in order.
    """
    tokens = _MARKDOWN.parse(phrase.plain)
    left = iter(anchors)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, max(2, int(token.tag[1:])))}"
        if token.type == "heading_open":
            token.attrSet("class", "kern-heading-medium" if token.tag == "h2" else "kern-heading-small")
            anchor = next(left, "")
            if anchor:
                token.attrSet("id", anchor)
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("class", "kern-link")
    return Prose(Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})), phrase.lang)  # noqa: S704 - raw HTML is off
