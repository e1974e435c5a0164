"""Rewrites physical CSS to logical CSS, so that one style sheet serves both directions (ux.md 2.4)."""

from __future__ import annotations

import re

PROPERTIES = {
    "left": "inset-inline-start",
    "right": "inset-inline-end",
    "border-top-left-radius": "border-start-start-radius",
    "border-top-right-radius": "border-start-end-radius",
    "border-bottom-left-radius": "border-end-start-radius",
    "border-bottom-right-radius": "border-end-end-radius",
} | {
    f"{before}-{side}{after}": f"{before}-inline-{end}{after}"
    for before, after in (
        ("margin", ""),
        ("padding", ""),
        ("border", ""),
        ("border", "-width"),
        ("border", "-style"),
        ("border", "-color"),
    )
    for side, end in (("left", "start"), ("right", "end"))
}
VALUES = {
    "float": {"left": "inline-start", "right": "inline-end"},
    "clear": {"left": "inline-start", "right": "inline-end"},
    "text-align": {"left": "start", "right": "end"},
}
SIDES = ("top", "inline-end", "bottom", "inline-start")
CORNERS = ("start-start", "start-end", "end-end", "end-start")
DECLARATION = re.compile(r"^(\s+)([\w-]+): (.*?)( !important)?;$")
PHYSICAL = re.compile(
    r"(?:margin|padding|border)-(?:left|right)|(?:float|clear|text-align)\s*:\s*(?:left|right)|[{;]\s*(?:left|right)\s*:"
)


def parts(value: str) -> list[str]:
    """*value* split at blanks outside brackets.

    >>> parts("0 calc(1px + 2px) 3px")
    ['0', 'calc(1px + 2px)', '3px']
    """
    found, depth, word = [], 0, ""
    for character in value:
        depth += (character == "(") - (character == ")")
        if character == " " and not depth:
            found.append(word)
            word = ""
        else:
            word += character
    return [part for part in [*found, word] if part]


def declaration(name: str, value: str) -> list[tuple[str, str]]:
    """The logical declarations that say the same as this physical one for text that runs from left to right.

    >>> declaration("padding", "1px 2px 3px 4px")[1]
    ('padding-inline-end', '2px')
    """
    if name in PROPERTIES:
        return [(PROPERTIES[name], value)]
    if name in VALUES:
        return [(name, VALUES[name].get(value, value))]
    four = parts(value)
    if len(four) == 4 and "/" not in four:
        if name in ("margin", "padding") and four[1] != four[3]:
            return [(f"{name}-{side}", part) for side, part in zip(SIDES, four, strict=True)]
        if name in ("border-width", "border-style", "border-color") and four[1] != four[3]:
            kind = name.removeprefix("border-")
            return [(f"border-{side}-{kind}", part) for side, part in zip(SIDES, four, strict=True)]
        if name == "border-radius" and (four[0] != four[1] or four[2] != four[3]):
            return [(f"border-{corner}-radius", part) for corner, part in zip(CORNERS, four, strict=True)]
    return [(name, value)]


def rewrite(css: str, *, leave: str) -> str:
    """*css*, a declaration a line as dart-sass prints it, with logical properties.

    Rules whose selector contains *leave* stay as they are (the tick of a checkbox is a drawing, not text).
    """
    lines, selector = [], ""
    for line in css.splitlines():
        if line.rstrip().endswith(("{", ",")):
            selector = line if line.rstrip().endswith("{") and not selector.endswith(",") else selector + line
        match = DECLARATION.match(line)
        if match is None or leave in selector:
            lines.append(line)
        else:
            indent, name, value, important = match.groups()
            lines += [f"{indent}{n}: {v}{important or ''};" for n, v in declaration(name, value)]
    return "\n".join(lines) + "\n"
