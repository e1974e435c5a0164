import pytest

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT
from formengine.fields import NotOffered
from tests.fields.asking_one import kind_of, options, prompt, read, shown, typed_back

TITLES = options((0, "Als Person", "0"), (1, "", "1"))


def test_one_branch_is_picked_by_its_number():
    asked = prompt("integer", role=Role.BRANCH, options=TITLES)
    assert kind_of(asked) == "branch"
    assert (read(asked, "1"), read(asked)) == (1, ABSENT)
    assert [choice.label for choice in asked.choices] == ["Als Person", "Möglichkeit 2"]
    assert typed_back(asked, 0) == 0
    assert shown(asked, 1) == "Möglichkeit 2"
    with pytest.raises(NotOffered):
        read(asked, "2")


def test_several_branches_are_ticked():
    asked = prompt("array", role=Role.BRANCH, items=Question(("integer",), options=TITLES))
    assert asked.kind.template_of(asked) == "choices"
    assert asked.kind.repeats_for(asked.question)
    assert read(asked, "1", "0") == [0, 1]
    assert typed_back(asked, [1]) == [1]
    assert shown(asked, [0, 1]) == "Als Person, Möglichkeit 2"
