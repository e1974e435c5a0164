"""What stands between a page's heading and its questions: the step's hint and help; warnings, which block nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request
from markupsafe import Markup

from formengine.core import reckoning
from formengine.core.applying import Evaluation
from formengine.core.pages import Page
from formengine.i18n.catalogues import N_, Phrase
from formengine.web import pages
from formengine.web.visits import Visit
from formengine.web.words import Words

CLEANED = "cleaned"
"""The name in an address that says: of the text just sent, characters that nobody can see were taken out (ANS-03)."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A rule of the form that does not hold and blocks nothing: *at* is the answer that can mend it."""

    at: str
    text: Phrase


def warnings(e: Evaluation, words: Words) -> Iterator[Advice]:
    """The warnings of the whole form, each with the names of its item filled in."""
    if any(check.level == "warning" for check in e.form.checks):
        for check, at in reckoning.broken(e.form, e.document, e.today):
            if check.level == "warning":
                scope = f"{check.each}/*" if check.each else ""
                item = "/".join(at.split("/")[: scope.count("/") + 1]) if scope else ""
                yield Advice(at, words.fill(check.message, item=item, scope=scope))


def lead(v: Visit, e: Evaluation, page: Page, words: Words) -> Markup:
    """The hint and the help of the page's step, what to look at again, and that text was cleaned, if it was."""
    place = {"item": page.item, "scope": page.step.scope}
    parts = []
    if request.args and CLEANED in request.args:
        text = v.text.say(
            N_("Wir haben aus Ihrem Text Zeichen entfernt, die man nicht sehen kann. Prüfen Sie den Text.")
        )
        parts.append(pages.piece("alert", "info", text, "bereinigt"))
    draft = v.the_draft()
    if draft.earlier is not None and any(asked.control in draft.answers.changed for asked in page.asked):
        text = v.text.say(
            N_("Diese Angaben kommen aus Ihrem Antrag {nummer}. Prüfen Sie sie."), nummer=draft.earlier.reference
        )
        parts.append(pages.piece("alert", "info", text, "uebernommen"))
    warned = {check.at for check in e.form.checks if check.level == "warning"}
    if warned and any(asked.pattern in warned for asked in page.asked):
        here = {asked.pointer for asked in page.asked}
        found = [warning.text for warning in warnings(e, words) if warning.at in here]
        parts += [pages.piece("alert", "info", text, f"warnung-{n}") for n, text in enumerate(found, 1)]
    if page.step.hint:
        parts.append(Markup('<p class="kern-body">{}</p>\n').format(words.fill(page.step.hint, **place)))
    if page.step.help:
        told = words.fill(page.step.help, **place)
        parts.append(pages.piece("explain", v.text.say(N_("Hilfe zu dieser Seite")), told))
    return Markup("").join(parts) if parts else Markup()
