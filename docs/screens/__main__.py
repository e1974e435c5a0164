"""`make screens`: the pictures of the documentation, taken from persona P3 going through the real thing."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from tests.browser.driver import BrowserJourney
from tests.journeys.reading import Page, Persona
from tests.serving import ROOT, serve

HERE = Path(__file__).parent
P3 = ROOT / "tests/journeys/bildung-und-teilhabe/p3.answers.json"
PHONE = {"width": 390, "height": 844}
WANTED = {"wizard": "/benefits/", "review": "/review", "confirmation": "/confirmation"}
"""Each picture's name, and what the address of its page holds."""


def main() -> None:
    """Take the pictures anew."""
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "data") as served, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        tab = browser.new_page(viewport=PHONE, device_scale_factor=1, is_mobile=True)
        taken: set[str] = set()

        def watch(shown: Tab, page: Page) -> None:
            for name, part in WANTED.items():
                if part in shown.url and name not in taken:
                    taken.add(name)
                    shown.screenshot(path=str(HERE / f"{name}.png"))
                    print(f"{name}.png: {page.kind}")

        persona = Persona.read(P3, files=Path(folder))
        done = BrowserJourney(tab, served.url, persona, watch=watch).run("/bildung-und-teilhabe/")
        picture_of(wait_for(served.data / "delivered" / done.reference / "application.pdf"))
        browser.close()
    missing = WANTED.keys() - taken
    if missing:
        raise SystemExit(f"never met: {', '.join(sorted(missing))}")


def wait_for(path: Path) -> Path:
    """*path*, once it is there."""
    for _ in range(300):
        if path.exists():
            return path
        time.sleep(0.1)
    raise SystemExit(f"{path.name} was not delivered")


def picture_of(pdf: Path) -> None:
    """The first page of *pdf* as `pdf.png`."""
    target = HERE / "pdf"
    subprocess.run(["pdftoppm", "-png", "-r", "70", "-f", "1", "-l", "1", "-singlefile", pdf, target], check=True)
    print("pdf.png")


if __name__ == "__main__":
    main()
