"""Words that options of ``onevisit remote`` take: those of the service, known here without loading it."""

from __future__ import annotations

from enum import StrEnum


class Register(StrEnum):
    """Values of ``--table``."""

    DISTRICTS = "districts"
    STREETS = "streets"
    AUTHORITIES = "authorities"
    ENTERPRISES = "enterprises"
    OFFICERS = "officers"
    CREWS = "crews"
    HISTORY = "history"
    QUIET = "quiet"
    PINS = "pins"
    PREFERRED_PINS = "preferred_pins"
    SHIFTS = "shifts"
    CAPS = "caps"
    MISSING_CREWS = "missing_crews"
    CANCELLED_SHIFTS = "cancelled_shifts"
    ABSENCES = "absences"
    RECUSALS = "recusals"
    LAWS = "laws"
    POWERS = "powers"
    INSPECTION_ITEMS = "inspection_items"
    BODIES = "bodies"
    AUTHORITY_ITEMS = "authority_items"
    DELEGATIONS = "delegations"
    LENIENCY_ITEMS = "leniency_items"


class AreaLevel(StrEnum):
    """Values of ``--level``."""

    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


class PlanState(StrEnum):
    """States of plans."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class RunState(StrEnum):
    """States of runs."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ScheduleState(StrEnum):
    """States of schedules."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
