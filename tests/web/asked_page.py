"""A page with every kind of control, without a form around it: for the tests of drawing and reading."""

from types import SimpleNamespace

from werkzeug.datastructures import MultiDict

from formengine.core.asking import Asked, Option, Question, Role
from formengine.core.definition import Field, Step
from formengine.core.pointer import ABSENT, indexes
from formengine.fields import field_types
from formengine.i18n.catalogues import Catalogues
from formengine.web.compiled import Pages

field_types.load()
FORM = SimpleNamespace(
    hash="h", schema=SimpleNamespace(bundled={}, draft="2020-12", graph=SimpleNamespace(names_with_colon=frozenset()))
)
CATALOGUES = Catalogues()
HARMLESS = "{{7*7}} {% raw %} {# x #} {0.__class__} <b>&\"' \ue000v0_0\ue001"


def options(*texts):
    return tuple(Option(text, f"{text} {HARMLESS}", text) for text in texts)


def question(*types, title=HARMLESS, name="x", **more):
    own = {key: more.pop(key) for key in ("options", "items", "tick", "nullable", "description") if key in more}
    return Question(types, keywords=more, title=title, name=name, **own)


def asked(pointer, role, asks, *, required=True, value=ABSENT, control=None, pattern=None):
    return Asked(pointer, control or pointer, pattern or pointer, role, asks, required, value)


VALUES = {
    "text": (question("string", maxLength=20), "Zoë <b>"),
    "long": (question("string", maxLength=900, nullable=True), "\na\nb"),
    "number": (question("number", nullable=True), 1234),
    "money": (question("integer", format=("cents",), minimum=0), 48050),
    "date": (question("string", format=("date",)), "1980-03-31"),
    "partial": (question("string", pattern=(r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$",)), "1980-03"),
    "yes": (question("boolean", nullable=True), None),
    "radio": (question("string", options=options("a", "b")), "b"),
    "select": (question("string", options=options(*"abcdefgh")), "c"),
    "boxes": (question("array", items=question("string", options=options("a", "b")), uniqueItems=True), ["b"]),
    "tick": (question("boolean", tick=True), True),
    "constant": (question("string", options=options("DE")), "DE"),
    "iban": (question("string", format=("iban",)), "DE89370400440532013000"),
    "plz": (question("string", format=("plz",)), "04109"),
    "mail": (question("string", format=("email",)), "a@beispiel.de"),
    "phone": (question("string", format=("tel",)), "0151 1"),
    "site": (question("string", format=("uri",)), "https://beispiel.de"),
    "time": (question("string", format=("time",)), "14:30:00+01:00"),
    "file": (question("string", contentMediaType="application/pdf"), "proofs/a.pdf"),
}
COMPUTED = question("integer", format=("cents",))
BRANCH = question("integer", options=tuple(Option(n, f"B{n} {HARMLESS}", str(n)) for n in range(2)))
BRANCHES = question("array", items=BRANCH)
TYPE = question("string", options=(Option("string", "", "string"), Option("null", "", "null")))
GIVEN = question("boolean")
LIST = question("array", items=question("string"), maxItems=3)
MAP = question("object", items=question("number"))
ROW, ENTRY = question("string"), question("number")


def everything(scope="", *, filled=False):
    """Every kind of control once, below the pointer *scope*."""
    pattern = "/items/*" if scope else ""

    def one(name, role, asks, value, *, control="", inner=None):
        at = f"{scope}/{name}"
        answered = value if filled else ABSENT
        return asked(at, role, asks, value=answered, required=len(name) % 2 == 0, control=f"{at}{control}",
                     pattern=f"{pattern}/{inner or name}")  # fmt: skip

    found = [one(name, Role.VALUE, asks, value) for name, (asks, value) in VALUES.items()]
    found += [
        one("sum", Role.COMPUTED, COMPUTED, 100),
        one("branch", Role.BRANCH, BRANCH, 1, control=":branch"),
        one("branches", Role.BRANCH, BRANCHES, [1], control=":branch"),
        one("type", Role.TYPE, TYPE, "null", control=":type"),
        one("given", Role.GIVEN, GIVEN, False, control=":given"),
        one("list", Role.LIST, LIST, ["a", "b"]),
        one("list/0", Role.VALUE, ROW, "a", inner="list/*"),
        one("list/1", Role.VALUE, ROW, "b", inner="list/*"),
        one("map", Role.MAP, MAP, {"Gas": 1}),
        one("map/Gas", Role.VALUE, ENTRY, 1, inner="map/*"),
    ]
    return tuple(found)


def fields(scope=""):
    pattern = "/items/*" if scope else ""
    return (
        Field(
            f"{pattern}/text",
            label="Frage {item.x}",
            hint="Hinweis {item.x}",
            help="Hilfe {{nicht}}",
            why="Weil {item.x}",
        ),
        Field(f"{pattern}/date", autocomplete="bday", why="Darum"),
        Field(f"{pattern}/mail", autocomplete="email", width="20"),
    )


def fill(text):
    return text.replace("{item.x}", "<i>Amira</i>")


def page(questions, scope="", *, language="de", pages=None, shared=False, step_fields=None):
    step = Step("s", scope="/items/*" if scope else "", fields=fields(scope) if step_fields is None else step_fields)
    text = CATALOGUES.text(language)
    return (pages or Pages()).page(FORM, text, step, questions, scope, shared=shared)


def posted(*pairs):
    return MultiDict([*pairs, ("_token", "t"), ("_end", "1")])


def place(pattern, pointer):
    return indexes(pattern, pointer)
