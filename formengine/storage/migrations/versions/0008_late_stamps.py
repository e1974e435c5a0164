"""Documents that were sealed without a time stamp, and when they got it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_stamp",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("sha512", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["submission.reference"],
            name=op.f("fk_late_stamp_reference_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_late_stamp")),
    )
    op.create_index("ix_late_stamp_due_at", "late_stamp", ["sha512", "due_at"])
