"""Announced visits as iCalendar (RFC 5545, RFC 5546): one file for a mail, one calendar for a feed.

A visit keeps its UID through changes and its SEQUENCE rises with every notice of it, so that a calendar moves the
entry it has; a withdrawn one comes as STATUS:CANCELLED, in a file of its own as METHOD:CANCEL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from scheduler.domain.schedule import JointVisit
from scheduler.export.icalendar import DEFAULT_TIMEZONE
from scheduler.texts import Lang, Text

_TITLE = Text("检查预告", "Notices of inspection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The newest notice of a visit, as a calendar holds it.

    Parameters
    ----------
    uid : of the visit's series of notices.
    sequence : number of the notice in its series.
    stamp : when the notice was made, with its zone.
    withdrawn : the visit is cancelled.
    organiser : name of who organises the visit; `sender` is an address of mail.
    """

    uid: str
    sequence: int
    stamp: datetime
    withdrawn: bool
    visit: JointVisit
    summary: str
    description: str
    organiser: str
    sender: str


def notice_file(entry: Entry) -> bytes:
    """Return the file that goes with one notice: METHOD PUBLISH, or CANCEL when it is withdrawn."""
    return _written(_calendar(method_of(entry)), [entry])


def notice_feed(entries: Iterable[Entry], lang: Lang) -> bytes:
    """Return a calendar to subscribe to, with cancelled visits among the others."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", _TITLE.say(lang))
    calendar.add("x-wr-timezone", DEFAULT_TIMEZONE)
    return _written(calendar, sorted(entries, key=lambda e: (e.visit.day, e.visit.start, e.uid)))


def method_of(entry: Entry) -> str:
    """Return the METHOD of a notice's file."""
    return "CANCEL" if entry.withdrawn else "PUBLISH"


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//onevisit//notices of inspection//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _written(calendar: Calendar, entries: Iterable[Entry]) -> bytes:
    for entry in entries:
        calendar.add_component(_event(entry))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    zone, event = ZoneInfo(DEFAULT_TIMEZONE), Event()
    event.add("uid", f"{entry.uid}@onevisit")
    event.add("dtstamp", entry.stamp)
    event.add("last-modified", entry.stamp)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.withdrawn else "CONFIRMED")
    event.add("dtstart", _moment(entry.visit.day, entry.visit.start, zone))
    event.add("dtend", _moment(entry.visit.day, entry.visit.end, zone))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    organiser = vCalAddress(f"mailto:{entry.sender}")
    organiser.params["cn"] = vText(entry.organiser)
    event.add("organizer", organiser)
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _moment(day: int, minute: int, zone: ZoneInfo) -> datetime:
    # Wall-clock arithmetic, so that 24:00 is the next day's midnight.
    return datetime.combine(date.fromordinal(day), time(), zone) + timedelta(minutes=minute)
