"""Migrations with data, on both databases: up from every revision, and old code beside a new schema (REL-14)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, insert, inspect, select, update

from formengine.core.lifecycle import Draft, Reference
from formengine.services import rescuing, resuming, retention, visiting
from formengine.services.codes import ResumeCode
from formengine.services.ports import Stores
from formengine.services.rescuing import LatePost
from formengine.services.values import BlockedPerson, Export
from formengine.storage import audit, copying, tables
from formengine.storage.database import migrate, open_stores
from formengine.storage.engines import Engines
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch

_CONFIG = Config()
_CONFIG.set_main_option("script_location", str(copying.MIGRATIONS))
REVISIONS = [one.revision for one in ScriptDirectory.from_config(_CONFIG).walk_revisions()][::-1]
SEALED = REVISIONS[REVISIONS.index("0002") :]
"""From here on what applicants wrote is sealed; before it nothing was ever stored by a release."""


class Written:
    """A database at the newest revision with a row in every table, as the services write them."""

    def __init__(self, folder: Path) -> None:
        clock, form = Clock(), lunch()
        self.files_url = f"file://{folder}/files"
        self.stores = opened.at_once(folder)
        self.url = opened.sqlite_url(folder)
        self.draft: Draft = filled.with_certificate(
            self.stores, form, clock, filled.answered(self.stores, form, clock, pupil=True)
        )
        self.code: ResumeCode = resuming.save(self.stores, self.draft)
        self.reference: Reference = filled.submit(self.stores, form, clock, filled.answered(self.stores, form, clock))
        secret, session = visiting.begin(self.stores, tenant="t", language="de", now=clock())
        mine = self.stores.opened_by(visiting.reader_of(secret))
        visiting.hold(mine, session, "lunch", draft=self.draft)
        rescuing.keep(mine, session, LatePost("lunch", "you", {"/name": ("Ä",)}), client="192.0.2.1", now=clock())
        with self.stores.write() as work:
            work.versions.add(form="lunch", version="1", hash=form.hash, bundle=b"b", now=clock())
            work.audit.add(tenant="t", at=clock(), person="kim", action="read")
            work.drafts.bury(opened.a_draft().id, clock())
            work.blocked_staff.add("t", BlockedPerson("kim", "Kim", clock()))
            work.late_stamps.add(self.reference, due_at=clock())
            work.exports.save(Export(self.reference, "kim", "Kim", clock(), "the channel is gone", clock()))
            work.workers.beat("w")
            work.workers.lease("sweep", "w", for_s=60)
        removed = filled.submit(self.stores, form, clock, filled.answered(self.stores, form, clock))
        retention.remove(self.stores, removed, now=clock())
        self.secret, self.now = secret, clock()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    made = Written(tmp_path_factory.mktemp("written"))
    yield made
    opened.close(made.stores)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("cluster").empty_database()
    return f"sqlite:///{tmp_path}/new.db"


def test_every_table_has_a_row_in_these_tests(written: Written) -> None:
    with written.stores.database.engines.read() as rows:
        bare = [t.name for t in tables.metadata.sorted_tables if rows.connection.execute(select(t)).first() is None]
    assert bare == []


@pytest.mark.parametrize("revision", SEALED)
def test_rows_of_every_revision_are_read_after_the_upgrade(written: Written, empty: str, revision: str) -> None:
    engines = Engines(empty)
    with engines.writing.connect() as new:
        copying.upgrade(new, revision)
    with written.stores.database.engines.read() as old, engines.writing.begin() as new:
        copying.copy_rows(old.connection, new)
    engines.close()
    migrate(empty)
    stores = open_stores(empty, written.files_url, pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    _reads(stores, written)
    opened.close(stores)


def _reads(stores: Stores, written: Written) -> None:
    with stores.read() as work:
        assert work.drafts.load(written.draft.id) == written.draft
        assert work.submissions.load(written.reference).payload
        assert work.deliveries.of(written.reference)
        assert work.versions.served() == {"lunch": lunch().hash}
        (line,) = work.audit.lines("t")
    assert line.hash == audit.chained(audit.FIRST, line)
    assert resuming.resume(stores, str(written.code), client="", now=written.now).draft.answers == written.draft.answers
    found = visiting.find(stores, written.secret, now=written.now, form="lunch")
    assert found.draft is not None
    assert found.draft.answers == written.draft.answers
    assert stores.files.get(filled.place(stores, written.draft.proofs[0].files[0].id)) == filled.PDF


def _columns(connection: Connection) -> dict[str, list[str]]:
    names = [name for name in inspect(connection).get_table_names() if name in tables.metadata.tables]
    return {name: [column["name"] for column in inspect(connection).get_columns(name)] for name in names}


@pytest.mark.parametrize("before", SEALED[:-1])
def test_rel_14_code_of_a_revision_before_writes_and_reads_beside_the_newest_schema(
    written: Written, empty: str, before: str
) -> None:
    """Its statements name the tables and columns that it knew: they insert, change and find rows as ever."""
    engines = Engines(empty)
    with engines.writing.connect() as new:
        copying.upgrade(new, before)
        known = _columns(new)
        new.commit()
        copying.upgrade(new)
    meta, source = MetaData(), MetaData()
    with written.stores.database.engines.read() as old, engines.writing.begin() as new:
        meta.reflect(new, only=list(known))
        source.reflect(old.connection, only=list(known))
        for table in meta.sorted_tables:
            columns = known[table.name]
            assert set(columns) <= {column.name for column in table.columns}, "nothing was taken away"
            rows = old.connection.execute(select(*(source.tables[table.name].c[name] for name in columns)))
            for row in rows.mappings():
                new.execute(insert(table), dict(row))
                here = [table.c[key.name] == row[key.name] for key in table.primary_key]
                if table.name != "audit":
                    new.execute(update(table).where(*here).values({name: row[name] for name in columns}))
                assert new.execute(select(*(table.c[name] for name in columns)).where(*here)).mappings().one() == row
    engines.close()
    stores = open_stores(empty, written.files_url, pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    migrate(empty)
    _reads(stores, written)
    opened.close(stores)
