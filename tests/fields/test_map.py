from formengine.core.asking import Role
from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, reason, shown


def test_the_name_of_a_new_entry_is_read():
    asked = prompt("object", role=Role.MAP)
    assert kind_of(asked) == "map"
    assert read(asked, key="Strom/Gas") == "Strom/Gas"
    assert read(asked, key="  ") is ABSENT
    assert reason(asked, key="x" * 65) == ("long", "key")


def test_entries_are_shown_with_their_names():
    asked = prompt("object", role=Role.MAP)
    assert shown(asked, {"Strom": 50, "Gas": "viel"}) == "Strom: 50, Gas: viel"
    assert shown(asked, {}) == "Keine"
