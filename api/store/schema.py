"""Tables of the database, the same on SQLite and PostgreSQL; those of registers follow the columns of their intake.

Dates are ISO text, clock times ``HH:MM``, lists joined by ``;`` (:data:`scheduler.intake.rows.Plain`); instants are
ISO text in UTC, so that text order is time order on both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from api.store import enterprise_tables, feedback_tables, fieldwork_tables, notices_tables, warning_tables
from api.store.metadata import BIG, METADATA, TYPES, register
from scheduler.intake.columns import ITEMS, OUTCOMES

districts = register("districts")
streets = register("streets", Index(None, "district_id"))
authorities = register("authorities")
enterprises = register("enterprises", Index(None, "street_id", "enterprise_id"), Index(None, "usci"))
officers = register("officers", Index(None, "authority_id"))
crews = register("crews", Index(None, "authority_id"), Index(None, "area_id"))
history = register("history", Index(None, "enterprise_id"))
quiet = register("quiet")
pins = register("pins", Index(None, "enterprise_id"))
preferred_pins = register("preferred_pins", Index(None, "enterprise_id"))
shifts = register("shifts", UniqueConstraint("horizon_id", "shift_id"))
caps = register("caps", Index(None, "horizon_id"))
missing_crews = register("missing_crews", Index(None, "date"))
cancelled_shifts = register("cancelled_shifts", Index(None, "date"))
absences = register("absences", Index(None, "officer_id"))
recusals = register("recusals", Index(None, "officer_id"), Index(None, "enterprise_id"))
laws = register("laws")
powers = register("powers", Index(None, "authority_id"))
inspection_items = register("inspection_items")
bodies = register("bodies")
authority_items = register("authority_items", Index(None, "item_code"), Index(None, "authority_id"))
delegations = register("delegations", Index(None, "item_code"), Index(None, "street_id"))
leniency_items = register("leniency_items")

horizons = Table(
    "horizons",
    METADATA,
    Column("horizon_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("start", String, nullable=False),
    Column("end", String, nullable=False),
    Column("closing_date", String, nullable=False),
    Column("settings", JSON, nullable=False),  # calendar, closed, open, visit, travel, street, priority as in case.toml
    Column("version", Integer, nullable=False, server_default="1"),
)

plans = Table(
    "plans",
    METADATA,
    Column("plan_id", String, primary_key=True),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("authority_id", String, ForeignKey("authorities.authority_id"), nullable=False),
    Column("code", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("num_items", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("submitted_at", String, nullable=False),
    Column("submitted_by", String, nullable=False),
    Column("approval_no", String),
    Column("approved_at", String),
    Column("approved_by", String),
    Column("ended_at", String),
    Column("ended_reason", String),
    UniqueConstraint("horizon_id", "authority_id", "code", "revision"),
)

plan_items = Table(
    "plan_items",
    METADATA,
    Column("plan_id", String, ForeignKey("plans.plan_id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("horizon_id", String, nullable=False),
    Column("live", Boolean, nullable=False),  # the plan is neither superseded nor withdrawn
    *(Column(c.name, TYPES.get(c.kind, String)(), nullable=not c.required) for c in ITEMS.columns),
    Index(
        "ux_plan_items_live",
        "horizon_id",
        "item_id",
        unique=True,
        sqlite_where=text("live = 1"),
        postgresql_where=text("live"),
    ),
    Index("ix_plan_items_enterprise", "enterprise_id", "horizon_id", "live"),
    Index("ix_plan_items_authority", "authority_id", "live", "horizon_id", "plan_id", "row"),
)

uploads = Table(
    "uploads",
    METADATA,
    Column("upload_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size", BIG, nullable=False),
    Column("digest", String, nullable=False),
    Column("created_at", String, nullable=False),
)
"""Files that came in or that runs planned from, in pieces, so that every server of the database sees them."""

upload_pieces = Table(
    "upload_pieces",
    METADATA,
    Column("upload_id", String, ForeignKey("uploads.upload_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    METADATA,
    Column("run_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("horizon_id", String),
    Column("level", String),
    Column("area_id", String),
    Column("request", JSON, nullable=False),
    Column("upload_id", String, ForeignKey("uploads.upload_id")),
    Column("progress", JSON),
    Column("result", JSON),
    Column("problem", JSON),
    Column("schedule_id", String),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("worker", String),
    Column("lease_until", String),
    Column("stop_requested", Boolean, nullable=False, server_default=text("false")),
    Column("requested_by", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("started_at", String),
    Column("ended_at", String),
    Index(None, "state", "created_at"),
)

schedules = Table(
    "schedules",
    METADATA,
    Column("schedule_id", String, primary_key=True),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("level", String, nullable=False),
    Column("area_id", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("from_date", String),  # first date of its case where that is later than its horizon's
    Column("base", JSON),  # versions by street that its case follows, where it begins later
    Column("run_id", String),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("case_upload_id", String, ForeignKey("uploads.upload_id"), nullable=False),
    Column("case_digest", String, nullable=False),
    Column("parents", JSON, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("num_violations", Integer, nullable=False),
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("published_at", String),
    Column("published_by", String),
)

publications = Table(
    "publications",
    METADATA,
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), primary_key=True),
    Column("street_id", String, ForeignKey("streets.street_id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("from_date", String, nullable=False, server_default=""),
)
"""What was published for a street: the greatest version is in force, and none is ever changed or taken away.

A version counts for dates from `from_date` on until that of a later one: what went out before is of the version before.
"""

visits = Table(
    "visits",
    METADATA,
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), primary_key=True),
    Column("visit_id", String, primary_key=True),
    Column("enterprise_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("date", String, nullable=False),
    Column("shift_id", String, nullable=False),
    Column("start", String, nullable=False),
    Column("end", String, nullable=False),
    Column("authority_ids", String, nullable=False),
    Column("item_ids", String, nullable=False),
    Index(None, "schedule_id", "street_id", "date"),
    Index(None, "enterprise_id"),
)

visit_authorities = Table(
    "visit_authorities",
    METADATA,
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), primary_key=True),
    Column("authority_id", String, primary_key=True),
    Column("visit_id", String, primary_key=True),
)

crew_shifts = Table(
    "crew_shifts",
    METADATA,
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), primary_key=True),
    Column("crew_id", String, primary_key=True),
    Column("authority_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("date", String, nullable=False),
    Column("shift_id", String, nullable=False),
    Column("depart", String, nullable=False),
    Column("back", String, nullable=False),
    Column("travel_min", Integer, nullable=False),
    Column("stops", String, nullable=False),  # visit_id,arrive,start,leave of each stop, stops joined by ;
    Index(None, "schedule_id", "street_id", "date"),
)

unserved = Table(
    "unserved",
    METADATA,
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("authority_id", String, nullable=False),
    Column("enterprise_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("reasons", String, nullable=False),
    Column("explanation_zh", String, nullable=False),
    Column("explanation_en", String, nullable=False),
    Column("facts", JSON, nullable=False),
)

schedule_changes = Table(
    "schedule_changes",
    METADATA,
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("enterprise_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("authority_ids", String, nullable=False),
    Column("old", JSON),
    Column("new", JSON),
    Column("sentence_zh", String, nullable=False),
    Column("sentence_en", String, nullable=False),
)
"""What a re-planned schedule changes of the published one."""

outcomes = Table(
    "outcomes",
    METADATA,
    Column("outcome_id", String, primary_key=True),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), nullable=False),
    Column("street_id", String, nullable=False),
    Column("enterprise_id", String, nullable=False),
    *(Column(c.name, TYPES.get(c.kind, String)(), nullable=not c.required) for c in OUTCOMES.columns),
    Column("recorded_at", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    UniqueConstraint("horizon_id", "visit_id", "date"),
    Index(None, "enterprise_id"),
)
"""What became of published visits; one without a row that lies in the past took place as published."""

studies = Table(
    "studies",
    METADATA,
    Column("study_id", String, primary_key=True),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("level", String, nullable=False),
    Column("area_id", String, nullable=False),
    Column("run_id", String, ForeignKey("runs.run_id"), nullable=False),
    Column("case_upload_id", String, ForeignKey("uploads.upload_id"), nullable=False),
    Column("case_digest", String, nullable=False),
    Column("report_zh_id", String, ForeignKey("uploads.upload_id"), nullable=False),
    Column("report_en_id", String, ForeignKey("uploads.upload_id"), nullable=False),
    Column("scenarios", JSON, nullable=False),
    Column("request", JSON, nullable=False),
    Column("comparison", JSON, nullable=False),
    Column("stored", JSON, nullable=False),
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Index(None, "horizon_id", "level", "area_id"),
)
"""What-if studies: scenarios compared, with the case that they were made from, so that each can be run again."""

draws = Table(
    "draws",
    METADATA,
    Column("draw_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("horizon_id", String, ForeignKey("horizons.horizon_id"), nullable=False),
    Column("state", String, nullable=False),
    Column("commitment", String, nullable=False),
    Column("seed", String, nullable=False),  # nobody is shown it before the draw
    Column("committed_at", String, nullable=False),
    Column("committed_by", String, nullable=False),
    Column("level", String),
    Column("area_id", String),
    Column("schedule_id", String, ForeignKey("schedules.schedule_id")),
    Column("case_upload_id", String, ForeignKey("uploads.upload_id")),  # enterprises and history of a draw of targets
    Column("public", String),
    Column("request", JSON),
    Column("summary", JSON),
    Column("record", JSON),
    Column("roster", JSON),
    Column("drawn_at", String),
    Column("drawn_by", String),
    Index(None, "schedule_id"),
)
"""Draws of officers or targets: committed to first, then carried out once; with the record all can be drawn again."""

draw_teams = Table(
    "draw_teams",
    METADATA,
    Column("draw_id", String, ForeignKey("draws.draw_id"), primary_key=True),
    Column("crew_id", String, primary_key=True),
    Column("officer_id", String, primary_key=True),
    Column("schedule_id", String, ForeignKey("schedules.schedule_id"), nullable=False),
    Column("authority_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("date", String, nullable=False),
    Column("shift_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("certificate_no", String, nullable=False),
    Index(None, "schedule_id", "street_id", "date"),
)

draw_targets = Table(
    "draw_targets",
    METADATA,
    Column("draw_id", String, ForeignKey("draws.draw_id"), primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("authority_id", String, nullable=False),
    Column("enterprise_id", String, nullable=False),
    Column("street_id", String, nullable=False),
    Column("duration_min", Integer, nullable=False),
    Column("earliest", String, nullable=False),
    Column("latest", String, nullable=False),
    Column("priority", String, nullable=False),
)

alert_rules = Table(
    "alert_rules",
    METADATA,
    Column("rule_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("days", Integer),
    Column("share", Float),
    Column("officers", Integer),
    Column("exempt_triggers", String),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

accounts = Table(
    "accounts",
    METADATA,
    Column("account_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("authority_id", String),
    Column("street_ids", String),
    Column("enterprise_id", String),
    Column("officer_id", String),
    Column("subject", String, unique=True),  # of the identity provider: issuer, a blank, sub
    Column("active", Boolean, nullable=False),
    Column("created_at", String, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

api_keys = Table(
    "api_keys",
    METADATA,
    Column("key_id", String, primary_key=True),
    Column("account_id", String, ForeignKey("accounts.account_id"), nullable=False),
    Column("digest", String, nullable=False, unique=True),
    Column("label", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("expires_at", String),
    Column("revoked_at", String),
    Index(None, "account_id"),
)

idempotency = Table(
    "idempotency",
    METADATA,
    Column("account_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_digest", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("location", String),
    Column("body", JSON, nullable=False),
    Column("created_at", String, nullable=False),
)

audit = Table(
    "audit",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("request_id", String),
    Column("action", String, nullable=False),
    Column("object", String, nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("previous", String, nullable=False),
    Column("digest", String, nullable=False),
    Index(None, "object"),
)

audit_head = Table(
    "audit_head",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("number", BIG, nullable=False),
    Column("digest", String, nullable=False),
)
"""The end of the chain, one row: whoever appends holds it until the transaction ends."""

REGISTER_TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        districts,
        streets,
        authorities,
        enterprises,
        officers,
        crews,
        history,
        quiet,
        pins,
        preferred_pins,
        shifts,
        caps,
        missing_crews,
        cancelled_shifts,
        absences,
        recusals,
        laws,
        powers,
        inspection_items,
        bodies,
        authority_items,
        delegations,
        leniency_items,
    )
}

FEATURE_TABLES = (enterprise_tables, feedback_tables, fieldwork_tables, notices_tables, warning_tables)
"""Modules with the tables of features, so that whoever knows this module knows every table."""
