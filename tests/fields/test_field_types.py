import itertools
import re
from pathlib import Path

import pytest

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.errors import ConfigError
from formengine.fields import field_types, fitting
from formengine.i18n.catalogues import ENGINE, Catalogues, put_in
from formengine.i18n.wording import MESSAGES
from tests.fields.asking_one import options, prompt

ROOT = Path(__file__).parents[2]
field_types.load()
NAMES = [name for name, _ in field_types.items()]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_type_is_tested_documented_and_drawn(name):
    assert (ROOT / f"tests/fields/test_{name}.py").exists()
    assert re.search(rf"^## {name}$", (ROOT / "docs/fields.md").read_text(), re.MULTILINE)
    assert (ROOT / f"formengine/web/templates/controls/{field_types[name].template}.html").exists()


def test_exactly_one_field_type_fits_any_question():
    formats = (None, "date", "time", "email", "tel", "iban", "plz", "cents", "uri", "unknown")
    patterns = (None, r"^\d{4}-\d{2}-\d{2}$", "^x$")
    types = ("string", "integer", "number", "boolean", "array", "object")
    choices = (None, options(("a", "", "a")), options(("a", "", "a"), ("b", "", "b")))
    kinds = [(), *((one,) for one in types), ("string", "integer"), ("integer", "number")]
    for kind, form, pattern, chosen, tick in itertools.product(kinds, formats, patterns, choices, (False, True)):
        keywords = {key: (value,) for key, value in (("format", form), ("pattern", pattern)) if value}
        for more in ({}, {"maxLength": 500}, {"contentMediaType": "image/png"}):
            asks = Question(kind, options=chosen, keywords={**keywords, **more}, tick=tick and kind == ("boolean",))
            assert fitting(asks, Role.VALUE)
    for role in Role:
        assert fitting(Question(("object",)), role)


def test_a_widget_is_taken_only_where_it_can_hold_the_answer():
    assert type(prompt("string", widget="textarea").kind).__name__ == "TextArea"
    assert type(prompt("boolean", widget="textarea").kind).__name__ == "YesNo"
    assert type(prompt("string", widget="nonsense").kind).__name__ == "TextLine"


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ConfigError, match="textarea"):
        field_types["nonsense"]


@pytest.mark.parametrize("language", Catalogues(ROOT / "translations").languages)
def test_every_message_keeps_the_rules_for_wording(language):
    text = Catalogues(ROOT / "translations").text(language)
    kinds = [kind.messages for _, kind in field_types.items()]
    for source in {message for table in (MESSAGES, *kinds) for message in table.values()}:
        said = put_in(text.gettext(source), {"label": "X", "example": "1"})
        assert len(said.split()) <= 20, said
        assert not said.endswith("."), said
        assert "!" not in said
        assert not re.search(r"ungültig|fehlerhaft|Pflichtfeld|invalid", said)
        assert text.say(source).lang == ""
    assert ENGINE


def test_labels_of_options_in_the_definition_are_found_by_the_json_of_the_value():
    asked = prompt("integer", options=options((1, "", "1"), (2, "", "2")), field=Field("/x", options={"2": "Zwei"}))
    assert [choice.label for choice in asked.choices] == ["1", "Zwei"]
