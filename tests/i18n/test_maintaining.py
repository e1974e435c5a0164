import json
import shutil
from pathlib import Path

import pytest

from formengine.i18n import maintaining
from formengine.i18n.catalogues import Catalogues

ROOT = Path(__file__).parents[2]


@pytest.fixture
def work(tmp_path):
    for name in ("forms", "schemas", "translations/en/LC_MESSAGES"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "schemas/f.schema.json").write_text(
        json.dumps({"title": "Antrag {x}", "properties": {"a": {"title": "Name"}}})
    )
    shutil.copy(ROOT / "translations/en/LC_MESSAGES/formengine.po", tmp_path / "translations/en/LC_MESSAGES")
    (tmp_path / "translations/en/LC_MESSAGES/f.po").write_text(
        'msgid ""\nmsgstr ""\n"Language: en\\n"\n\nmsgid "Alt"\nmsgstr "Old"\n'
    )
    return tmp_path


def run(work, action):
    return maintaining.command(action, work / "translations", forms=work / "forms", schemas=work / "schemas")


def test_update_adds_what_is_new_and_keeps_what_is_translated(work):
    path = work / "translations/en/LC_MESSAGES/f.po"
    assert run(work, "update") == 0
    text = path.read_text()
    assert 'msgid "Name"' in text
    assert "schemas/f.schema.json#/properties/a/title" in text
    path.write_text(text.replace('msgid "Name"\nmsgstr ""', 'msgid "Name"\nmsgstr "Surname"'))
    once = (run(work, "update"), path.read_text())
    assert once == (run(work, "update"), path.read_text())
    assert 'msgstr "Surname"' in path.read_text()


def test_check_tells_missing_texts_from_wrong_pieces(work, capsys):
    run(work, "update")
    assert run(work, "check") == 0
    assert "2 of 2 texts are not translated" in capsys.readouterr().out
    path = work / "translations/en/LC_MESSAGES/f.po"
    path.write_text(
        path.read_text().replace('msgid "Antrag {x}"\nmsgstr ""', 'msgid "Antrag {x}"\nmsgstr "Application {y}"')
    )
    assert run(work, "check") == 1
    assert "the pieces in braces are not those of the source" in capsys.readouterr().out


def test_compile_writes_what_is_read(work):
    assert run(work, "compile") == 0
    assert (work / "translations/en/LC_MESSAGES/formengine.mo").stat().st_size > 1000
    assert Catalogues(work / "translations").text("en").say("Weiter") == "Continue"


def test_extract_writes_templates(work):
    assert run(work, "extract") == 0
    assert 'msgid "Name"' in (work / "translations/f.pot").read_text()


def test_a_new_language_is_a_folder(work):
    (work / "translations/de-x-ls").mkdir()
    assert run(work, "update") == 0
    assert "de-x-ls" in Catalogues(work / "translations").languages


def test_our_own_catalogues_are_complete_and_hold_the_same_pieces():
    findings = maintaining.check(ROOT / "translations", ROOT / "forms", ROOT / "schemas")
    assert [str(finding) for finding in findings] == []
