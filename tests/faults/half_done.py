"""What no crash may leave behind in the database, as queries that must find nothing."""

from __future__ import annotations

from sqlalchemy import text

from formengine.services.ports import Stores

HALF_DONE = {
    "a submission without its deliveries": """SELECT reference FROM submission s
        WHERE (SELECT count(*) FROM delivery d WHERE d.reference = s.reference) != 2""",
    "a submission without a job": """SELECT reference FROM submission s
        WHERE NOT EXISTS (SELECT 1 FROM {jobs} w WHERE w.workflow_uuid = 'submit-' || s.reference || '-r0')""",
    "a job without a submission": """SELECT workflow_uuid FROM {jobs} w
        WHERE NOT EXISTS (SELECT 1 FROM submission s WHERE w.workflow_uuid = 'submit-' || s.reference || '-r0')""",
    "a submission that worker or authority cannot read": """SELECT reference FROM submission s
        WHERE (SELECT count(*) FROM key_wrap k WHERE k.draft_id = s.draft_id AND k.kind IN ('job', 'authority')) < 3""",
    "a draft that worker or authority can read": """SELECT d.id FROM draft d JOIN key_wrap k ON k.draft_id = d.id
        WHERE d.status = 'open' AND k.kind IN ('job', 'authority')""",
    "a sent draft that is still open": """SELECT d.id FROM draft d JOIN submission s ON s.draft_id = d.id
        WHERE d.status != 'submitted' OR length(d.body) > 0""",
    "a closed draft that was not sent": """SELECT id FROM draft d WHERE status = 'submitted'
        AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.draft_id = d.id)""",
    "a code that opens nothing": """SELECT id FROM draft d WHERE d.lookup IS NOT NULL AND d.status != 'expired'
        AND NOT EXISTS (SELECT 1 FROM key_wrap k WHERE k.draft_id = d.id AND k.kind = 'code')""",
    "an expired draft that can be read": """SELECT d.id FROM draft d JOIN key_wrap k ON k.draft_id = d.id
        WHERE d.status = 'expired'""",
}


def half_done(stores: Stores) -> list[str]:
    """Each kind of half-done work that is in the database."""
    with stores.database.engines.read() as rows:
        jobs = "workflow_status" if stores.database.engines.is_sqlite else "dbos.workflow_status"
        return [
            what
            for what, sought in HALF_DONE.items()
            if rows.connection.execute(text(sought.format(jobs=jobs))).first() is not None
        ]
