"""Tables of what flows back into the plan: rules, leads, and what people decided on proposals."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from api.store.metadata import METADATA

feedback_rules = Table(
    "feedback_rules",
    METADATA,
    Column("rule_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("basis", String, nullable=False),
    Column("assumed", Boolean, nullable=False),
    Column("days", Integer),
    Column("count", Integer),
    Column("share", Float),
    Column("strength", Integer),
    Column("minutes", Integer),
    Column("result", String),
    Column("lead", String),
    Column("priority", String),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)
"""Rules that somebody set, in the place of the default ones of their ids (scheduler.feedback.rules)."""

leads = Table(
    "leads",
    METADATA,
    Column("lead_id", String, primary_key=True),
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), nullable=False),
    Column("street_id", String, nullable=False),
    Column("authority_id", String, ForeignKey("authorities.authority_id"), nullable=False),
    Column("item_code", String),
    Column("source", String, nullable=False),
    Column("reference_no", String),
    Column("received", String, nullable=False),
    Column("text", String, nullable=False),
    Column("state", String, nullable=False),
    Column("closed_reason", String),
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Index(None, "authority_id", "state"),
    Index(None, "enterprise_id"),
    Index(None, "street_id"),
)
"""What the public, other bodies, data or the media say of an enterprise; never what it says of its inspectors."""

proposal_decisions = Table(
    "proposal_decisions",
    METADATA,
    Column("proposal_id", String, primary_key=True),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("authority_id", String),
    Column("enterprise_id", String),
    Column("street_id", String),
    Column("decision", String, nullable=False),
    Column("reason", String),
    Column("body", JSON, nullable=False),  # the proposal as it was decided on
    Column("decided_at", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "horizon_id", "authority_id"),
    Index(None, "kind", "enterprise_id"),
)
"""The last decision on each proposal, and the horizon it was made for; earlier ones are in the audit log."""
