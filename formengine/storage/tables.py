"""The tables, as SQLAlchemy Core metadata, the same on SQLite and PostgreSQL.

What each is for, until when its rows are kept and what deletes them stands in `storage.kept` (GDP-01). Instants are
whole microseconds since 1970-01-01 UTC. What an applicant wrote stands in columns of bytes only (`body`, `payload`,
`record`, `card`), sealed by `storage.encryption`. DBOS keeps its own tables in the same database; theirs are called
`notifications`, `queues`, `streams`, `application_versions`, `workflow_*`, `operation_outputs`, `dbos_*`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


form_version = Table(
    "form_version",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("form", String(200), nullable=False),
    Column("version", String(100), nullable=False),
    Column("bundle", LargeBinary, nullable=False),
    Column("withdrawn_at", BigInteger),
)

form_release = Table(
    "form_release",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("form", String(200), nullable=False),
    Column("hash", ForeignKey("form_version.hash"), nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Index("ix_form_release_form", "form", "number"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(100), nullable=False),
    Column("form", String(200), nullable=False),
    Column("form_hash", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("status", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("lookup", LargeBinary(32), unique=True),
    Column("body", LargeBinary, nullable=False),
    Column("openings", Integer, nullable=False, server_default="0"),
    Column("opened_at", BigInteger),
    Column("opened_before", BigInteger),
    CheckConstraint("status IN ('open', 'submitted', 'expired')", name="status"),
    Index("ix_draft_expires_at", "status", "expires_at"),
)

key_wrap = Table(
    "key_wrap",
    metadata,
    Column("draft_id", ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key_id", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    CheckConstraint("kind IN ('code', 'session', 'job', 'authority')", name="kind"),
    Index("ix_key_wrap_key_id", "kind", "key_id"),
)

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(100), nullable=False),
    Column("audience", String(16), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("theme", String(16), nullable=False),
    Column("shared", Boolean(name="shared"), nullable=False),
    Column("person", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("person_id", String(200)),
    Index("ix_session_seen_at", "seen_at"),
    Index("ix_session_person_id", "tenant", "person_id"),
)

session_form = Table(
    "session_form",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("form", String(200), primary_key=True),
    Column("draft_id", String(32)),
    Column("reference", String(16)),
    Column("code", LargeBinary),
    Index("ix_session_form_draft_id", "draft_id"),
)

blocked_staff = Table(
    "blocked_staff",
    metadata,
    Column("tenant", String(100), primary_key=True),
    Column("person_id", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("since", BigInteger, nullable=False),
)

late_post = Table(
    "late_post",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index("ix_late_post_ends_at", "ends_at"),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("draft_id", String(32), primary_key=True),
    Column("deleted_at", BigInteger, nullable=False),
    Index("ix_tombstone_deleted_at", "deleted_at"),
)

file = Table(
    "file",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(100), nullable=False),
    Column("draft_id", ForeignKey("draft.id"), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("arrived", Boolean(name="arrived"), nullable=False),
    Column("clean", Boolean(name="clean"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_file_draft_id", "draft_id"),
    Index("ix_file_created_at", "arrived", "created_at"),
)

submission = Table(
    "submission",
    metadata,
    Column("reference", String(16), primary_key=True),
    Column("tenant", String(100), nullable=False),
    Column("draft_id", ForeignKey("draft.id"), nullable=False, unique=True),
    Column("idempotency_key", String(64), unique=True),
    Column("form", String(200), nullable=False),
    Column("form_version", String(100), nullable=False),
    Column("form_hash", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("card", LargeBinary, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("sha512", String(128), nullable=False),
    Column("pdf_sha512", String(128), nullable=False),
    Column("run", Integer, nullable=False),
    Index("ix_submission_received_at", "tenant", "received_at"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("reference", ForeignKey("submission.reference", ondelete="CASCADE"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("confirmed_at", BigInteger),
    CheckConstraint("status IN ('waiting', 'sending', 'delivered', 'failed')", name="status"),
    Index("ix_delivery_due_at", "status", "due_at"),
)

late_stamp = Table(
    "late_stamp",
    metadata,
    Column("reference", ForeignKey("submission.reference", ondelete="CASCADE"), primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("sha512", String(128), nullable=False),
    Index("ix_late_stamp_due_at", "sha512", "due_at"),
)

export = Table(
    "export",
    metadata,
    Column("reference", ForeignKey("submission.reference", ondelete="CASCADE"), primary_key=True),
    Column("asked_by", String(200), nullable=False),
    Column("asked_name", String(200), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("approved_by", String(200), nullable=False),
    Column("approved_name", String(200), nullable=False),
    Column("approved_at", BigInteger),
    Column("fetched_at", BigInteger),
)

stub = Table(
    "stub",
    metadata,
    Column("reference", String(16), primary_key=True),
    Column("tenant", String(100), nullable=False),
    Column("form", String(200), nullable=False),
    Column("form_version", String(100), nullable=False),
    Column("form_hash", String(64), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("sha512", String(128), nullable=False),
    Column("pdf_sha512", String(128), nullable=False),
    Column("removed_at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("tenant", String(100), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("person", String(200), nullable=False),
    Column("action", String(64), nullable=False),
    Column("reference", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("tenant", "hash", name="uq_audit_chain"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("tenant", String(100), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

limit_count = Table(
    "limit_count",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("client", String(64), primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("ix_limit_count_ends_at", "ends_at"),
)

worker_heartbeat = Table(
    "worker_heartbeat",
    metadata,
    Column("executor_id", String(100), primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)
