from formengine.core.asking import Role
from tests.fields.asking_one import kind_of, options, prompt, read, shown, typed_back


def test_the_type_of_an_answer_is_picked_in_everyday_words():
    asked = prompt("string", role=Role.TYPE, options=options(("integer", "", "integer"), ("null", "", "null")))
    assert kind_of(asked) == "type"
    assert [choice.label for choice in asked.choices] == ["Eine ganze Zahl", "Weiß ich nicht"]
    assert read(asked, "null") == "null"
    assert typed_back(asked, "integer") == "integer"
    assert shown(asked, "integer") == "Eine ganze Zahl"
