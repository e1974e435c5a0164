import pytest

from formengine.core.pointer import ABSENT
from formengine.fields import NotOffered
from tests.fields.asking_one import kind_of, prompt, read, says, typed_back


def test_a_boolean_that_must_be_true_is_one_box_and_unticked_is_no_answer():
    asked = prompt("boolean", tick=True)
    assert kind_of(asked) == "tick"
    assert (read(asked, "true"), read(asked)) == (True, ABSENT)
    assert typed_back(asked, True) is True
    assert says(asked, "required") == "Bestätigen Sie: „Angabe“"
    with pytest.raises(NotOffered):
        read(asked, "false")
