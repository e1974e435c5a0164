from tests.fields.asking_one import kind_of, prompt, read, says


def test_a_number_keeps_its_groups_and_gets_our_digits():
    asked = prompt("string", format=("tel",))
    assert kind_of(asked) == "tel"
    assert read(asked, " ٠١٥١ 23456789 ") == "0151 23456789"
    assert read(asked, "+49 (0)30 123-45") == "+49 (0)30 123-45"
    assert "0151 23456789" in says(asked, "format")
