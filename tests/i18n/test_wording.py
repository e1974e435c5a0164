import pytest

from formengine.core.asking import Option, Question
from formengine.core.definition import Field
from formengine.i18n import wording
from formengine.i18n.catalogues import Catalogues

TEXT = Catalogues().text("de")


@pytest.mark.parametrize(
    ("name", "label"),
    [("dateOfBirth", "Date of birth"), ("IBAN", "IBAN"), ("first-name", "First name"), ("straße", "Straße"), ("child2Name", "Child2 name"), ("_", "_"), ("größeInM", "Größe in m")],
)  # fmt: skip
def test_a_name_is_made_readable(name, label):
    assert wording.readable(name) == label


def test_a_label_falls_back_from_definition_to_schema_to_name():
    titled, bare = Question((), title="Titel", name="dasFeld"), Question((), name="dasFeld")
    assert wording.label(titled, Field("/x", label="Eigen"), TEXT).phrase == "Eigen"
    assert wording.label(titled, Field("/x"), TEXT).phrase == "Titel"
    assert wording.label(bare, Field("/x"), TEXT).phrase == "Das feld"
    assert wording.label(Question(()), Field("/x"), TEXT).phrase == "Ihre Angabe"


def test_only_texts_of_the_definition_have_pieces():
    assert wording.label(Question((), title="{item.x}"), Field("/x"), TEXT).pieces is False
    assert wording.label(Question(()), Field("/x", label="{item.x}"), TEXT).pieces is True
    assert wording.hint(Question((), description="{x}"), Field("/x"), TEXT).pieces is False


def test_options_are_found_by_text_and_by_json():
    field = Field("/x", options={'"1"': "Eins als Text", "1": "Eins"})
    assert wording.option(Option(1, "", "1"), field, TEXT) == "Eins"
    assert wording.option(Option("1", "", '"1"'), field, TEXT) == "Eins als Text"
