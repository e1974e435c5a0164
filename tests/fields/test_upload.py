from formengine.core.asking import Role
from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, says, shown


def test_a_file_is_never_read_from_text():
    asked = prompt("string", contentMediaType="application/pdf")
    assert kind_of(asked) == "upload"
    assert read(asked, "/etc/passwd") is ABSENT
    assert not asked.kind.reads


def test_a_list_or_object_may_be_declared_a_file():
    assert kind_of(prompt("object", widget="upload")) == "upload"
    assert kind_of(prompt("array", widget="upload", role=Role.LIST)) == "upload"


def test_a_file_is_shown_by_its_name():
    asked = prompt("string", contentMediaType="application/pdf")
    assert shown(asked, "proofs/1/bescheid.pdf") == "bescheid.pdf"
    assert (
        shown(prompt("string", contentMediaType="image/png", contentEncoding="base64"), "iVBORw0KGgo=") == "Hochgeladen"
    )
    assert says(asked, "required") == "Laden Sie „Angabe“ hoch"
