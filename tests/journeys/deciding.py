"""What a persona does on a page: which controls get what, and which button is pressed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.journeys.reading import Button, Control, Page, Persona, Said

_YES, _NO = "true", "false"


class Stuck(AssertionError):
    """The journey cannot go on; says where and why."""

    def __init__(self, page: Page, why: str) -> None:
        lines = [f"{why}: {page.status} {page.url} “{page.heading}” ({page.kind or 'no data-page'})"]
        lines += [f"  {p.pointer} [{p.keyword}] {p.text}" for p in page.problems]
        lines += [f"  control {c.name} ({c.kind}) = {c.chosen}" for c in page.controls()]
        super().__init__("\n".join(lines))


@dataclass
class Deed:
    """What is done on a page: *values* by control name (all texts of it), *files*, then the *press*."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=dict)
    press: Button | None = None


def mended(deed: Deed, mistake: str) -> Deed:
    """*deed* with every control blank that still shows the text of a *mistake*."""
    return Deed(
        {n: ["" if t == mistake else t for t in texts] for n, texts in deed.values.items()}, deed.files, deed.press
    )


def decide(page: Page, persona: Persona, met: dict[str, Said]) -> Deed:
    """What *persona* does on *page*; *met* remembers the proofs spoken for, from page to page. Errors: Stuck where nothing can be pressed."""
    if page.kind == "list":
        return _another(page, persona)
    if page.kind == "proof":
        return _proof(page, persona, met)
    deed = Deed()
    for control in page.controls():
        said = persona.text(control)
        if control.kind == "file":
            continue
        if said is not None:
            deed.values[control.name] = _fit(page, control, said)
        elif page.kind == "device" and control.name == "_device":
            deed.values[control.name] = ["own"]
        elif page.kind == "declarations" and control.kind == "checkbox":
            deed.values[control.name] = list(control.values[:1])
        else:
            deed.values[control.name] = list(control.chosen)
    deed.press = _one_more_row(page, persona) or page.button("submit", "next") or _only_button(page)
    if deed.press is None:
        raise Stuck(page, "nothing leads on")
    return deed


def _one_more_row(page: Page, persona: Persona) -> Button | None:
    """The button that adds a row to a list of single answers, where the persona types more rows than there are."""
    for button in page.buttons():
        if button.action == "add" and button.pointer:
            below = [c.pointer for c in page.controls() if c.pointer.startswith(button.pointer + "/")]
            if len(set(below)) < persona.rows(button.pointer):
                return button
    return None


def _another(page: Page, persona: Persona) -> Deed:
    more = page.list_count < persona.rows(page.list_pointer)
    deed = Deed()
    asked = [c for c in page.controls() if c.role == "add-another"]
    for control in page.controls():
        deed.values[control.name] = [_YES if more else _NO] if control in asked else list(control.chosen)
    if more and not asked:
        deed.press = page.button("add")
        if deed.press is None:
            raise Stuck(page, "no way to add a row")
        return deed
    deed.press = page.button("next")
    if deed.press is None:
        raise Stuck(page, "nothing leads on")
    return deed


def _proof(page: Page, persona: Persona, met: dict[str, Said]) -> Deed:
    said = _said(page, persona, met)
    deed = Deed()
    for control in page.controls():
        if control.kind == "radio" and said.status in control.values:
            deed.values[control.name] = [said.status]
        elif control.kind == "file":
            deed.files[control.name] = list(said.files)
        elif control.kind == "text" and said.reason and control.name.startswith("_"):
            deed.values[control.name] = [said.reason]
        else:
            deed.values[control.name] = list(control.chosen)
    upload = page.button("upload")
    if said.files and upload is not None and page.url not in met:
        deed.press = upload
    else:
        deed.press = page.button("next")
        deed.files.clear()
    met[page.url] = said
    if deed.press is None:
        raise Stuck(page, "nothing leads on")
    return deed


def _said(page: Page, persona: Persona, met: dict[str, Said]) -> Said:
    """What is said of this page's proof: items come in the order of the persona's list."""
    if page.url in met:
        return met[page.url]
    base, _, rest = page.url.partition("/proofs/")
    proof = rest.partition("?")[0].strip("/").split("/")[0]
    before = sum(url.startswith(f"{base}/proofs/{proof}/") or url == f"{base}/proofs/{proof}" for url in met)
    all_of_it = persona.proofs.get(proof, ())
    return all_of_it[before] if before < len(all_of_it) else Said()


def _fit(page: Page, control: Control, said: str | list[str]) -> list[str]:
    """*said* as this control takes it. Errors: Stuck if it is not among the options."""
    texts = [str(text) for text in said] if isinstance(said, list) else [str(said)]
    if control.kind in {"radio", "checkbox", "select"}:
        texts = [_option(control, text) for text in texts if text != ""]
        if not set(texts) <= set(control.values):
            raise Stuck(page, f"{control.name} does not offer {texts}, only {list(control.values)}")
    return texts


def _option(control: Control, text: str) -> str:
    """The posted value for *text*, which may leave out the quotation marks of a JSON string."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if text not in control.values and quoted in control.values else text


def _only_button(page: Page) -> Button | None:
    """The one submit button of the page's form, where it carries no mark."""
    form = page.form
    if form is None:
        return None
    found = [b for b in form.select("button") if b.get("type", "submit") == "submit" and not b.has_attr("data-action")]
    return Button("", "", str(found[0].get("name", "")), str(found[0].get("value", "")), "") if found else None
