"""Sessions keep the code they showed; drafts count how often their code opened them; staff sessions have a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session_form", sa.Column("code", sa.LargeBinary(), nullable=True))
    op.add_column("draft", sa.Column("openings", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("draft", sa.Column("opened_at", sa.BigInteger(), nullable=True))
    op.add_column("draft", sa.Column("opened_before", sa.BigInteger(), nullable=True))
    op.add_column("session", sa.Column("person_id", sa.String(length=200), nullable=True))
    op.create_index("ix_session_person_id", "session", ["tenant", "person_id"])
