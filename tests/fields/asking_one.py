"""One question put to one field type, as the tests of field types need it."""

from formengine.core.asking import Option, Question, Role
from formengine.core.definition import Field
from formengine.core.validation import Problem
from formengine.fields import ParseProblem, Prompt, field_types, fitting, raw_of, read_posted
from formengine.i18n.catalogues import Catalogues

field_types.load()


def text_in(language="de"):
    return Catalogues().text(language)


def options(*values):
    return tuple(Option(value, label, shown) for value, label, shown in values)


def prompt(*types, language="de", role=Role.VALUE, field=None, widget="", required=True, title="Angabe", **keywords):
    own = {key: keywords.pop(key) for key in ("options", "items", "tick", "nullable") if key in keywords}
    question = Question(types, keywords=keywords, title=title, name="x", **own)
    field = field or Field("/x", widget=widget)
    kind = fitting(question, role, field.widget)
    return Prompt("/x", "/x", "/x", role, question, field, text_in(language), kind, required)


def kind_of(asked):
    return next(name for name, kind in field_types.items() if type(asked.kind) is kind)


def read(asked, *texts, **parts):
    raw = {**({"": texts} if texts else {}), **{part: (text,) for part, text in parts.items()}}
    return read_posted(asked.kind, raw, asked)


def reason(asked, *texts, **parts):
    """Why it could not be read, and which part is to be mended."""
    try:
        value = read(asked, *texts, **parts)
    except ParseProblem as problem:
        return problem.reason, problem.part
    raise AssertionError(f"was read as {value!r}")


def typed_back(asked, value):
    """The value as the control shows it, read again."""
    return read_posted(asked.kind, raw_of(value, asked), asked)


def shown(asked, value):
    return asked.kind.display(value, asked.question, asked.field, asked.text)


def says(asked, code, **params):
    return asked.kind.message(Problem("/x", "/x", code, params), asked, asked.label.phrase.plain)
