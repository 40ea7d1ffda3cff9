"""Calendar files (iCalendar, RFC 5545): one for each street and one for each authority.

A street's calendar has an event a visit, an authority's one for its part at each visit. UIDs are made from content
ids, so a visit moved by a later version of the plan moves in the calendar as well (its SEQUENCE is the version).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar, Event, vGeo

from scheduler.domain.plans import Notice
from scheduler.domain.schedule import JointVisit
from scheduler.errors import OnevisitError
from scheduler.export.file_names import file_stems
from scheduler.export.plan_view import Part, PlanView
from scheduler.export.wording import NOTICES, join
from scheduler.texts import Lang, Text

DEFAULT_TIMEZONE = "Asia/Shanghai"

_VISIT = Text("联合检查：{enterprise}", "Joint visit: {enterprise}")
_SINGLE = Text("入企检查：{enterprise}", "Visit: {enterprise}")
_PART = Text("{authority}：{enterprise}", "{authority}: {enterprise}")
_OFFICERS = Text("{n} 人", "{n} officers")
_WHO = Text("参加部门：", "Authorities:")
_ITEMS = Text("检查事项：{items}", "Items: {items}")
_STREET = Text("{street}联合检查", "{street}: joint inspections")
_AUTHORITY = Text("{authority}检查安排", "{authority}: inspections")


class UnknownTimezone(OnevisitError):
    """The time zone is not one of the IANA names."""

    code = "unknown_timezone"


def write_calendars(
    folder: Path, view: PlanView, *, lang: Lang, stamp: datetime, timezone: str = DEFAULT_TIMEZONE
) -> list[Path]:
    """Write ``streets/NAME.ics`` and ``authorities/NAME.ics`` into a folder and return the files.

    `stamp` is the DTSTAMP of every event (the time at which the plan was made), never the clock; `timezone` is the
    IANA name of the zone that the plan's clock times are in.

    Raises
    ------
    UnknownTimezone : `timezone` is no IANA name.
    """
    zone = _zone(timezone)
    by_street: dict[str, list[Event]] = defaultdict(list)
    by_authority: dict[str, list[Event]] = defaultdict(list)
    for visits, _ in view.days.values():
        for visit in visits:
            by_street[visit.street_id].append(_visit_event(view, visit, lang, stamp, zone))
            for part in view.parts[visit.visit_id]:
                by_authority[part.authority_id].append(_part_event(view, visit, part, lang, stamp, zone))
    streets = {key: _STREET.say(lang, street=view.street(key)) for key in by_street}
    authorities = {key: _AUTHORITY.say(lang, authority=view.authority(key)) for key in by_authority}
    files = _write(folder / "streets", by_street, streets, {k: view.street(k) for k in by_street}, timezone)
    names = {k: view.authority(k) for k in by_authority}
    return files + _write(folder / "authorities", by_authority, authorities, names, timezone)


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimezone(timezone) from error


def _write(
    folder: Path, events: dict[str, list[Event]], titles: dict[str, str], names: dict[str, str], timezone: str
) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    stems, files = file_stems(names.items()), []
    for key in sorted(events):
        calendar = Calendar()
        calendar.add("prodid", "-//onevisit//joint inspections//ZH")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", titles[key])
        calendar.add("x-wr-timezone", timezone)
        for event in events[key]:
            calendar.add_component(event)
        calendar.add_missing_timezones()
        path = folder / f"{stems[key]}.ics"
        path.write_bytes(calendar.to_ical())
        files.append(path)
    return files


def _visit_event(view: PlanView, visit: JointVisit, lang: Lang, stamp: datetime, zone: ZoneInfo) -> Event:
    title = _VISIT if len(visit.authority_ids) > 1 else _SINGLE
    summary = title.say(lang, enterprise=view.enterprise(visit.enterprise_id))
    return _event(view, visit, (visit.start, visit.end), visit.visit_id, summary, lang, stamp, zone)


def _part_event(view: PlanView, visit: JointVisit, part: Part, lang: Lang, stamp: datetime, zone: ZoneInfo) -> Event:
    authority, enterprise = view.authority(part.authority_id), view.enterprise(visit.enterprise_id)
    summary = _PART.say(lang, authority=authority, enterprise=enterprise)
    uid = f"{visit.visit_id}.{part.authority_id}"
    return _event(view, visit, (part.start, part.leave), uid, summary, lang, stamp, zone)


def _event(
    view: PlanView,
    visit: JointVisit,
    minutes: tuple[int, int],
    uid: str,
    summary: str,
    lang: Lang,
    stamp: datetime,
    zone: ZoneInfo,
) -> Event:
    event = Event()
    event.add("uid", f"{uid}@onevisit")
    event.add("dtstamp", stamp)
    event.add("sequence", view.schedule.version)
    event.add("dtstart", _moment(visit.day, minutes[0], zone))
    event.add("dtend", _moment(visit.day, minutes[1], zone))
    event.add("summary", summary)
    event.add("description", _description(view, visit, lang))
    event.add("location", f"{view.enterprise(visit.enterprise_id)}（{view.street(visit.street_id)}）")
    place = view.enterprises.get(visit.enterprise_id)
    if place is not None:
        event.add("geo", vGeo((place.lat, place.lon)))
    # An unannounced visit must not show in calendars shared with others.
    event.add("class", "CONFIDENTIAL" if view.is_unannounced(visit) else "PUBLIC")
    return event


def _moment(day: int, minute: int, zone: ZoneInfo) -> datetime:
    # Wall-clock arithmetic, so that 24:00 is the next day's midnight.
    return datetime.combine(date.fromordinal(day), time(), zone) + timedelta(minutes=minute)


def _description(view: PlanView, visit: JointVisit, lang: Lang) -> str:
    lines = [_WHO.say(lang)]
    for part in view.parts[visit.visit_id]:
        lines.append(f"{part.span} {view.authority(part.authority_id)} {_OFFICERS.say(lang, n=part.officers)}")
    lines.append(_ITEMS.say(lang, items=join([view.item(i) for i in visit.item_ids], lang)))
    if view.is_unannounced(visit):
        lines.append(NOTICES[Notice.UNANNOUNCED].say(lang))
    return "\n".join(lines)
