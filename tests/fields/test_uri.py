from tests.fields.asking_one import kind_of, prompt, read, says


def test_an_address_without_its_scheme_gets_one():
    asked = prompt("string", format=("uri",))
    assert kind_of(asked) == "uri"
    assert read(asked, " www.beispiel.de/a ") == "https://www.beispiel.de/a"
    assert read(asked, "mailto:a@beispiel.de") == "mailto:a@beispiel.de"
    assert "https://www.beispiel.de" in says(asked, "format")
