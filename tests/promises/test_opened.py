"""A later answer opens questions of a page that one has passed: none of them is lost on the way."""

from __future__ import annotations

from pathlib import Path

from tests.promises.entering import Person
from tests.promises.site import make_app

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(*required: str) -> dict[str, object]:
    then = {"properties": {"early": {"type": "string"}}, "required": list(required)}
    test = {
        "properties": {"late": {"properties": {"more": {"const": True}}, "required": ["more"]}},
        "required": ["late"],
    }
    late = {"type": "object", "properties": {"more": {"type": "boolean"}}}
    return {
        "$schema": DRAFT, "type": "object", "if": test, "then": then,
        "properties": {"name": {"type": "string"}, "late": late},
    }  # fmt: skip


def test_it_is_asked_before_the_end_if_required_and_linked_on_the_review_if_not(tmp_path: Path):
    site = make_app(tmp_path, [("due", schema("early")), ("free", schema())])
    due, free = Person(site, "due"), Person(site, "free")
    reviews = []
    for person in (due, free):
        page = person.begin()
        assert {control.name for control in page.controls} == {"/name"}
        page = person.send(page, {"/name": ["Ada"]}, ("_action", "next"))
        reviews.append(person.send(page, {"/late/more": ["true"]}, ("_action", "next")))
    page = due.press(reviews[0], {}, "next")
    assert page.url.endswith("/due/general/?return=review")
    assert "/early" in {control.name for control in page.controls}
    [link] = [button for button in reviews[1].buttons if (button.action, button.pointer) == ("edit", "/early")]
    page = free.get(link.href.partition("#")[0])
    review = free.send(page, {"/name": ["Ada"], "/early": ["yes"]}, ("_action", "next"))
    assert free.finish(review).document == {"name": "Ada", "early": "yes", "late": {"more": True}}
