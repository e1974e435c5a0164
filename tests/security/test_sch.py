"""Hostile schemas: the requirements SCH of the security rules, each by its id, against loading and publishing."""

from __future__ import annotations

import ast
import json
import socket
import threading

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine import bootstrap, designing
from formengine.core import patterns, pointer, source
from formengine.core.loading import Mistakes, load_form
from formengine.core.schemas import Schema, SchemaRefused
from formengine.errors import DefinitionError
from formengine.i18n.catalogues import Phrase
from formengine.web import pages
from tests.security.serving import DRAFT, ROOT, TEXT, at_most, obj, serve, settings_for
from tests.web.applicant import Applicant

bootstrap.load_plug_ins()


def refused(schema, definition=None, others=None) -> str:
    """Why a schema is refused, "" if it loads; always in two seconds, always with its place."""
    data = schema if isinstance(schema, bytes | str) else json.dumps(schema)
    with at_most(2):
        try:
            schemas = {"t.schema.json": source.read("t.schema.json", data)}
            schemas |= {name: source.read(name, json.dumps(one)) for name, one in (others or {}).items()}
            written = source.read("t.json", json.dumps(definition)) if definition else None
            load_form("t", written, schemas, widgets=bootstrap.widgets())
        except Mistakes as mistakes:
            first = next(error for error in mistakes.errors if error.level == "error")
        except DefinitionError as error:
            first = error
        else:
            return ""
    assert first.line >= 1, first
    assert first.column >= 1, first
    return first.message


# SCH-01


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        connections: list[object] = []
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connections.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", connections
        stop.set()
        thread.join()


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef"])
@pytest.mark.parametrize(
    "target",
    ["http://{}/x", "https://{}/x#/a", "file:///etc/hostname", "//{}/x", "../../etc/hostname", "/etc/hostname", "urn:x:y",
     "data:application/json,{{}}", "ftp://{}/x", "x.json", "\\\\{}\\x", "http://[::1", "#/nowhere", "#nowhere"],
)  # fmt: skip
def test_sch_01_a_reference_that_leads_out_is_refused_and_never_followed(listener, word, target):
    host, connections = listener
    assert refused(obj({"a": {word: target.format(host)}}))
    assert not connections


def test_sch_01_no_id_no_schema_and_no_vocabulary_is_ever_fetched(listener):
    host, connections = listener
    here = f"http://{host}/here/t.json"
    assert refused(obj({"a": {"$ref": "other.json"}}, **{"$id": here}))
    assert refused({**obj({"a": TEXT}), "$schema": here})
    assert refused({**obj({"a": TEXT}), "$schema": "http://json-schema.org/draft-03/schema#"})
    fine = obj({"a": {"$id": here, "$schema": here, "type": "string"}}, **{"$vocabulary": {here: True}})
    if not refused(fine):
        loaded = Schema.load(fine, name="t.schema.json")
        assert loaded.is_valid({"a": "x"}) is loaded.reference.is_valid({"a": "x"}) is True
    refused(obj({"a": TEXT}, **{"$id": "http://["}))
    assert not connections


# SCH-02


def _nested(levels):
    schema = TEXT
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


def _fields(count):
    return obj({f"f{n}": TEXT for n in range(count)})


def _objects(objects, fields):
    return obj(
        {f"o{n}": {"$ref": "#/$defs/o"} for n in range(objects)},
        **{"$defs": {"o": {"type": "object", "properties": {f"f{n}": TEXT for n in range(fields)}}}},
    )


LIMITS = [
    ("depth", _nested(15), _nested(16)),
    ("fields", _fields(2000), _fields(2001)),
    ("fields by reference", _objects(40, 50), _objects(41, 50)),
    ("options", obj({"a": {"enum": [f"v{n}" for n in range(5000)]}}), obj({"a": {"enum": [f"v{n}" for n in range(5001)]}})),
    ("all options", obj({f"a{n}": {"enum": list(range(5000))} for n in range(5)}), obj({f"a{n}": {"$ref": "#/$defs/c"} for n in range(6)}, **{"$defs": {"c": {"enum": list(range(5000))}}})),
    ("titled options", obj({"a": {"oneOf": [{"const": n} for n in range(2000)]}}), obj({"a": {"oneOf": [{"const": n} for n in range(5001)]}})),
    ("branches", obj({"a": {"oneOf": [obj({f"p{n}": TEXT}) for n in range(200)]}}), obj({"a": {"oneOf": [obj({f"p{n}": TEXT}) for n in range(501)]}})),
    ("name", obj({"n" * 64: TEXT}), obj({"n" * 65: TEXT})),
    ("name in a branch", obj({"a": TEXT, "b": TEXT}), obj({"a": TEXT}, **{"if": {"required": ["a"]}, "then": obj({"n" * 65: TEXT})})),
    ("text", obj({"a": {**TEXT, "title": "x" * 10_000}}), obj({"a": {**TEXT, "title": "x" * 10_001}})),
    ("description", obj({"a": {**TEXT, "description": "ä" * 10_000}}), obj({"a": {**TEXT, "description": "ä" * 10_001}})),
    ("text of an option", obj({"a": {"enum": ["x" * 10_000, "y"]}}), obj({"a": {"enum": ["x" * 10_001, "y"]}})),
    ("parts", obj({"a": {**TEXT, "allOf": [{"minLength": 1}] * 10_000}}), obj({"a": {**TEXT, "allOf": [{"minLength": 1}] * 20_000}})),
    ("tuple", obj({"a": {"type": "array", "prefixItems": [TEXT] * 100}}), obj({"a": {"type": "array", "prefixItems": [TEXT] * 101}})),
    ("required", obj({"a": TEXT}), obj({"a": TEXT}, required=[f"r{n}" for n in range(2001)])),
    ("patterns", obj({"a": {**TEXT, "pattern": r"^\p{L}{1,50}$"}}), obj({f"a{n}": {**TEXT, "pattern": r"^\p{L}{1,99}$"} for n in range(99)})),
    ("pattern names", obj({"a": {"type": "object", "patternProperties": {f"^{n}$": TEXT for n in range(100)}}}), obj({"a": {"type": "object", "patternProperties": {f"^{n}$": TEXT for n in range(101)}}})),
    ("conditions", obj({"a": TEXT}, dependentRequired={f"d{n}": ["a"] for n in range(250)}), obj({"a": TEXT}, dependentRequired={f"d{n}": ["a"] for n in range(251)})),
]  # fmt: skip


@pytest.mark.parametrize(("within", "beyond"), [one[1:] for one in LIMITS], ids=[one[0] for one in LIMITS])
def test_sch_02_each_limit_is_kept_and_one_more_is_refused(within, beyond):
    assert refused(within) == ""
    assert refused(beyond) != ""


def test_sch_02_bytes_and_depth_are_told_before_anything_is_read():
    assert "bytes" in refused(b'"' + b"x" * (1 << 20) + b'"')
    assert "deep" in refused("[" * 500_000)
    assert "deep" in refused('{"a":' * 100_000)


# SCH-03


def _doubling(times, wrap):
    steps = {f"d{n}": wrap({"$ref": f"#/$defs/d{n + 1}"}) for n in range(times)}
    return obj(
        {"r": {"$ref": "#/$defs/d0"}},
        **{"$defs": {**steps, f"d{times}": {"type": "object", "properties": {"x": TEXT}}}},
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda to: {"allOf": [to, to]},
        lambda to: {"anyOf": [to, {"title": "x", **to}]},
        lambda to: {"oneOf": [to, {"title": "x", **to}]},
        lambda to: {"type": "object", "properties": {"a": to, "b": to}},
        lambda to: {"type": "object", "properties": {"a": to, "b": to}, "required": ["a", "b"]},
        lambda to: {"type": "object", "properties": {"a": {"type": "array", "items": to}, "b": {"type": "array", "items": to}}},
        lambda to: {"not": {"allOf": [to, to]}},
        lambda to: {"if": to, "then": to, "else": to},
        lambda to: {"dependentSchemas": {"a": to, "b": to}},
    ],
)  # fmt: skip
def test_sch_03_references_that_double_are_refused_at_once(wrap):
    with at_most(0.5):
        assert refused(_doubling(24, wrap))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"not": {"$ref": "#"}},
        obj({"a": TEXT}, anyOf=[{"$ref": "#"}, {"required": ["a"]}]),
        obj({"a": TEXT}, oneOf=[{"$ref": "#"}, obj({"b": TEXT})]),
        obj({"a": TEXT}, **{"if": {"$ref": "#"}, "then": {"required": ["a"]}}),
        obj({"a": TEXT}, dependentSchemas={"a": {"$ref": "#"}}),
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        obj({"a": {"$ref": "#"}}, required=["a"]),
        obj({"a": {"$ref": "#/$defs/b"}}, required=["a"], **{"$defs": {"b": obj({"c": {"$ref": "#"}}, required=["c"])}}),
        obj({f"c{n}": {"$ref": "#"} for n in range(200)}),
        obj({f"c{n}": {"type": "array", "items": {"$ref": "#"}} for n in range(200)}),
        obj({"r": {"$ref": "#/$defs/d0"}}, **{"$defs": {f"d{n}": obj({f"p{m}": {"$ref": f"#/$defs/d{m}"} for m in range(20)}) for n in range(20)}}),
        {"$ref": "#/$defs/d0", "$defs": {**{f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(2000)}, "d2000": TEXT}},
        obj({"a": {"$ref": "#/$defs/d0"}}, **{"$defs": {**{f"d{n}": obj({"a": {"$ref": f"#/$defs/d{n + 1}"}}) for n in range(500)}, "d500": TEXT}}),
    ],
)  # fmt: skip
def test_sch_03_circles_and_endless_ways_are_refused_at_once(schema):
    with at_most(0.5):
        assert refused(schema)


@pytest.mark.parametrize(
    "schema", [obj({"a": {"$ref": "#"}, "b": TEXT}), obj({"a": {"type": "array", "items": {"$ref": "#"}}, "b": TEXT})]
)
def test_sch_03_an_optional_property_or_a_list_on_the_way_is_fine(schema):
    assert refused(schema) == ""


@pytest.mark.parametrize("chain", [40, 100, 400])
def test_sch_03_conditions_that_wait_for_each_other_are_refused_before_they_are_slow(chain, tmp_path):
    conditions = [
        {
            "if": {"properties": {f"f{n}": {"const": "a"}}, "required": [f"f{n}"]},
            "then": obj({f"f{n + 1}": {"enum": ["a", "b"]}}, required=[f"f{n + 1}"]),
        }
        for n in range(chain)
    ]
    schema = obj({"f0": {"enum": ["a", "b"]}}, allOf=conditions)
    assert bool(refused(schema)) is (chain > 50)


# SCH-04

LINEAR = [r"^(a+)+$", r"^(a|a)*$", r"^(a|aa)+$", r"(.*a){20}", r"(?:a?){30}a{30}", r"(x+x+)+y", r"^(.*?,){11}P", r"\s*$",
          r".*.*=.*", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(?:[^b]*a)*c"]  # fmt: skip
LOOKING = [
    r"^(a+)+\1$",
    r"^(?=(a+)+$)b",
    r"^(?!.*(.)\1{3})(a|a)*$",
    r"(?<=a+)b",
    r"(?=a*b)(a*)*c",
    r"(?=a*b)(?=a*c)x",
    r"^(?!(a+)+$).*z",
    r"^((?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z]{2,}$",
    r"^(?!.*(.).*\1)",
    r"(?=(.*?x)+)y",
]


@pytest.mark.parametrize("pattern", LINEAR)
def test_sch_04_catastrophic_patterns_are_linear(pattern):
    validator = patterns.matcher(patterns.mended(pattern))
    for text in ("a" * 50_000 + "!", "x" * 50_000, "ab" * 25_000, " " * 50_000 + "x"):
        with at_most(0.05):
            validator.is_valid(text)


@pytest.mark.parametrize("pattern", LOOKING)
def test_sch_04_patterns_that_look_around_are_bounded(pattern):
    validator = patterns.matcher(patterns.mended(pattern))
    for text in ("a" * 50_000 + "!", "x" * 50_000, "ab" * 25_000):
        with at_most(0.05):
            validator.is_valid(text)


def test_sch_04_a_look_around_at_each_character_still_holds_on_the_longest_answer():
    assert patterns.matcher(patterns.mended("^((?!foo).)*$")).is_valid("x" * 10_000)


@pytest.mark.parametrize("word", ["unevaluatedProperties", "additionalProperties"])
def test_sch_04_names_and_patterns_never_reach_the_engine_of_python(word, monkeypatch):
    schema = obj({}, patternProperties={"^(a+)+$": TEXT, r"^\p{L}x$": TEXT}, **{word: False})
    loaded = Schema.load(schema, name="t.schema.json")
    for document in ({"a" * 60 + "!": "x"}, {"äx": "y"}, {"aa": "y"}):
        with at_most(0.2):
            assert (
                loaded.reference.is_valid(document)
                is loaded.is_valid(document)
                is ("!" not in next(iter(document))[-1:])
            )


def test_sch_04_no_pattern_is_left_to_the_engine_of_a_browser(site):
    ada = Applicant(site)
    page = ada.press(ada.get("/pattern/"))
    assert not BeautifulSoup(page.html, "html.parser").find_all(attrs={"pattern": True})


def test_sch_04_a_text_of_fifty_thousand_characters_is_refused_before_any_pattern_sees_it(site):
    ada = Applicant(site)
    page = ada.press(ada.get("/pattern/"))
    with at_most(1):
        assert ada.send(page, **{"/a": "a" * 50_000}).status_code == 422


# SCH-05


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'{"title":"\xe4"}', b'{"title":"\x00"}', b'{"title":"\\ud800"}', b'{"\\udfff":{}}',
        b'{"title":"\xed\xa0\x80"}', b'{"type":"object","type":"array"}', b'{"a":1,"\\u0061":2}', b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":1e400}',
        b'{"a":1e-400}', b'{"a":1e99999999999999999999}', b'{"a":1e-99999999999999999999}', b'{"a":' + b"9" * 5000 + b"}", b'{"a":01}', b'{"a":+1}',
        b'{"a":.5}', b"{'a':1}", b'{"a":1,}', b'{"a":1}}', b"[1 2]", b"nul", b'{"a"', b'"\\x"', b"{} {}", b"//x\n{}", b'{"a":0x10}', b"\xc0\xaf",
    ],
)  # fmt: skip
def test_sch_05_what_is_no_clean_json_is_refused_with_its_place(data):
    with pytest.raises(DefinitionError) as found:
        source.read("t.schema.json", data)
    assert found.value.line >= 1
    assert found.value.column >= 1


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_sch_05_no_bytes_break_the_reader(data):
    try:
        source.read("t.schema.json", data)
    except DefinitionError as error:
        assert error.line >= 1  # noqa: PT017


# SCH-06


@settings(max_examples=2000, derandomize=True, deadline=None)
@given(st.text(max_size=64), st.text(max_size=64))
def test_sch_06_names_are_encoded_so_that_none_is_another(one, other):
    first, second = pointer.child("", one), pointer.child("", other)
    assert pointer.parse(first) == (one,)
    assert (first == second) is (one == other)
    assert first.startswith("/")
    if one != other:
        assert pointer.element_id(first) != pointer.element_id(second)


NAMES = ["_token", "_end", "_action", "_revision", "_lang", "csrf_token", "errors", "data", "validate", "process", "__class__", "__init__", "meta",
         "name", "type", "", " ", "/", "~", "~1", "*", "a:b", "a", ":", ":none", "x:branch", "x", "{{1337*1337}}", "{0.__class__}", "%(x)s", "<b>", '"', "'", "&amp;",
         "constructor", "__proto__", "ä", "\u202e", "a\nb", "\ue000", "0", "-1", "a.b", "a[b]", "a b", "#", "?", "%2f"]  # fmt: skip


def test_sch_06_names_with_a_meaning_elsewhere_are_plain_names_here(site):
    ada = Applicant(site)
    page = ada.press(ada.get("/names/"))
    wanted = {pointer.child("", name): f"answer {place}" for place, name in enumerate(NAMES)}
    assert wanted.keys() <= {control.name for control in page.controls()}
    ids = [found.get("id") for found in BeautifulSoup(page.html, "html.parser").find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert ada.send(page, **wanted).status_code == 303
    shown = ada.get("/names/general/")
    assert {control.name: control.chosen[0] for control in shown.controls() if control.name in wanted} == wanted


# SCH-07 and SCH-08

PAYLOADS = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' onfocus=alert(1) x='", "javascript:alert(1)",
            "{{1337*1337}}", "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}", "{0.__class__}", "{x!r}", "%(x)s", "%s%n", "${1337*1337}", "#{1337*1337}",
            "{#comment#}", "__import__('os')", "[x](javascript:alert(1))", "![x](http://127.0.0.1:9/x.png)", "<!-- x", "]]>", "</textarea></title>",
            "\x00\x07\x1b[31m", "\u202eevil\u2066", "\ue000x:v0_0\ue001", "\ud83d\ude00"]  # fmt: skip
HOSTILE = " ".join(PAYLOADS)


def _hostile() -> dict[str, object]:
    wording = {"title": HOSTILE, "description": HOSTILE, "examples": [HOSTILE]}
    return obj(
        {
            "a": {**TEXT, **wording, "default": HOSTILE, "pattern": "^x"},
            "b": {"enum": ["x", HOSTILE], **wording},
            "c": {"oneOf": [{"const": 1, "title": HOSTILE}, {"const": 2, "title": HOSTILE}], **wording},
            "d": {"type": "boolean", **wording},
            "e": {"type": "array", "items": {**TEXT, **wording}, **wording},
            "f": {"type": "object", "additionalProperties": {**TEXT, **wording}, **wording},
            "g": {"type": "array", "uniqueItems": True, "items": {"enum": ["x", HOSTILE]}, **wording},
            "h": {"type": "object", "properties": {"i": {**TEXT, "format": "date", **wording}}, **wording},
            "j": {"enum": ["x", *PAYLOADS]},
        },
        title=HOSTILE,
        description=HOSTILE,
    )


def _is_harmless(page) -> None:
    soup = BeautifulSoup(page.html, "html.parser")
    assert not [
        tag for tag in soup.find_all("script") if "alert" in tag.text or not tag.get("src", "/").startswith("/")
    ]
    for tag in soup.find_all(True):
        assert tag.name not in {"svg", "object", "embed", "iframe"} or "alert" not in str(tag)
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), tag
            if name in {"href", "src", "action", "formaction", "srcset"}:
                assert str(value).startswith(("/", "#", "?", "http://localhost", "tel:", "mailto:", "https://")), tag
    assert "1787569" not in page.html
    assert "<class" not in page.html
    assert "&lt;class" not in page.html


def test_sch_07_and_08_texts_of_a_schema_are_literal_on_every_page(site):
    ada = Applicant(site)
    page = ada.get("/hostile/")
    with at_most(5):
        _is_harmless(page)
        page = ada.press(page)
        for _ in range(12):
            _is_harmless(page)
            if page.kind == "review":
                break
            assert page.status == 200 if hasattr(page, "status") else True
            page = ada.press(page, **{c.name: [] for c in page.controls() if c.kind == "none"})
            if ada.response.status_code == 422:
                break
    assert "{{1337*1337}}" in page.html
    assert "{0.__class__}" in page.html
    assert "%(x)s" in page.html
    for path in ("/hostile/tasks", "/hostile/review"):
        _is_harmless(ada.get(path))


def test_sch_07_markdown_of_a_definition_is_the_safe_subset(site):
    ada = Applicant(site)
    page = ada.get("/marked/")
    _is_harmless(page)
    _is_harmless(ada.press(page))


DEEP = [
    ">" * 5000,
    "* " * 3000 + "x",
    "[" * 5000,
    "_*" * 4000,
    "`" * 9999,
    "\n".join("  " * n + "* x" for n in range(100)),
    "![" * 3000,
    "<a" * 3000,
]


@pytest.mark.parametrize("text", DEEP)
def test_sch_07_deep_and_long_markdown_is_quick(text):
    with at_most(1):
        assert pages.prose(Phrase(text)).html


_ROWS = {
    "type": "array",
    "items": obj({"n": {"type": "integer"}, "parts": {"type": "array", "items": {"type": "integer"}}}),
}


@pytest.mark.parametrize(
    ("rule", "is_taken"),
    [
        ("item.parts.all(a, answers.rows.exists(b, b.parts.exists(c, c > a)))", True),
        ("item.parts.all(a, item.parts.all(b, answers.rows.exists(c, c.n > a + b)))", False),
        ("answers.rows.all(a, answers.rows.exists_one(b, b.n == a.n))", True),
        ("answers.rows.all(a, a.parts.all(b, answers.rows.exists(c, c.parts.exists(d, d > b))))", True),
        ("answers.rows.all(a, answers.rows.all(b, answers.rows.all(c, a.n + b.n + c.n > 0)))", False),
        ("answers.rows.all(a, a.parts.all(b, a.parts.all(c, a.parts.all(d, b + c + d > 0))))", False),
        (
            "answers.rows[0].parts.all(a, answers.rows[0].parts.all(b, answers.rows[0].parts.all(c, a + b + c > 0)))",
            False,
        ),
        ("[1, 2].all(a, [1, 2].all(b, [1, 2].all(c, a + b + c > 0)))", False),
    ],
)
def test_sch_08_loops_of_an_expression_never_multiply_without_bound(rule, is_taken):
    definition = {"id": "t", "version": "1", "schema": "t.schema.json", "title": "T", "languages": ["de"]}
    steps = [{"id": "s", "title": "S", "fields": ["/a"]}]
    at = {"at": "/n", "each": "/rows"} if rule.startswith("item") else {"at": "/a"}
    checks = [{"rule": rule, "message": "m", **at}]
    said = refused(obj({"a": TEXT, "rows": _ROWS}), {**definition, "steps": steps, "checks": checks})
    assert ("loops run within each other" in said) is not is_taken, said


def test_sch_08_nothing_in_the_engine_evaluates_text():
    for path in (ROOT / "formengine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "render_template_string"}, f"{path}:{node.lineno}"


# SCH-09


def test_sch_09_widgets_come_from_the_registry_and_unknown_keywords_are_inert(site):
    definition = {"id": "t", "version": "1", "schema": "t.schema.json", "title": "T", "languages": ["de"]}
    steps = [{"id": "s", "title": "S", "fields": [{"field": "/a", "widget": "../../etc/passwd"}]}]
    assert "there is no control" in refused(obj({"a": TEXT}), {**definition, "steps": steps})
    fields = [{"field": "/a", "onclick": "alert(1)"}]
    assert refused(obj({"a": TEXT}), {**definition, "steps": [{"id": "s", "title": "S", "fields": fields}]})
    ada = Applicant(site)
    page = ada.press(ada.get("/keywords/"))
    assert "alert(1)" not in page.html
    assert "x-unknown" not in page.html


# SCH-10

IMPOSSIBLE = [
    obj({"a": {**TEXT, "minLength": 3, "maxLength": 2}}),
    obj({"a": {"type": "integer", "minimum": 3, "maximum": 2}}),
    obj({"a": {"type": "number", "exclusiveMinimum": 5, "exclusiveMaximum": 5}}),
    obj({"a": {"type": "array", "items": TEXT, "minItems": 3, "maxItems": 2}}),
    obj({"a": {"not": {}}}, required=["a"]),
    {"not": {}},
    False,
    obj({"a": TEXT}, required=["z"]),
    obj({"a": {"enum": []}}),
    {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "properties": {"a": {"enum": []}}},
    obj({"a": {**TEXT, "const": 5}}),
    obj({"a": False}, required=["a"]),
    obj({"a": {**TEXT, "minLength": 20_000}}),
    obj({"a": {"anyOf": [False, False]}}, required=["a"]),
    obj({"a": TEXT}, allOf=[False]),
]


@pytest.mark.parametrize("schema", IMPOSSIBLE)
def test_sch_10_a_form_that_nobody_can_fill_in_is_refused_with_the_place(schema):
    assert refused(schema) != ""


# SCH-11


def test_sch_11_caps_of_the_engine_hold_over_those_of_the_schema(site):
    ada = Applicant(site)
    page = ada.press(ada.get("/vast/"))
    for wrong in ({"/a": "x" * 10_001}, {"/a": "x\n" * 500}, {"/n": "1" * 16}):
        page = ada.press(page, **wrong)
        assert ada.response.status_code == 422
    page = ada.press(page, **{"/a": "x\n" * 499, "/n": "9" * 15})
    assert ada.response.status_code == 200
    assert len(page.html) < 100_000


# SCH-12, SCH-13, F-17


def test_sch_12_there_is_no_code_that_fetches_a_schema():
    outside = ("urllib.request", "httpx", "requests", "http.client", "aiohttp")
    for path in (ROOT / "formengine" / "core").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [name for name in outside if f"import {name}" in text or f"from {name}" in text], path


def test_sch_13_a_published_version_never_changes(tmp_path):
    settings = settings_for(tmp_path, {"t": obj({"a": TEXT})})
    bootstrap.prepare_data(settings)
    bootstrap.migrate(settings)
    first = designing.publish(settings)[0][0]
    (tmp_path / "schemas" / "t.schema.json").write_text(json.dumps(obj({"a": TEXT, "b": TEXT})), encoding="utf-8")
    second = designing.publish(settings)[0][0]
    assert first.hash != second.hash
    forms = bootstrap.build(settings).forms
    assert forms.version(first.hash).schema.document == obj({"a": TEXT})
    assert forms.newest("t").hash == second.hash


def test_f_17_a_broken_form_is_refused_alone_and_the_others_run(site, broken):
    ids, mistakes = broken
    assert "names" in ids
    assert not {"no-json", "leads-out", "doubles"} & set(ids)
    for name in ("no-json", "leads-out", "doubles", "bad-definition"):
        assert any(name in line for line in mistakes), name
    client = site.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/names/").status_code == 200
    assert client.get("/no-json/").status_code == 404


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    marked = {
        "id": "marked",
        "version": "1",
        "schema": "marked.schema.json",
        "title": "M",
        "languages": ["de"],
        "start": HOSTILE.replace("{", "{{").replace("}", "}}"),
        "steps": [
            {"id": "info", "title": "I", "body": HOSTILE.replace("{", "{{").replace("}", "}}")},
            {"id": "s", "title": "S", "fields": ["/a"]},
        ],
    }
    schemas = {
        "pattern": obj({"a": {**TEXT, "pattern": "(?=a*b)(a*)*c"}}),
        "names": obj(dict.fromkeys(NAMES, TEXT)),
        "hostile": _hostile(),
        "marked": obj({"a": TEXT}),
        "keywords": obj({"a": {**TEXT, "onclick": "alert(1)", "x-unknown": "alert(1)", "style": "alert(1)", "format": "alert(1)"}}),
        "vast": obj({"a": {**TEXT, "maxLength": 10**12}, "n": {"type": "integer", "maximum": 10**30}, "l": {"type": "array", "items": TEXT, "minItems": 10**9}}),
        "no-json": b"{nope",
        "leads-out": obj({"a": {"$ref": "http://127.0.0.1:9/x"}}),
        "doubles": _doubling(24, lambda to: {"allOf": [to, to]}),
        "bad-definition": obj({"a": TEXT}),
    }  # fmt: skip
    return serve(tmp_path_factory.mktemp("site"), schemas, {"marked": marked, "bad-definition": {"id": "other"}})


@pytest.fixture(scope="module")
def site(served):
    return served[0]


@pytest.fixture(scope="module")
def broken(served):
    return served[1], served[2]


def test_no_schema_is_refused_by_an_exception_of_another_kind():
    for value in (None, 5, "x", [], [[]], {"properties": 5}, {"type": 5}, {"items": "x"}, {"required": "a"}, {"enum": 5}, {"$ref": 5}, {"$id": 5},
                  {"$schema": 5}, {"$defs": 5}, {"allOf": {}}, {"oneOf": [5]}, {"dependentRequired": []}, {"if": 5}, {"patternProperties": {"(": {}}},
                  {"$schema": DRAFT, "properties": {"a": {"pattern": 5, "format": 5, "title": 5}}}):  # fmt: skip
        try:
            Schema.load(value, name="t.schema.json")
        except SchemaRefused as error:
            assert error.errors  # noqa: PT017


def test_sch_02_no_page_of_a_form_within_the_limits_takes_more_than_a_second(tmp_path):
    choice = {"enum": [f"v{n}" for n in range(5000)]}
    waiting = [
        {
            "if": {"properties": {f"f{n}": {"const": "a"}}, "required": [f"f{n}"]},
            "then": obj({f"f{n + 1}": {"enum": ["a", "b"]}}, required=[f"f{n + 1}"]),
        }
        for n in range(50)
    ]
    schemas = {
        "fields": _fields(2000),
        "choices": obj({f"a{n}": choice for n in range(4)}),
        "waiting": obj({"f0": {"enum": ["a", "b"]}}, allOf=waiting),
        "texts": obj({f"f{n}": {**TEXT, "title": "T" * 9000, "description": "*d* " * 2000} for n in range(40)}),
    }
    app, ids, mistakes = serve(tmp_path, schemas)
    assert len(ids) == 4, mistakes
    for name in schemas:
        ada = Applicant(app)
        page = ada.press(ada.get(f"/{name}/"))
        data = dict(page.hidden()) | {"_action": "next", "_end": "1"}
        for path in (f"/{name}/general/", f"/{name}/review", f"/{name}/tasks"):
            with at_most(1.5):
                assert ada.client.get(path).status_code == 200
        with at_most(1.5):
            assert ada.client.post(f"/{name}/general/", data=data).status_code in {303, 400}
