"""Stored notices as entries of calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.schedules.rows import read_visits
from api.settings import Settings
from scheduler.export.notice_calendar import Entry
from scheduler.notices.compare import Step
from scheduler.texts import Lang

NOWHERE = "notices@onevisit.invalid"
"""Of entries of a service that sends no mail: a name that RFC 2606 keeps from being anybody's."""


def sender_of(settings: Settings) -> str:
    """Return the address that notices come from."""
    return settings.smtp_from or NOWHERE


def entry_of(notice: Mapping[str, Any], lang: Lang, settings: Settings) -> Entry:
    """Return a stored notice as an entry."""
    said = notice["content"]["texts"][lang]
    (visit,) = read_visits([notice["visit"]])
    return Entry(
        uid=notice["series_id"],
        sequence=notice["sequence"],
        stamp=datetime.fromisoformat(notice["created_at"]),
        withdrawn=notice["step"] == Step.WITHDRAWN.value,
        visit=visit,
        summary=said["subject"],
        description=said["text"],
        organiser=notice["content"]["organiser"],
        sender=sender_of(settings),
    )
