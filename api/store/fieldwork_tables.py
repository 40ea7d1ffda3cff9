"""Tables of what happens at the door: the append-only record, and what follows from it for every entry."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from api.store.metadata import BIG, METADATA

field_events = Table(
    "field_events",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("event_id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("received_at", String, nullable=False),  # by the clock of this service
    Column("happened_at", String, nullable=False),  # as the sender says
    Column("date", String, nullable=False),  # in China, of happened_at
    Column("enterprise_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("authority_id", String),
    Column("entry_id", String),
    Column("horizon_id", String),
    Column("visit_id", String),
    Column("data", JSON, nullable=False),
    Column("by", String, nullable=False),
    Index(None, "enterprise_id", "date"),
    Index(None, "entry_id"),
    Index(None, "kind", "date"),
)
"""The one record of all three sides: rows are added, never changed and never taken away."""

entries = Table(
    "entries",
    METADATA,
    Column("entry_id", String, primary_key=True),
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), nullable=False),
    Column("street_id", String, nullable=False),
    Column("authority_id", String, ForeignKey("authorities.authority_id"), nullable=False),
    Column("horizon_id", String),
    Column("schedule_id", String),
    Column("visit_id", String),
    Column("date", String, nullable=False),
    Column("path", String, nullable=False),
    Column("scan_status", String, nullable=False),
    Column("state", String, nullable=False),
    Column("entered_at", String, nullable=False),
    Column("scanned_at", String),
    Column("left_at", String),
    Column("officer_ids", String, nullable=False),
    Column("item_ids", String, nullable=False),
    Column("trigger", String, nullable=False),
    Column("cap_exempt", Boolean, nullable=False),
    Column("approval_no", String),
    Column("papers_due", String),  # date until which approval papers are to be complete, where they came after
    Column("reason", String),
    Column("flags", JSON, nullable=False),
    Index(None, "enterprise_id", "date"),
    Index(None, "authority_id", "date"),
    Index(None, "street_id", "date"),
    Index(None, "horizon_id", "visit_id", "date"),
)
"""One authority at one door: what its events say together, always to be had from them again."""

entry_items = Table(
    "entry_items",
    METADATA,
    Column("entry_id", String, ForeignKey("entries.entry_id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("item_code", String),
    Column("result", String, nullable=False),
    Column("due", String),
    Column("case_no", String),
    Column("leniency_list", String),
    Column("leniency_code", String),
    Column("leniency_amount", Integer),  # yuan that the enterprise is spared
    Column("minutes", Integer),
    Column("note", String),
    Column("recorded_at", String, nullable=False),
    Index(None, "result", "due"),
)
"""The result of every item of an entry, the last one told."""

entry_evidence = Table(
    "entry_evidence",
    METADATA,
    Column("evidence_id", String, primary_key=True),
    Column("entry_id", String, ForeignKey("entries.entry_id"), nullable=False),
    Column("item_id", String),
    Column("name", String, nullable=False),
    Column("address", String),
    Column("upload_id", String, ForeignKey("uploads.upload_id")),
    Column("size", Integer),
    Column("sha256", String),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Index(None, "entry_id"),
)
"""What proves a result: a file kept here, or the address of one that another system keeps."""

enterprise_codes = Table(
    "enterprise_codes",
    METADATA,
    Column("code_id", String, primary_key=True),
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("issued_at", String, nullable=False),
    Column("issued_by", String, nullable=False),
    Column("revoked_at", String),
    Column("revoked_reason", String),
    Index(
        "ux_enterprise_codes_live",
        "enterprise_id",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
)
"""Supervision codes of enterprises: at most one of each is good, all that ever were are kept."""

officer_codes = Table(
    "officer_codes",
    METADATA,
    Column("code_id", String, primary_key=True),
    Column("officer_id", String, ForeignKey("officers.officer_id"), nullable=False),
    Column("enterprise_id", String),
    Column("made_at", String, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("shown_at", String),
    Column("shown_to", String),
)
"""Codes that officers showed: good for minutes, and for the first who reads it."""
