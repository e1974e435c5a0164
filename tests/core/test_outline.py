"""What a schema says of a place."""

from __future__ import annotations

from formengine.core.outline import Outline


def test_what_a_branch_is_called_is_no_title_of_what_it_is_a_branch_of() -> None:
    branches = {"oneOf": [{"$ref": "#/$defs/mail"}, {"title": "Phone"}]}
    document = {
        "$defs": {"mail": {"title": "Mail"}},
        "properties": {"contact": branches, "named": {"allOf": [{"title": "Contact"}], **branches}},
    }
    root = Outline(document, "https://json-schema.org/draft/2020-12/schema").root
    contact, named = root.member("contact"), root.member("named")
    assert contact is not None
    assert named is not None
    assert (contact.title(), named.title()) == ("", "Contact")
