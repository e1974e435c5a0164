from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, says


def test_an_address_is_taken_as_typed_without_the_blanks_around_it():
    asked = prompt("string", format=("email",))
    assert kind_of(asked) == "email"
    assert read(asked, " Amira@Beispiel.de ") == "Amira@Beispiel.de"
    assert read(asked, " ") is ABSENT
    assert says(asked, "format") == "Geben Sie die E-Mail-Adresse so ein: name@beispiel.de"
