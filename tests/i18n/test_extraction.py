import io
import json
from pathlib import Path

from formengine.i18n import extraction

ROOT = Path(__file__).parents[2]


def test_wording_is_taken_and_data_is_left():
    schema = {
        "title": "Titel",
        "properties": {"title": {"type": "string", "title": "Der Titel", "examples": ["kein Text"], "default": "nein"}},
        "oneOf": [{"const": "a", "title": "Erstens"}],
        "enum": ["x"],
        "enumNames": ["Ix"],
        "$defs": {"description": {"description": "Hinweis"}},
        "const": {"title": "nein"},
    }
    assert dict(extraction.schema_texts(schema)) == {
        "/title": "Titel",
        "/properties/title/title": "Der Titel",
        "/oneOf/0/title": "Erstens",
        "/enumNames/0": "Ix",
        "/$defs/description/description": "Hinweis",
    }


def test_every_wording_of_a_definition_is_found_with_its_place():
    definition = {
        "id": "f", "version": "1", "schema": "f.schema.json", "title": "Antrag",
        "steps": [{"id": "s", "title": "Schritt", "fields": ["/a", {"field": "/b", "label": "Be", "options": {"x": "Ix"}, "messages": {"required": "Los"}, "widget": "text"}],
                   "video": {"src": "media/a.webm", "captions": {"de": "a.vtt"}, "transcript": "Gesprochen", "title": "Film"}}],
        "checks": [{"rule": "a > b", "at": "/a", "message": "Passt nicht"}],
        "declarations": [{"id": "d", "text": "Wahr"}],
    }  # fmt: skip
    found = dict(extraction.texts(definition))
    assert set(found.values()) == {"Antrag", "Schritt", "Be", "Ix", "Los", "Gesprochen", "Film", "Passt nicht", "Wahr"}
    assert found["/steps/0/fields/1/options/x"] == "Ix"


def test_babel_gets_the_line_and_the_pointer_as_comment(tmp_path):
    path = tmp_path / "a.schema.json"
    path.write_text(json.dumps({"type": "object", "properties": {"a": {"title": "Anfang"}}}, indent=1))
    with path.open("rb") as file:
        assert list(extraction.extract(file, {}, (), {})) == [(5, "", "Anfang", ["/properties/a/title"])]


def test_a_form_brings_the_schemas_that_it_reaches():
    template = extraction.form_template("bildung-und-teilhabe", ROOT / "forms", ROOT / "schemas")
    assert template.get("Straße") is not None
    assert any("common/address.schema.json#/" in comment for comment in template.get("Straße").auto_comments)
    assert template.get("Bürgergeld") is not None


def test_the_engines_texts_are_found_in_code_and_templates():
    template = extraction.engine_template(ROOT / "formengine")
    assert template.get("Warum fragen wir das?") is not None
    assert template.get("Geben Sie „{label}“ ein") is not None


def test_pieces_are_compared_without_blanks_and_without_escaped_braces():
    assert extraction.pieces("{ item.a }, {{x}} {b}") == {"{item.a}", "{b}"}
    assert extraction.pieces(io.StringIO("a").getvalue()) == frozenset()
