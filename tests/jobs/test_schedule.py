from __future__ import annotations

import logging
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from formengine.jobs import schedule
from formengine.jobs.pipeline import Tools
from formengine.jobs.schedule import Task
from formengine.services import visiting
from formengine.services.ports import Stores
from tests import opened
from tests.fakes import Clock, OneForm, PlainRenderer, PlainSigner


def test_a_failing_task_stops_neither_the_loop_nor_the_others_and_logs_no_value(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    done: list[str] = []

    def fail() -> None:
        done.append("failing")
        raise RuntimeError("geheim")

    def work() -> None:
        done.append("working")
        if done.count("working") == 2:
            stop.set()

    with caplog.at_level(logging.ERROR):
        schedule.run(stores, [Task("failing", 0.05, fail), Task("working", 0.05, work)], worker="w", stop=stop)
    assert done.count("failing") >= 2
    assert "RuntimeError" in caplog.text
    assert "geheim" not in caplog.text


def test_what_another_worker_has_leased_is_left_to_it(stores: Stores) -> None:
    with stores.write() as work:
        work.workers.lease("reconcile", "other", for_s=60)
    stop = threading.Event()
    done: list[str] = []
    tasks = [Task("reconcile", 30, lambda: done.append("twice")), Task("own", 30, stop.set)]
    schedule.run(stores, tasks, worker="w", stop=stop)
    assert done == []


def test_all_that_runs_by_the_clock_runs(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    reference = opened.send(stores, "inbox")
    clock = Clock(opened.NOW + timedelta(days=365))
    with stores.database.engines.write() as rows:
        rows.connection.execute(text("UPDATE workflow_status SET status = 'SUCCESS', created_at = 1, updated_at = 1"))
    stop = threading.Event()
    forms = OneForm((SimpleNamespace(id="lunch", hash="0" * 64),))
    tools = Tools(stores, forms, PlainRenderer(), PlainSigner(), {}, clock)
    tasks = schedule.tasks(tools, stores.database.jobs)
    with caplog.at_level(logging.ERROR):
        schedule.run(stores, [*tasks, Task("last", 30, stop.set)], worker="w", stop=stop)
    assert caplog.text == ""
    with stores.read() as work:
        assert work.outbox.under_way(reference) == {""}, "the open delivery was taken up"
    with stores.database.engines.read() as rows:
        assert rows.connection.execute(text("SELECT count(*) FROM workflow_status")).scalar_one() == 1


def test_f_12_rel_10_a_clock_that_is_put_forward_by_hours_lets_the_clean_up_end_nothing_early(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, passed = Clock(), timedelta()
    monkeypatch.setattr(schedule, "ticks", lambda: passed)
    tools = Tools(stores, OneForm(), PlainRenderer(), PlainSigner(), {}, clock)
    clean_up = next(task for task in schedule.tasks(tools, stores.database.jobs) if task.name == "clean-up")
    visiting.begin(stores, tenant="t", language="de", now=clock())
    clock.on(hours=5)
    assert clean_up.run().sessions == 0
    clock.on(hours=3)
    passed += timedelta(hours=3)
    assert clean_up.run().sessions == 0, "three hours passed; of the five none"
    clock.on(minutes=1)
    passed += timedelta(minutes=1)
    assert clean_up.run().sessions == 1, "an hour idle and two of leeway are over"
