"""The examples of the documentation work as they stand."""

import re
from pathlib import Path

from formengine import config, designing

ROOT = Path(__file__).parents[1]


def test_the_form_of_the_guide_has_no_mistakes(tmp_path):
    schema, definition = re.findall(r"```json\n(.*?)```", (ROOT / "docs/forms.md").read_text(), re.DOTALL)
    for folder, name, text in (("schemas", "work.schema.json", schema), ("forms", "work.json", definition)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text)
    settings = config.load(
        {"FORMENGINE_FORMS": str(tmp_path / "forms"), "FORMENGINE_SCHEMAS": str(tmp_path / "schemas")}
    )
    found = [one.message for one in designing.check(settings, [])]
    assert found == ['nothing of this form is translated to "en"']  # which the guide comes to later


def test_the_schema_of_the_readme_is_a_form(tmp_path):
    (schema,) = re.findall(r"<<'END'\n(.*?)\nEND", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "parking.schema.json").write_text(schema)
    assert designing.check(config.load({}), [tmp_path / "parking.schema.json"]) == ()


def test_every_page_that_the_documentation_links_is_there():
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for name in re.findall(r"`(docs/[\w./-]+\.md)`", page.read_text()):
            assert (ROOT / name).is_file(), f"{page.name} names {name}"


def test_each_requirement_of_schemas_and_answers_names_tests_that_are_there():
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ((?:SCH|ANS)-\d\d) \| (.*)$", page, re.MULTILINE))
    assert list(rows) == [f"SCH-{n:02}" for n in range(1, 15)] + [f"ANS-{n:02}" for n in range(1, 11)]
    for requirement, row in rows.items():
        assert re.search(r"`[a-z_/]+\.py::test_\w+`", row), requirement
    for path, name in re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", page):
        assert re.search(rf"^def {name}\(", (ROOT / "tests" / path).read_text(encoding="utf-8"), re.MULTILINE), name
