import os

import pytest
from markupsafe import escape

from formengine.i18n.catalogues import ENGINE, Catalogues, Phrase, put_in

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def po(**texts):
    return HEADER + "".join(f'msgid "{source}"\nmsgstr "{text}"\n\n' for source, text in texts.items())


@pytest.fixture
def folder(tmp_path):
    def write(language, domain, text):
        path = tmp_path / language / "LC_MESSAGES" / f"{domain}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    write(
        "en",
        ENGINE,
        po(Weiter="Continue", Halb="")
        + 'msgid "1 Kind"\nmsgid_plural "{n} Kinder"\nmsgstr[0] "1 child"\nmsgstr[1] "{n} children"\n',
    )
    write("de-x-ls", ENGINE, po(Weiter="Zur nächsten Frage"))
    write("en", "f", po(Vorname="First name"))
    tmp_path.joinpath("write.py").touch()
    return tmp_path


def test_a_folder_with_a_catalogue_makes_a_language(folder):
    assert Catalogues(folder).languages == ("de", "de-x-ls", "en")
    assert Catalogues().languages == ("de",)


def test_a_text_is_translated_and_one_that_is_not_is_marked_with_its_language(folder):
    text = Catalogues(folder).text("en", "f")
    assert (text.say("Weiter"), text.say("Weiter").lang) == ("Continue", "")
    assert (text.say("Neu"), text.say("Neu").lang) == ("Neu", "de")
    assert text.say("Halb").lang == "de"
    assert text.of_form("Vorname") == "First name"
    assert text.of_form("Name").lang == "de"


def test_easy_language_is_a_language_like_any_other(folder):
    text = Catalogues(folder).text("de-x-ls")
    assert text.say("Weiter") == "Zur nächsten Frage"
    assert text.say("Neu").lang == "de"
    assert text.day("2026-03-09") == "9. März 2026"


def test_plurals_follow_the_catalogue_and_else_german(folder):
    catalogues = Catalogues(folder)
    assert [catalogues.text("en").ngettext("1 Kind", "{n} Kinder", n) for n in (1, 2)] == ["1 child", "2 children"]
    assert [catalogues.text("de").ngettext("1 Kind", "{n} Kinder", n) for n in (1, 0)] == ["1 Kind", "0 Kinder"]


def test_the_same_text_object_is_given_again(folder):
    catalogues = Catalogues(folder)
    assert catalogues.text("en", "f") is catalogues.text("en", "f")


def test_a_binary_catalogue_older_than_its_source_is_not_read(folder):
    path = folder / "en" / "LC_MESSAGES" / "formengine.po"
    path.with_suffix(".mo").write_bytes(b"broken")
    os.utime(path.with_suffix(".mo"), ns=(1, 1))
    assert Catalogues(folder).text("en").say("Weiter") == "Continue"


def test_a_form_version_brings_its_own_catalogues(folder):
    own = Catalogues(folder).with_form("f", {"en": po(Vorname="Given name").encode()})
    assert own.text("en", "f").of_form("Vorname") == "Given name"
    assert own.text("en", "f").say("Weiter") == "Continue"


def test_a_phrase_is_escaped_and_wrapped_only_where_its_language_differs():
    assert escape(Phrase("a<b")) == "a&lt;b"
    assert escape(Phrase("a<b", "ar")) == '<span lang="ar" dir="rtl">a&lt;b</span>'
    assert escape(Phrase("a<b", "ar").plain) == "a&lt;b"


def test_parameters_are_put_in_by_name_and_reach_no_attribute():
    assert (
        put_in("{n} von {m} {x.__class__} {0} {fehlt}", {"n": "{m}", "m": 2, "x": 1})
        == "{m} von 2 {x.__class__} {0} {fehlt}"
    )
