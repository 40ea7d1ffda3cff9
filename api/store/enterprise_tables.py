"""Tables of the enterprise side: slots chosen, complaints, ratings, managed content."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from api.store.metadata import METADATA

chosen_slots = Table(
    "chosen_slots",
    METADATA,
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), primary_key=True),
    Column("horizon_id", String, primary_key=True),
    Column("visit_id", String, primary_key=True),
    Column("date", String, nullable=False),
    Column("shift_id", String, nullable=False),
    Column("pin_id", Integer, nullable=False),
)
"""What an enterprise would rather have, and the row of the register of preferred dates that stands for it."""

complaints = Table(
    "complaints",
    METADATA,
    Column("complaint_id", String, primary_key=True),
    Column("receipt_digest", String, nullable=False, unique=True),
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id")),
    Column("kind", String, nullable=False),
    Column("authority_id", String),
    Column("street_id", String),
    Column("text", String, nullable=False),
    Column("date", String, nullable=False),
    Column("state", String, nullable=False),
    Column("answer", String),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(None, "state", "date"),
    Index(None, "enterprise_id", "date"),
)
"""Complaints; an anonymous one has no enterprise, and none has an account or an instant.

`authority_id` and `street_id` say whom it is about, where whoever complains says so.
"""

ratings = Table(
    "ratings",
    METADATA,
    Column("rating_id", String, primary_key=True),
    Column("month", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("authority_ids", String, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("comment", String),
    Index(None, "month"),
)
"""Ratings without whose they are: no enterprise, visit, account or instant, and a random id."""

rated_doors = Table(
    "rated_doors",
    METADATA,
    Column("enterprise_id", String, ForeignKey("enterprises.enterprise_id"), primary_key=True),
    Column("door", String, primary_key=True),
)
"""That a door was rated, so that it is rated once; nothing leads from here to the rating."""

contents = Table(
    "contents",
    METADATA,
    Column("content_id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("industry", String),
    Column("title_zh", String, nullable=False),
    Column("title_en", String, nullable=False),
    Column("body_zh", String, nullable=False),
    Column("body_en", String, nullable=False),
    Column("published_from", String, nullable=False),
    Column("published_until", String),
    Column("written_at", String, nullable=False),
    Column("written_by", String, nullable=False),
)
"""What enterprises are given to read, all versions: the greatest counts; for all industries where it names none."""
