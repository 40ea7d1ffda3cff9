"""case.toml into calendar and policy, with every fault collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduler.domain.calendar import Calendar, CalendarKind, Period, Shift
from scheduler.domain.policy import ANY, CapScope, FrequencyCap, StreetRules, TravelRules, VisitRules
from scheduler.domain.schedule import TERMS
from scheduler.errors import Problem
from scheduler.intake.calendar import UnknownYear, WorkingDays, inspection_days, mainland_working_days
from scheduler.intake.cells import CellFault, parse_ident
from scheduler.intake.columns import CREDIT_CLASSES
from scheduler.intake.config_keys import Keys
from scheduler.intake.datum import Datum
from scheduler.intake.problems import CASE, problem
from scheduler.intake.tables import FORMAT

MAX_HORIZON_DAYS = 3660
MAX_WEIGHT = 1_000_000_000
MAX_LIMIT = 100_000
MAX_GAP_DAYS = 366
_DAY_MIN = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigRead:
    """What case.toml says; ``None`` where it is at fault, so that checks against it are passed over.

    Parameters
    ----------
    shift_ids : names of the shifts, also when their times are at fault.
    cap_authorities : (key, authority) of every cap of one authority.
    weights : weight of one unserved item by priority.
    """

    name: str
    calendar: Calendar | None
    shift_ids: tuple[str, ...] | None
    visit: VisitRules
    travel: TravelRules
    street: StreetRules
    tiers: tuple[str, ...]
    caps: tuple[FrequencyCap, ...]
    cap_authorities: tuple[tuple[str, str], ...]
    weights: Mapping[str, int] | None
    datum: Datum


def read_config(config: Mapping[str, Any], working_days: WorkingDays | None = None) -> tuple[ConfigRead, list[Problem]]:
    """Return the typed configuration and everything wrong with it."""
    problems: list[Problem] = []
    top = Keys(config, "", problems)
    stated = top.text("format", required=True)
    if stated is not None and stated != FORMAT:
        top.report("unknown_value", "format", values=FORMAT)
    name = top.text("name", required=True)
    shifts, shift_ids = _shifts(top)
    calendar = _calendar(top.section("horizon", required=True), shifts, working_days)
    visit, travel = _visit(top.section("visit")), _travel(top.section("travel"))
    street, tiers = _street(top.section("street")), _tiers(top.section("objective"))
    cap_rows = [_cap(row) for row in top.rows("cap")]
    caps = tuple(cap for cap in cap_rows if cap is not None)
    weights = _weights(top.section("priority", required=True))
    if config.get("priority") == {}:
        top.report("missing_key", "priority")
    datum = _datum(top.section("coordinates"))
    top.warn_of_unknown()
    read = ConfigRead(
        name=name or "",
        calendar=calendar,
        shift_ids=shift_ids,
        visit=visit,
        travel=travel,
        street=street,
        tiers=tiers,
        caps=caps,
        cap_authorities=tuple(
            (f"cap[{i}].authority", cap.authority)
            for i, cap in enumerate(cap_rows, 1)
            if cap is not None and cap.authority != ANY
        ),
        weights=weights,
        datum=datum,
    )
    return read, problems


def _shifts(top: Keys) -> tuple[tuple[Shift, ...] | None, tuple[str, ...] | None]:
    rows = top.rows("shift", required=True)
    found: list[Shift | None] = []
    seen: dict[str, int] = {}
    before: int | None = None
    for number, row in enumerate(rows, 1):
        shift_id, start, end = row.text("id", required=True), row.clock("start"), row.clock("end")
        row.warn_of_unknown()
        if shift_id is not None and not _is_ident(shift_id):
            row.report("bad_id", "id")
        if shift_id in seen:
            row.report("duplicate_id", "id", first=seen[shift_id])
        elif shift_id is not None:
            seen[shift_id] = number
        if start is not None and before is not None and start < before:
            row.report("shift_overlap", "start", end=clock_text(before))
        if start is not None and end is not None and end <= start:
            row.report("shift_reversed", "end", start=clock_text(start))
        before = end if end is not None else before
        whole = shift_id is not None and start is not None and end is not None
        found.append(Shift(shift_id=shift_id, start_min=start, end_min=end) if whole else None)  # type: ignore[arg-type]
    shifts = tuple(s for s in found if s is not None)
    good = bool(rows) and len(shifts) == len(rows)
    return (shifts if good else None), (tuple(seen) if rows and len(seen) == len(rows) else None)


def _is_ident(text: str) -> bool:
    try:
        return bool(parse_ident(text))
    except CellFault:
        return False


def clock_text(minute: int) -> str:
    """Return minutes after midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _calendar(horizon: Keys, shifts: tuple[Shift, ...] | None, working_days: WorkingDays | None) -> Calendar | None:
    start, end = horizon.day("start"), horizon.day("end")
    kind_name = horizon.choice("calendar", tuple(CalendarKind)) or CalendarKind.WEEKDAYS
    closed, opened = horizon.days("closed"), horizon.days("open")
    horizon.warn_of_unknown()
    if start is None or end is None:
        return None
    if end < start:
        horizon.report("horizon_reversed", "end", start=date.fromordinal(start))
        return None
    if end - start >= MAX_HORIZON_DAYS:
        last = date.fromordinal(start + MAX_HORIZON_DAYS - 1)
        horizon.report("out_of_range", "end", low=date.fromordinal(start), high=last, detail="", detail_en="")
        return None
    for name, days in (("closed", closed), ("open", opened)):
        for day in days:
            if not start <= day <= end:
                horizon.report_value("date_outside_horizon", name, date.fromordinal(day))
    kind = CalendarKind(kind_name)
    try:
        days = inspection_days(start, end, kind, closed, opened, working_days)
    except UnknownYear as unknown:
        years = (working_days or mainland_working_days()).years
        year = ", ".join(map(str, unknown.years))
        horizon.report_value("unknown_year", "calendar", year, year=year, known=_span(years))
        return None
    if not days:
        horizon.report("no_inspection_dates", "start")
    return Calendar(start=start, end=end, kind=kind, days=days, shifts=shifts or (), closed=closed, opened=opened)


def _span(years: frozenset[int]) -> str:
    return f"{min(years)}–{max(years)}" if years else "-"


def _visit(keys: Keys) -> VisitRules:
    base = VisitRules()
    overhead, stretch = keys.whole("overhead_min", 0, _DAY_MIN), keys.whole("stretch_min", 0, _DAY_MIN)
    together, riding = (keys.flag(n, getattr(base, n)) for n in ("start_together", "ride_together"))
    officers, longest = keys.whole("max_officers_on_site", 0, 10_000), keys.whole("max_visit_min", 0, _DAY_MIN)
    gap, authorities = keys.whole("min_gap_days", 0, MAX_GAP_DAYS), keys.whole("max_authorities", 0, MAX_LIMIT)
    keys.warn_of_unknown()
    return VisitRules(
        overhead_min=base.overhead_min if overhead is None else overhead,
        start_together=together,
        ride_together=riding,
        stretch_min=base.stretch_min if stretch is None else stretch,
        max_officers=officers or None,
        max_visit_min=longest or None,
        min_gap_days=gap or 0,
        max_authorities=authorities or None,
    )


def _travel(keys: Keys) -> TravelRules:
    base = TravelRules()
    speed, detour = keys.number("speed_kmh", 0.1, 1000), keys.number("detour", 1, 100)
    stop, buffer = keys.number("stop_min", 0, _DAY_MIN), keys.whole("buffer_min", 0, _DAY_MIN)
    keys.warn_of_unknown()
    return TravelRules(
        speed_kmh=base.speed_kmh if speed is None else speed,
        detour=base.detour if detour is None else detour,
        stop_min=base.stop_min if stop is None else stop,
        buffer_min=base.buffer_min if buffer is None else buffer,
    )


def _street(keys: Keys) -> StreetRules:
    days, visits = keys.whole("max_days", 0, MAX_LIMIT), keys.whole("max_visits", 0, MAX_LIMIT)
    keys.warn_of_unknown()
    return StreetRules(max_days=days or None, max_visits=visits or None)


def _tiers(keys: Keys) -> tuple[str, ...]:
    found = keys.texts("tiers")
    keys.warn_of_unknown()
    if found is None:
        return TERMS
    if sorted(found) != sorted(TERMS) or found[0] != TERMS[0]:
        keys.report("bad_tiers", "tiers", names=", ".join(TERMS), first=TERMS[0])
        return TERMS
    return found


def _cap(keys: Keys) -> FrequencyCap | None:
    scope = keys.choice("scope", tuple(CapScope), required=True)
    period = keys.choice("period", tuple(Period), required=True)
    visits = keys.whole("max_visits", 0, MAX_LIMIT, required=True)
    authority, credit = keys.text("authority"), keys.choice("credit_class", (ANY, *CREDIT_CLASSES))
    keys.warn_of_unknown()
    if scope == CapScope.ENTERPRISE and authority not in (None, ANY):
        keys.report("ignored_key", "authority", where='scope = "authority"')
    if scope is None or period is None or visits is None:
        return None
    return FrequencyCap(
        scope=CapScope(scope),
        period=Period(period),
        max_visits=visits,
        authority=authority or ANY if scope == CapScope.AUTHORITY else ANY,
        credit_class=credit or ANY,
    )


def check_cap_authorities(config: ConfigRead, authority_ids: frozenset[str]) -> list[Problem]:
    """Return the caps of authorities that the case does not have."""
    return [
        problem("unknown_reference", CASE, None, place, authority, where="authorities")
        for place, authority in config.cap_authorities
        if authority not in authority_ids
    ]


def _weights(keys: Keys) -> dict[str, int] | None:
    weights = {name: keys.whole(name, 0, MAX_WEIGHT, required=True) for name in keys.names()}
    if not weights:
        return None
    # a weight at fault still names its priority
    return {name: 0 if weight is None else weight for name, weight in weights.items()}


def _datum(keys: Keys) -> Datum:
    stated = keys.text("datum")
    keys.warn_of_unknown()
    plain = (stated or Datum.WGS84).upper().replace("-", "").replace(" ", "").replace("_", "")
    known = {d.replace("-", ""): d for d in Datum}
    if plain not in known:
        keys.report("unknown_value", "datum", values=", ".join(Datum))
        return Datum.WGS84
    return known[plain]
