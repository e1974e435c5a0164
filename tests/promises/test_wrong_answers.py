"""Wrong answers on every page of every form of the corpus: each is refused in its place, and nothing is stored.

What is wrong is made from the page alone (its controls, options, names) and from what the form's schema says of the
question behind a control. After every wrong post the right one is sent, and the right document must come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from formengine.core.answers import Answers
from formengine.core.applying import Asked, Role, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.patterns import matcher
from formengine.core.pointer import JsonValue
from tests.journeys.reading import Control
from tests.promises import cases
from tests.promises.entering import HOST, Meant, Person, same
from tests.promises.sheet import Sheet

_ODD = "\u2603 \u2603"
MOST_CONTROLS = 12
"""Of a page; the others are of the same kinds."""


@dataclass(frozen=True)
class Mistake:
    """What is posted in the place of the right *values*, and what must come: 400, or 422 at *at*."""

    what: str
    values: dict[str, list[str]]
    status: int
    at: str = ""


class Clumsy(Person):
    """Makes every mistake on every page before giving the right answer; *wanted* is what it has in mind."""

    def __init__(self, app: Flask, form: FormDefinition, wanted: JsonValue) -> None:
        super().__init__(app, form.id)
        self.made, self.done = 0, set[str]()
        self.asked = {one.control: one for one in evaluate(form, Answers(wanted), cases.TODAY).asked}
        required = form.schema.document.get("required", ()) if isinstance(wanted, dict) else ()
        self.required = {
            f"/{one}" for one in required if isinstance(wanted[one], str | int | Decimal) and "/" not in one
        }

    def _answer(self, page: Sheet, meant: Meant) -> Sheet:
        if page.kind == "question" and page.status == 200 and page.url not in self.done:
            self.done.add(page.url)
            page = self._blunder(page, meant)
        return super()._answer(page, meant)

    def _blunder(self, page: Sheet, meant: Meant) -> Sheet:
        values, action = self._deed(page, meant)
        if action:
            self.done.discard(page.url)
            return page
        for mistake in self._mistakes(page, values):
            self.made += 1
            answer = self.post(page, mistake.values, ("_action", "next"))
            said = f"{page.url}: {mistake.what}: {mistake.values}: {answer.status_code}"
            assert answer.status_code == mistake.status, said
            if mistake.status == 422:
                after = Sheet(page.url, answer.get_data(as_text=True), 422)
                places = [one.pointer for one in after.problems]
                assert any(one == mistake.at or one.startswith(f"{mistake.at}/") for one in places), f"{said} {places}"
                page = after
            else:
                before, page = page, self.get(page.url)
                assert dict(page.hidden)["_revision"] == dict(before.hidden)["_revision"], f"{said}: stored"
        self._unproven(page, values)
        return page

    def _mistakes(self, page: Sheet, right: dict[str, list[str]]) -> Iterator[Mistake]:
        yield Mistake("a forged field", {**right, "/forged/field": ["x"]}, 400)
        yield Mistake("an attribute", {**right, "/__dict__": ["x"]}, 400)
        if page.controls:
            name = page.controls[0].name
            yield Mistake("a forged part", {**right, f"{name}:forged": ["x"]}, 400)
            yield Mistake("another item", {**right, f"/99999{name}": ["x"]}, 400)
        for control in page.controls[:MOST_CONTROLS]:
            yield from self._of_control(control, self.asked.get(control.name), right)

    def _of_control(self, control: Control, asked: Asked | None, right: dict[str, list[str]]) -> Iterator[Mistake]:
        name = control.name
        if control.kind in {"radio", "select"} or (control.kind == "checkbox" and control.part != "none"):
            yield Mistake("no option", {**right, name: ["forged option"]}, 400)
            if "99" not in control.values:
                yield Mistake("a forged branch", {**right, name: ["99"]}, 400)
        if control.kind != "checkbox" or len(control.values) == 1:
            first = list(control.values[:1]) or ["x"]
            if control.part != "none" and "branch" not in control.part:
                yield Mistake("a name twice", {**right, name: first * 2}, 400)
        if control.part in {"day", "month", "year"}:
            yield Mistake("no date", {**right, name: ["soon"]}, 422, control.pointer)
        if asked is None or asked.role is not Role.VALUE or control.part not in {"", "day"}:
            return
        if name in self.required and right.get(name) and control.part == "":
            yield Mistake("missing", {**right, name: []}, 422, control.pointer)
        if control.kind in {"text", "textarea"} and control.part == "" and not _unknown(right, name):
            for what, text in _wrong_texts(asked):
                yield Mistake(what, {**right, name: [text]}, 422, control.pointer)

    def _unproven(self, page: Sheet, right: dict[str, list[str]]) -> None:
        """A post that was cut off, that lacks the token or has another's, that is of no revision, or that skips ahead."""
        pairs = [*page.hidden, *((name, text) for name, texts in right.items() for text in texts), ("_action", "next")]
        for what, changed in (
            ("cut off", [pair for pair in pairs if pair[0] != "_end"]),
            ("no token", [pair for pair in pairs if pair[0] != "_token"]),
            ("another token", [("_token", "x") if pair[0] == "_token" else pair for pair in pairs]),
            ("two tokens", [*pairs, *(pair for pair in pairs if pair[0] == "_token")]),
            ("no revision", [pair for pair in pairs if pair[0] != "_revision"]),
            ("no such revision", [("_revision", "-1") if pair[0] == "_revision" else pair for pair in pairs]),
        ):
            answer = self.client.post(page.target.removeprefix(HOST), data=MultiDict(changed))
            assert answer.status_code in {400, 403}, f"{page.url}: {what}: {answer.status_code}"
        review = self.get(f"/{self.form}/review")
        if any(b.action == "next" and "return=review" in b.href for b in review.buttons):
            proof = [pair for pair in page.hidden if pair[0] != "_end"]
            data = MultiDict([*proof, ("_action", "submit"), ("_end", "1")])
            answer = self.client.post(f"/{self.form}/declarations", data=data)
            assert answer.status_code == 303, answer.status_code
            assert self._follow(answer, page.url).kind != "confirmation"


def _unknown(right: dict[str, list[str]], name: str) -> bool:
    return bool(right.get(f"{name}:none"))


def _wrong_texts(asked: Asked) -> Iterator[tuple[str, str]]:
    """Texts that the schema refuses for this question, each with what is wrong."""
    keywords = asked.question.keywords
    if set(asked.question.types) & {"integer", "number"}:
        yield "no number", "zwölf"
        yield "too many digits", "9" * 40
        cents = "cents" in (keywords.get("format") or ())
        if "number" not in asked.question.types and not cents:
            yield "a fraction", "1,5"
        for word, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
            if word in keywords and not cents:
                yield word, str(int(keywords[word]) + step)
    elif "string" in asked.question.types:
        if "maxLength" in keywords:
            yield "too long", "x" * (int(keywords["maxLength"]) + 1)
        if int(keywords.get("minLength", 0)) > 1:
            yield "too short", "x"
        if any(not matcher(one).is_valid(_ODD) for one in keywords.get("pattern") or ()):
            yield "another pattern", _ODD


@pytest.mark.slow
@pytest.mark.xdist_group("promises")
@pytest.mark.parametrize("name", [case.name for case in cases.corpus()])
def test_every_mistake_is_refused_in_its_place_and_nothing_of_it_stays(corpus_site: Flask, name: str):
    case = next(one for one in cases.corpus() if one.name == name)
    document = case.valid[0] if name == "three-hundred" else case.valid[-1]
    form = corpus_site.extensions["formengine"].engine.forms.newest(name)
    person = Clumsy(corpus_site, form, document)
    outcome = person.enter(cases.meant(form, document))
    assert person.made > 3
    assert outcome.page is None, str(outcome)
    assert same(outcome.document, document, unordered=cases.ticks(form, document)), str(outcome)


def test_a_consent_that_is_unticked_is_not_sent_as_ticked(corpus_site: Flask):
    form = corpus_site.extensions["formengine"].engine.forms.newest("consent")
    person = Person(corpus_site, "consent")
    assert person.fill(cases.meant(form, {"consent": True, "truth": True}), person.begin()).kind == "review"
    page = person.get("/consent/general/")
    refused = person.post(page, {"/consent": [], "/truth": ["true"]}, ("_action", "next"))
    assert refused.status_code == 422
    assert person.finish(person.get("/consent/review")).page is not None
