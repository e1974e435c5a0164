from formengine.core.asking import Role
from tests.fields.asking_one import kind_of, prompt, raw_of, shown


def test_a_computed_value_is_shown_as_its_control_would_and_never_read():
    asked = prompt("integer", role=Role.COMPUTED, format=("cents",))
    assert kind_of(asked) == "readonly"
    assert not asked.kind.reads
    assert shown(asked, 48050) == "480,50\u00a0€"
    assert raw_of(48050, asked) == {"": ("480,50\u00a0€",)}
