"""Pages posted too late are kept a while; what was deleted is remembered beyond the longest backup."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_post",
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_late_post_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_late_post")),
    )
    op.create_index("ix_late_post_ends_at", "late_post", ["ends_at"])
    op.create_table(
        "tombstone",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_tombstone")),
    )
    op.create_index("ix_tombstone_deleted_at", "tombstone", ["deleted_at"])
