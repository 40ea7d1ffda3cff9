"""Tables of warnings: rules that differ from the ones that come with the program, warnings and what became of them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from api.store.metadata import BIG, METADATA

warning_rules = Table(
    "warning_rules",
    METADATA,
    Column("rule_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("days", Integer),
    Column("count", Integer),
    Column("share", Float),
    Column("officers", Integer),
    Column("chance", Float),
    Column("scope", String),
    Column("exempt_triggers", String),
    Column("since", String),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)
"""Rules that somebody set; those of :data:`scheduler.supervision.rules.DEFAULT_RULES` hold until then."""

warnings = Table(
    "warnings",
    METADATA,
    Column("warning_id", String, primary_key=True),
    Column("rule_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("rule", JSON, nullable=False),  # as it was when the warning was raised
    Column("severity", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("occasion", String, nullable=False),
    Column("state", String, nullable=False),
    Column("verdict", String),
    Column("date", String, nullable=False),
    Column("enterprise_id", String),
    Column("street_id", String),
    Column("district_id", String),
    Column("form", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("raised_at", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(None, "subject", "kind"),
    Index(None, "raised_at", "warning_id"),
    Index(None, "kind", "district_id", "date"),
    Index(None, "enterprise_id"),
    Index(None, "street_id", "raised_at"),
)

warning_authorities = Table(
    "warning_authorities",
    METADATA,
    Column("warning_id", String, ForeignKey("warnings.warning_id"), primary_key=True),
    Column("authority_id", String, primary_key=True),
    Index(None, "authority_id"),
)
"""The authorities that answer for a warning."""

warning_steps = Table(
    "warning_steps",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("warning_id", String, ForeignKey("warnings.warning_id"), nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("action", String, nullable=False),
    Column("state", String, nullable=False),
    Column("text", String),
    Column("due", String),
    Column("reason", String),
    Index(None, "warning_id"),
)
"""What was done with warnings, by people and by what became known: rows are added, never changed."""

missed_scans = Table(
    "missed_scans",
    METADATA,
    Column("ref", String, primary_key=True),  # of the evidence: entry/… or visit/horizon/visit/authority
    Column("authority_id", String, nullable=False),
    Column("enterprise_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("date", String, nullable=False),
    Column("horizon_id", String),
    Column("visit_id", String),
    Column("item_ids", String, nullable=False),
    Column("found_at", String, nullable=False),
    Column("explained_at", String),
    Column("explained_by", String),  # entry/… or outcome/…
    Index(None, "authority_id", "date"),
    Index(None, "enterprise_id"),
    Index(None, "explained_at", "date"),
)
"""Inspections without a scan, as they were found; they stay when something explains them."""

watch_marks = Table(
    "watch_marks",
    METADATA,
    Column("name", String, primary_key=True),
    Column("date", String, nullable=False),
)
"""Dates up to which something was looked at."""
