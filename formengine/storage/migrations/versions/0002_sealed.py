"""Everything that applicants wrote is sealed.

What was written before could be read by anyone with the database, and no key of its applicant is known: a draft can be
sealed by nobody but its applicant. No version without sealing was ever released, so there is nothing to take along.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from formengine.errors import ConfigError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held = op.get_bind().execute(sa.text("SELECT count(*) FROM draft WHERE status <> 'expired'")).scalar_one()
    if held:
        raise ConfigError(f"{held} applications were stored unsealed by a version before 0.1; choose an empty database")
    op.create_table(
        "key_wrap",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('code', 'session', 'job', 'authority')", name=op.f("ck_key_wrap_kind")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_key_wrap_draft_id_draft"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "kind", "key_id", name=op.f("pk_key_wrap")),
    )
    op.create_index("ix_key_wrap_key_id", "key_wrap", ["kind", "key_id"])
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("card", sa.LargeBinary(), nullable=False))
        batch.add_column(sa.Column("missing", sa.Integer(), nullable=False))
