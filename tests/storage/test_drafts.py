from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from formengine.core.answers import HOLE, Answers
from formengine.core.lifecycle import Attachment, FileId, ProofAnswer, ProofStatus, Removed
from formengine.errors import NotFound
from formengine.services.ports import Stores
from tests.opened import NOW, a_draft


def test_a_draft_comes_back_as_it_was_kept(stores: Stores) -> None:
    file = Attachment(FileId("f" * 32), "Zeugnis – 1.pdf", "application/pdf", 12, "ab" * 64, clean=False)
    draft = a_draft(
        answers=Answers(
            {"name": "İpek\n", "sum": Decimal("19.99"), "rows": [1, HOLE]},
            picks={"/a:branch": 1},
            keys={"/rows": ("ab2cd", "zz9zz")},
            typed={"/born:day": ("31",)},
        ),
        proofs=(ProofAnswer("school", "ab2cd", ProofStatus.UPLOADED, "", (file,)),
                ProofAnswer("letter", "", ProofStatus.NOT_AVAILABLE, "verloren")),
        accepted={"truth": NOW},
        last_step="children/ab2cd/lunch",
        removed=Removed("/rows", 1, "kk2kk", Answers(3, typed={"": ("x",)}), NOW),
    )  # fmt: skip
    with stores.write() as work:
        work.drafts.add(draft)
    with stores.read() as work:
        assert work.drafts.load(draft.id) == draft


def test_a_saved_draft_comes_back_as_it_was_saved(stores: Stores) -> None:
    draft = a_draft()
    saved = replace(draft.with_answers(Answers({"name": "Bo"}), now=NOW, days=3), language="en", last_step="you")
    with stores.write() as work:
        work.drafts.add(draft)
        work.drafts.save(saved, revision=0)
    with stores.read() as work:
        assert work.drafts.load(draft.id) == saved


def test_a_lookup_opens_one_draft_and_the_latest_counts(stores: Stores) -> None:
    draft = a_draft()
    with stores.write() as work:
        work.drafts.add(draft)
        work.drafts.add(a_draft())
        work.drafts.keep_lookup(draft.id, b"1" * 32)
        work.drafts.keep_lookup(draft.id, b"2" * 32)
    with stores.read() as work:
        assert work.drafts.by_lookup(b"2" * 32, now=NOW) == draft
        with pytest.raises(NotFound):
            work.drafts.by_lookup(b"1" * 32, now=NOW)


def test_drafts_past_their_time_are_found_oldest_first(stores: Stores) -> None:
    drafts = [a_draft(expires_at=NOW + timedelta(days=days)) for days in (2, 1, 3)]
    with stores.write() as work:
        for draft in drafts:
            work.drafts.add(draft)
    with stores.read() as work:
        assert list(work.drafts.past(NOW + timedelta(days=2), limit=9)) == [drafts[1].id, drafts[0].id]
        assert list(work.drafts.past(NOW, limit=9)) == []
