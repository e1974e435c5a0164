from formengine.core.asking import Question, Role
from tests.fields.asking_one import kind_of, prompt, says, shown


def test_a_list_is_shown_by_its_rows():
    asked = prompt("array", role=Role.LIST, items=Question(("integer",), keywords={"format": ("cents",)}))
    assert kind_of(asked) == "rows"
    assert shown(asked, [100, 250]) == "1,00\u00a0€, 2,50\u00a0€"
    assert shown(asked, []) == "Keine"
    assert says(asked, "maxItems", limit=3) == "Geben Sie bei „Angabe“ höchstens 3 Einträge an"
