"""F-02, F-03, ACC-07 with file systems of their own, full to the last byte or read-only: nothing typed is lost, all heals alone."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from formengine.health import Readiness, parts
from formengine.services.ports import Stores
from tests.intake.conftest import pdf
from tests.journeys.reading import Page
from tests.web.applicant import Applicant, serve


@dataclass
class Fault:
    """What breaks the storage of a site, and what heals it."""

    app: Flask
    strike: Callable[[], None]
    heal: Callable[[], None]

    @property
    def stores(self) -> Stores:
        return self.app.extensions["formengine"].engine.stores

    def failing(self) -> tuple[str, ...]:
        """The parts that readiness names, asked anew."""
        return Readiness(parts(self.app.extensions["formengine"].engine)).failing()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of the test's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", folder], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here: run as root, outside of a container without CAP_SYS_ADMIN")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def close(app: Flask) -> None:
    app.extensions["formengine"].engine.stores.database.engines.close()


def full_disk(folder: Path) -> Fault:
    """No byte left where database and files lie."""
    app = serve(folder)
    rest = folder / "rest"

    def strike() -> None:
        with closing(sqlite3.connect(folder / "data" / "formengine.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # an empty log has to grow for any write
        with rest.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass

    return Fault(app, strike, rest.unlink)


def read_only_disk(folder: Path) -> Fault:
    app = serve(folder)

    def mount(how: str) -> None:
        close(app)
        subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)

    return Fault(app, lambda: mount("ro"), lambda: mount("rw"))


@pytest.fixture(params=[full_disk, read_only_disk])
def fault(request: pytest.FixtureRequest, disk: Path) -> Iterator[Fault]:
    made = request.param(disk)
    yield made
    close(made.app)


def told(ada: Applicant, page: Page) -> None:
    """That *page* says in the applicant's words that nothing was saved, and when to try again."""
    assert page.status == 503
    assert ada.response.headers["Retry-After"] == "60"
    assert "Wir können gerade nicht speichern" in page.soup.get_text()


def once_more(ada: Applicant, page: Page) -> Page:
    """What comes of sending *page* again as it stands: a step by its button, else what the page carries along."""
    return ada.press(page, "next" if page.kind == "question" else "")


def test_f_02_what_was_typed_stands_on_the_page_and_is_taken_once_the_storage_is_back(fault: Fault) -> None:
    ada = Applicant(fault.app)
    you = ada.start()
    fault.strike()
    failed = ada.press(you, __name="Ada Lovelace")
    told(ada, failed)
    assert "Ada Lovelace" in failed.html
    assert "database" in fault.failing()
    fault.heal()
    assert ada.get("/small/you/").controls()[0].chosen == ("",), "nothing was half written"
    home = once_more(ada, failed)
    assert [control.name for control in home.controls()] == ["/kind"], home.html
    assert ada.get("/small/you/").controls()[0].chosen == ("Ada Lovelace",)
    assert not {"database", "files", "keys"} & set(fault.failing())


def test_f_02_no_receipt_is_given_for_what_was_not_written(fault: Fault) -> None:
    ada = Applicant(fault.app)
    declarations = ada.fill()
    fault.strike()
    failed = ada.press(declarations, "submit", **{"_declaration:truth": "true"})
    told(ada, failed)
    fault.heal()
    with fault.stores.read() as work:
        assert work.submissions.count() == 0
    assert once_more(ada, failed).kind == "confirmation"
    with fault.stores.read() as work:
        assert work.submissions.count() == 1


def test_f_03_files_are_refused_first_and_what_stays_free_is_for_submits(disk: Path) -> None:
    app = serve(disk)
    stores = app.extensions["formengine"].engine.stores
    ada = Applicant(app)
    ada.rent()
    proof = ada.get("/small/proofs/lease/")
    usage = shutil.disk_usage(disk)
    with (disk / "rest").open("wb") as file:
        file.write(bytes(usage.free - usage.total // 12))  # a little less than the tenth that has to stay

    def upload() -> Page:
        return ada.press(proof, "upload", _file=(BytesIO(pdf()), "miete.pdf", "application/pdf"))

    refused = upload()
    assert refused.status == 422
    assert "Wir können gerade keine Dateien annehmen" in refused.soup.get_text()
    assert "disk" in Readiness(parts(app.extensions["formengine"].engine)).failing()
    bo = Applicant(app)
    done = bo.press(bo.fill(), "submit", **{"_declaration:truth": "true"})
    assert done.kind == "confirmation", done.html
    with stores.read() as work:
        assert work.submissions.count() == 1
    (disk / "rest").unlink()
    assert upload().status == 200
    assert "miete.pdf" in ada.get("/small/proofs/lease/").html
    close(app)
