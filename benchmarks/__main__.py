"""`make bench`: the figures that the project promises, each as a ratio to a peer of the same run."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks import attacks, codes, forms, hostile
from benchmarks.measuring import Task, in_turns
from benchmarks.person import Person
from benchmarks.serving import Served, serve
from formengine import bootstrap, config, designing
from formengine.core import source
from formengine.core.loading import load_form

Begun = tuple[Person, str]


def main() -> None:
    """Measure and print; nothing is left behind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "page.html"
        environment = prepared(folder)
        with serve("formengine.web.app:from_environment()", environment, probe="/readyz") as ours:
            person = Person(ours.url)
            step = person.begin("one")
            person.answer(step, forms.typed(0))
            page.write_text(person.get(step), encoding="utf-8")
            if 'value="Haddad"' not in page.read_text(encoding="utf-8"):
                raise SystemExit("the page does not show the draft: something else would be measured")
            with (
                serve("benchmarks.peers:static_site()", {"PAGE": str(page)}, probe="/") as static,
                serve("benchmarks.peers:hand_written_site()", {}, probe="/") as by_hand,
            ):
                pages(ours, static, by_hand, person, step)
            large(ours, person)
            attacks.measure(ours)
        codes.main(environment)
    hostile.main()


def prepared(folder: Path) -> dict[str, str]:
    """The environment of a site in *folder* with the measured forms published."""
    files = attacks.written(folder)
    for name, schema in (("one", forms.one_step()), ("ten", forms.ten_steps()), ("large", forms.large())):
        files.append(folder / f"{name}.schema.json")
        files[-1].write_text(json.dumps(schema), encoding="utf-8")
    environment = {
        "FORMENGINE_DATA": str(folder / "data"),
        "FORMENGINE_SCHEMA_FILES": ":".join(map(str, files)),
        "FORMENGINE_SCANNER": "off",
        "FORMENGINE_LOG_LEVEL": os.environ.get("FORMENGINE_LOG_LEVEL", "WARNING"),
    }
    settings = config.load(environment)
    bootstrap.prepare_data(settings)
    bootstrap.ensure_test_keys(settings)
    bootstrap.migrate(settings)
    designing.publish(settings)
    return environment


def pages(ours: Served, static: Served, by_hand: Served, person: Person, step: str) -> None:
    """GET of a step with its draft filled in, and a journey of ten steps, against a static page."""

    def begin() -> Begun:
        other = Person(ours.url)
        return other, other.begin("ten")

    def steps(begun: Begun) -> None:
        other, address = begun
        for number, name in enumerate(forms.QUESTIONS):
            address = other.answer(address, forms.typed(number, name))

    client = httpx.Client(base_url=static.url)
    other = httpx.Client(base_url=by_hand.url)
    figures = in_turns(
        {
            "static": Task(static, lambda _: client.get("/")),
            "step": Task(ours, lambda _: person.get(step)),
            "by hand": Task(by_hand, lambda _: other.get("/")),
        },
        rounds=9,
        repeat=150,
    )
    unit = figures["static"]
    turns = in_turns(
        {
            "static": Task(static, lambda _: [client.get("/") for _ in range(100)]),
            "beginning": Task(ours, lambda _: begin()),
            "journey": Task(ours, steps, begin),
        },
        rounds=9,
        repeat=3,
    )
    for name in ("beginning", "journey"):
        figures[name] = turns[name] / (turns["static"] / 100) * unit
    print("Server CPU under gunicorn, one worker, medians of turns")
    print(f"  a static Flask and Jinja page of the same size   {unit:7.3f} ms")
    for name, text, goal in (
        ("step", "GET of a 10-field step, its draft filled in", "goal 2.0"),
        ("by hand", "the same 10 fields by hand with Flask-WTF", "peer"),
        ("journey", "a journey of 10 steps, each GET and POST", "goal 60"),
        ("beginning", "its beginning: start page, device, session, key", "no goal"),
    ):
        print(f"  {text:48} {figures[name]:7.3f} ms  {figures[name] / unit:6.1f} times ({goal})")


def large(ours: Served, person: Person) -> None:
    """How long a form of 2,000 questions takes to load, and what one of its pages costs against one of a small form."""
    text = json.dumps(forms.large())
    began = time.process_time()
    load_form("large", None, {"large.schema.json": source.read("large.schema.json", text)}, None)
    seconds = time.process_time() - began
    address = person.begin("large")
    person.answer(address, forms.typed(0))
    small = person.begin("one")
    person.answer(small, forms.typed(0))

    def post(at: str) -> Task:
        return Task(ours, lambda _: person.answer(at, forms.typed(0)))

    gets = {"small": Task(ours, lambda _: person.get(small)), "large": Task(ours, lambda _: person.get(address))}
    figures = in_turns(gets, rounds=7, repeat=50)
    posts = in_turns({"small": post(small), "large": post(address)}, rounds=7, repeat=30)
    print("A form of 2,000 questions on 200 pages")
    print(f"  to load it                                       {seconds:7.3f} s   (goal {forms.LARGE_LOAD_S})")
    for text, found in (("GET of one of its pages", figures), ("GET and POST of one of its pages", posts)):
        times = found["large"] / found["small"]
        print(f"  {text:48} {found['large']:7.3f} ms  {times:6.1f} times a small one (goal 1.3)")


if __name__ == "__main__":
    main()
