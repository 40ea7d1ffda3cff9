"""Tables of advance notices: what enterprises were told, how it went out to them, and where it goes to."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from api.store.metadata import METADATA

contacts = Table(
    "contacts",
    METADATA,
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), primary_key=True),
    Column("email", String, nullable=False),
    Column("language", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)
"""Where notices of an enterprise go by mail."""

notices = Table(
    "notices",
    METADATA,
    Column("notice_id", String, primary_key=True),
    Column("series_id", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("step", String, nullable=False),
    Column("state", String, nullable=False),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), nullable=False),
    Column("street_id", String, nullable=False),
    Column("visit_id", String, nullable=False),
    Column("date", String, nullable=False),
    Column("visit", JSON, nullable=False),  # as it is compared with what is in force
    Column("digest", String, nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", String, nullable=False),
    UniqueConstraint("series_id", "sequence"),
    Index(None, "enterprise_id", "created_at"),
    Index(None, "horizon_id", "state", "date"),
    Index(None, "street_id", "date"),
)
"""One row a notice; of a series (a visit with its changes) the newest is in force, unless it is a withdrawal."""

deliveries = Table(
    "deliveries",
    METADATA,
    Column("delivery_id", String, primary_key=True),
    Column("notice_id", String, ForeignKey("notices.notice_id"), nullable=False),
    Column("series_id", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("channel", String, nullable=False),
    Column("target", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try", String, nullable=False),
    Column("token", String),  # of the sender that holds it
    Column("lease_until", String),
    Column("last_error", String),
    Column("created_at", String, nullable=False),
    Column("ended_at", String),
    Index(None, "state", "next_try"),
    Index(None, "notice_id"),
    Index(None, "series_id", "channel", "sequence"),
)
"""The outbox: what is still to be sent, and what became of it."""

calendar_feeds = Table(
    "calendar_feeds",
    METADATA,
    Column("feed_id", String, primary_key=True),
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), nullable=False),
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("revoked_at", String),
    Index(
        "ux_calendar_feeds_live",
        "enterprise_id",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
)
"""Addresses of calendars to subscribe to: at most one of each enterprise is good."""
