"""REL-04: two tabs, two devices; whatever was saved elsewhere meanwhile is shown before anything replaces it."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.journeys.reading import Page
from tests.web.applicant import Applicant
from tests.web.test_resume import code_on


def shown(page: Page) -> dict[str, tuple[str, str]]:
    """By question: what is stored and what was typed, as the page of a conflict says."""
    found = {}
    for group in page.soup.select("form#step fieldset"):
        labels = [label.get_text(" ", strip=True).partition(": ")[2] for label in group.select("label")]
        found[group.legend.get_text(strip=True)] = (labels[0], labels[1])
    return found


def radios(page: Page) -> dict[str, tuple[str, ...]]:
    return {c.name: c.chosen for c in page.controls()}


def name_stored(ada: Applicant) -> str:
    return ada.get("/small/you/").controls()[0].chosen[0]


def test_both_values_are_shown_nothing_is_chosen_beforehand_and_one_post_goes_on(ada: Applicant) -> None:
    page = ada.start()
    ada.press(page, __name="Ada")
    stale = ada.press(page, __name="Eva")
    assert (stale.status, stale.kind) == (409, "conflict")
    assert shown(stale) == {"Ihr Name": ("Ada", "Eva")}
    assert radios(stale) == {"_keep:/name": ()}
    assert "in einem anderen Fenster auf diesem Gerät" in stale.soup.main.get_text()
    assert name_stored(ada) == "Ada"
    on = ada.press(stale, **{"_keep:/name": "here"})
    assert on.url.endswith("/small/home/")
    assert name_stored(ada) == "Eva"


def test_what_is_stored_can_be_kept_and_nothing_happens_without_a_choice(ada: Applicant) -> None:
    page = ada.start()
    ada.press(page, __name="Ada")
    stale = ada.press(page, __name="Eva")
    asked = ada.press(stale)
    assert asked.status == 422
    assert asked.problems[0].text == "Wählen Sie aus, was bei „Ihr Name“ gelten soll"
    assert asked.soup.find(id=asked.problems[0].href[1:])["type"] == "radio"
    assert name_stored(ada) == "Ada"
    assert ada.press(asked, **{"_keep:/name": "stored"}).url.endswith("/small/home/")
    assert name_stored(ada) == "Ada"


def test_another_page_saved_elsewhere_is_no_conflict(ada: Applicant) -> None:
    name = ada.start()
    home = ada.press(name, __name="Ada")
    ada.press(home, __kind="own")
    assert ada.press(name, __name="Ada").status == 200, "the same once more"
    late = ada.press(home, __kind="own")
    assert late.status == 200
    assert name_stored(ada) == "Ada"


def test_an_answer_that_was_taken_away_elsewhere_does_not_come_back_unasked(ada: Applicant) -> None:
    ada.press(ada.start(), "add:/nicknames", __name="Ada")
    ada.press(ada.get("/small/you/"), **{"/nicknames/0": "Bo"})
    page = ada.get("/small/you/")
    ada.press(page, "remove:/nicknames/0")
    stale = ada.press(page, __name="Ada")
    assert stale.status == 409
    assert shown(stale) == {"Spitznamen": ("keine Angabe", "Bo")}
    assert ada.press(stale, **{"_keep:/nicknames": "stored"}).status == 200
    assert [c.name for c in ada.get("/small/you/").controls()] == ["/name"]


def test_a_list_that_was_changed_elsewhere_is_chosen_as_a_whole_and_the_rest_is_kept(ada: Applicant) -> None:
    ada.press(ada.start(), "add:/nicknames", __name="Ada")
    ada.press(ada.get("/small/you/"), "add:/nicknames", **{"/nicknames/0": "Bo"})
    page = ada.get("/small/you/")
    assert len(page.controls()) == 3
    ada.press(page, "remove:/nicknames/0", **{"/nicknames/1": "Cy"})
    stale = ada.press(page, __name="Eva", **{"/nicknames/0": "Bo", "/nicknames/1": "Di"})
    assert shown(stale) == {"Spitznamen": ("Cy", "Bo, Di")}
    assert ada.press(stale, **{"_keep:/nicknames": "here"}).url.endswith("/small/home/")
    assert [c.chosen for c in ada.get("/small/you/").controls()] == [("Eva",), ("Bo",), ("Di",)]


def test_an_answer_to_a_question_that_went_away_elsewhere_is_kept_for_when_it_comes_back(ada: Applicant) -> None:
    ada.rent()
    page = ada.get("/small/home/")
    ada.press(page, __kind="own", __rent=None)
    stale = ada.press(page, __kind="rent", __rent="480,50")
    assert shown(stale) == {"Wie wohnen Sie?": ("own", "rent")}
    assert "480,50" in stale.soup.select_one(".app-answers").get_text()
    again = ada.press(stale, **{"_keep:/kind": "here"})
    assert {c.name: c.chosen for c in again.controls()} == {"/kind": ("rent",), "/rent": ("480,50",)}


def test_a_name_that_no_page_offers_is_refused_in_a_conflict_too(ada: Applicant) -> None:
    page = ada.start()
    ada.press(page, __name="Ada")
    assert ada.press(page, __name="Eva", __salary="1").status == 400


def test_an_item_whose_place_changed_keeps_what_was_typed_for_it(ada: Applicant) -> None:
    ada.rent()
    for index, name in enumerate(("Bo", "Cy")):
        child = ada.press(ada.get("/small/children/"), **{"/children:more": "true"})
        ada.press(child, **{f"/children/{index}/first": name})
    listed = ada.get("/small/children/")
    edits = [b.href for b in listed.buttons() if b.action == "edit"]
    removes = [b.href for b in listed.buttons() if b.action == "remove"]
    second = ada.get(edits[1])
    ada.press(ada.get(removes[0]), "remove")
    assert ada.press(second, **{"/children/1/first": "Cyd"}).status == 200
    assert [item.get_text(strip=True) for item in ada.get("/small/children/").soup.select(".app-card h2")] == ["Cyd"]


def test_an_item_removed_elsewhere_can_be_brought_back_with_what_was_typed(ada: Applicant) -> None:
    ada.rent()
    child = ada.press(ada.get("/small/children/"), **{"/children:more": "true"})
    ada.press(child, **{"/children/0/first": "Bo"})
    listed = ada.get("/small/children/")
    page = ada.get(listed.button("edit").href)
    ada.press(ada.get(listed.button("remove").href), "remove")
    gone = ada.press(page, **{"/children/0/first": "Bob"})
    assert gone.status == 409
    assert "Bob" in gone.soup.main.get_text()
    assert ada.press(gone, "bring-back").kind == "list"
    assert [item.get_text(strip=True) for item in ada.get("/small/children/").soup.select(".app-card h2")] == ["Bob"]


def test_a_list_page_made_before_another_change_shows_the_list_again(ada: Applicant) -> None:
    ada.rent()
    listed = ada.get("/small/children/")
    child = ada.press(listed, **{"/children:more": "true"})
    ada.press(child, **{"/children/0/first": "Bo"})
    again = ada.press(listed, **{"/children:more": "false"})
    assert (again.status, again.kind, again.list_count) == (409, "list", 1)
    asked = ada.get(again.button("remove").href)
    ada.press(ada.get(again.button("edit").href), **{"/children/0/first": "Bob"})
    once_more = ada.press(asked, "remove")
    assert (once_more.status, once_more.kind) == (409, "remove")
    assert "Bob" in once_more.heading
    assert ada.press(once_more, "remove").list_count == 0


def test_a_proof_spoken_for_elsewhere_is_chosen_anew(ada: Applicant) -> None:
    ada.rent()
    page = ada.get("/small/proofs/lease/")
    ada.press(page, _status="later")
    stale = ada.press(page, _status="given", _reason="im März")
    assert stale.status == 409
    assert "Gespeichert: Ich reiche es später nach. Hier: Ich habe es schon abgegeben" in stale.soup.main.get_text()
    assert {c.name: c.chosen for c in stale.controls()}["_reason"] == ("im März",)
    assert {c.name: c.chosen for c in stale.controls()}["_status"] == ()
    assert ada.press(stale, _status="given").status == 200


def test_another_device_is_called_one_and_its_language_switch_keeps_the_choice_open(
    ada: Applicant, bo: Applicant
) -> None:
    page = ada.start()
    code = code_on(ada.press(page, "save"))
    page = ada.get("/small/you/")
    bo.press(bo.get("/resume"), _code=code)
    bo.press(bo.get("/small/you/"), __name="Bo")
    stale = ada.press(page, __name="Ada")
    assert "auf einem anderen Gerät" in stale.soup.main.get_text()
    english = ada.press(stale, "", _lang="en")
    assert english.soup.html["lang"] == "en"
    assert english.status == 409
    assert list(shown(english).values()) == [("Bo", "Ada")]
    assert ada.press(english, **{"_keep:/name": "here"}).url.endswith("/small/home/")


ORDERS = [
    order
    for order in dict.fromkeys(permutations(["read 1", "save 1", "read 2", "save 2", "read 3", "save 3"]))
    if all(order.index(f"read {n}") < order.index(f"save {n}") for n in (1, 2, 3))
    and order.index("read 1") < order.index("read 2") < order.index("read 3")
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(f"{one[0]}{one[-1]}" for one in order))
@pytest.mark.parametrize("choice", ["here", "stored"])
def test_no_order_of_three_saves_overwrites_anything_unseen(
    ada: Applicant, order: tuple[str, ...], choice: str
) -> None:
    ada.press(ada.start(), "back", __name="Null")
    pages: dict[str, Page] = {}
    stored, seen_by = "Null", {}
    for act in order:
        verb, tab = act.split()
        if verb == "read":
            pages[tab] = ada.get("/small/you/")
            seen_by[tab] = pages[tab].controls()[0].chosen[0]
            assert seen_by[tab] == stored
            continue
        after = ada.press(pages[tab], __name=f"Tab {tab}")
        if after.status == 409:
            assert shown(after) == {"Ihr Name": (stored, f"Tab {tab}")}
            seen_by[tab] = stored
            after = ada.press(after, **{"_keep:/name": choice})
        assert seen_by[tab] == stored, "overwritten unseen"
        assert after.status == 200
        kept = name_stored(ada)
        assert kept in {stored, f"Tab {tab}"}
        stored = kept
