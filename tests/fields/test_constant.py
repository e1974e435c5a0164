from formengine.core.definition import Field
from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, options, prompt, read, typed_back


def test_an_optional_constant_is_a_box_that_names_its_value():
    asked = prompt("string", options=options(("DE", "Deutschland", "DE")), title="Land", required=False)
    assert kind_of(asked) == "constant"
    assert asked.label.phrase == "Land: Deutschland"
    assert (read(asked, "DE"), read(asked)) == ("DE", ABSENT)
    assert typed_back(asked, "DE") == "DE"


def test_the_definitions_label_stands_alone():
    asked = prompt("string", options=options(("DE", "", "DE")), field=Field("/x", label="In Deutschland"))
    assert asked.label.phrase == "In Deutschland"
