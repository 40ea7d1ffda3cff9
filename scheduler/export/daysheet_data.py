"""What a day sheet says, as plain JSON values for the typst template ``daysheet.typ``."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.plans import Notice
from scheduler.domain.schedule import CrewShift, JointVisit
from scheduler.export.plan_view import JointDay, Part, PlanView
from scheduler.export.wording import NOTICES, TRIGGERS, clock, crew_text, day_text, join, shift_text, weekday_text
from scheduler.texts import Lang, Text
from scheduler.travel import leg_min

_LONG = 14
"""Items of a visit above which its block may break over pages (others are kept whole)."""

_KICKER_STREET = Text("综合查一次 · 街道联合检查日程", "Joint enterprise inspections · street day sheet")
_KICKER_CREW = Text("综合查一次 · 班组检查路线单", "Joint enterprise inspections · crew sheet")
_VISITS, _AUTHORITIES = Text("入企", "Visits"), Text("部门", "Authorities")
_CREWS, _OFFICERS = Text("班组", "Crews"), Text("人员", "Officers")
_DEPARTS, _RETURNS, _TRAVEL = Text("出发", "Departs"), Text("返回", "Returns"), Text("路途", "Travel")
_STOPS, _ITEMS = Text("站点", "Stops"), Text("事项", "Items")
_MINUTES = Text("{n} 分钟", "{n} min")
_LENGTH = Text("在企 {n} 分钟", "{n} min on site")
_ARRIVE = Text("路程 {leg} 分钟 · {time} 到达", "{leg} min travel · arrives {time}")
_ARRIVE_ONLY = Text("{time} 到达", "arrives {time}")
_WAY_BACK = Text(
    "返回街道办事处：路程 {leg} 分钟，{time} 到达。", "Back at the street office: {leg} min travel, at {time}."
)
_WAY_BACK_ONLY = Text("返回街道办事处：{time} 到达。", "Back at the street office at {time}.")
_USCI, _PLACE = Text("统一社会信用代码 {v}", "USCI {v}"), Text("坐标 {lon}, {lat}", "lon, lat {lon}, {lat}")
_CREDIT = Text("信用等级 {v}", "credit class {v}")
_PERSONS = Text("{n} 人", "{n} officers")
_NO_CREW = Text("未派班组", "no crew")


def words(lang: Lang) -> dict[str, Any]:
    """Return the fixed words of a sheet."""

    def say(*texts: Text) -> list[str]:
        return [text.say(lang) for text in texts]

    return {
        "columns": say(
            Text("到场时间", "On site"),
            Text("部门 / 班组", "Authority / crews"),
            Text("检查事项及依据", "Items and legal basis"),
            Text("签到", "Check-in"),
        ),
        "blanks": say(
            Text("扫码入企", "Scanned at"),
            Text("离开", "Left at"),
            Text("企业签字", "Enterprise signs"),
            Text("备注", "Notes"),
        ),
        "officers": say(
            Text("执法人员（一）", "Officer 1"),
            Text("执法证号", "Certificate"),
            Text("执法人员（二）", "Officer 2"),
            Text("执法证号", "Certificate"),
        ),
        "office": say(Text("现场协调人", "Coordinator on site"), Text("联系电话", "Telephone")),
        "items": Text("检查事项及依据", "Items and legal basis").say(lang),
        "others": Text("同场部门", "Also there").say(lang),
        "alone": Text("无", "none").say(lang),
        "page": Text("第 {n} 页", "Page {n}").say(lang),
    }


def joint_day_sheets(view: PlanView, key: JointDay, lang: Lang) -> list[dict[str, Any]]:
    """Return the street's sheet of a joint day followed by one for each crew shift."""
    visits, crews = view.days[key]
    return [_street_sheet(view, key, visits, crews, lang), *(_crew_sheet(view, crew, lang) for crew in crews)]


def _street_sheet(
    view: PlanView, key: JointDay, visits: tuple[JointVisit, ...], crews: tuple[CrewShift, ...], lang: Lang
) -> dict[str, Any]:
    street_id, day = key
    chips = (
        (_VISITS, str(len(visits))),
        (_AUTHORITIES, str(len({a for v in visits for a in v.authority_ids}))),
        (_CREWS, str(len(crews))),
        (_OFFICERS, str(OFFICERS_PER_CREW * len(crews))),
    )
    shifts = []
    for shift_id, hours in _shifts(view, visits):
        own = [v for v in visits if v.shift_id == shift_id]
        cards = [_visit_card(view, v, number, lang) for number, v in enumerate(own, 1)]
        shifts.append({"name": f"{shift_text(shift_id, lang)} {hours}".strip(), "visits": cards})
    date = day_text(day, lang)
    return {
        "kind": "street",
        "level": 1,
        "kicker": _KICKER_STREET.say(lang),
        "title": view.street(street_id),
        "date": date,
        "beside": weekday_text(day, lang),
        "chips": [(name.say(lang), value) for name, value in chips],
        "shifts": shifts,
        "footer": f"{view.street(street_id)} · {date}",
    }


def _shifts(view: PlanView, visits: tuple[JointVisit, ...]) -> list[tuple[str, str]]:
    # In the order of the calendar; a shift that the case does not know comes last, without hours.
    known = {s.shift_id: f"{clock(s.start_min)}–{clock(s.end_min)}" for s in view.snapshot.calendar.shifts}
    used = {v.shift_id for v in visits}
    return [(s, h) for s, h in known.items() if s in used] + [(s, "") for s in sorted(used - known.keys())]


def _visit_card(view: PlanView, visit: JointVisit, number: int, lang: Lang) -> dict[str, Any]:
    parts = [
        {
            "time": part.span,
            "authority": view.authority(part.authority_id),
            "crews": _crews(part, lang),
            "items": _items(view, part, lang),
        }
        for part in view.parts[visit.visit_id]
    ]
    return {
        "number": str(number),
        "time": f"{clock(visit.start)}–{clock(visit.end)}",
        "name": view.enterprise(visit.enterprise_id),
        "tags": _tags(view, visit, lang),
        "aside": _LENGTH.say(lang, n=visit.end - visit.start),
        "about": _about(view, visit.enterprise_id, lang),
        "parts": parts,
        "long": len(visit.item_ids) > _LONG,
    }


def _crew_sheet(view: PlanView, crew: CrewShift, lang: Lang) -> dict[str, Any]:
    authority, date = view.authority(crew.authority_id), day_text(crew.day, lang)
    name = crew_text(view.crew_numbers[crew.crew_id], lang)
    legs = _legs(view, crew)
    back = clock(crew.back)
    way_back = _WAY_BACK_ONLY.say(lang, time=back) if legs[-1] is None else _WAY_BACK.say(lang, leg=legs[-1], time=back)
    stops = [_stop_card(view, crew, position, legs[position], lang) for position in range(len(crew.stops))]
    chips = (
        (_DEPARTS, clock(crew.depart)),
        (_RETURNS, back),
        (_TRAVEL, _MINUTES.say(lang, n=crew.travel_min)),
        (_STOPS, str(len(stops))),
        (_ITEMS, str(sum(len(stop["items"]) for stop in stops))),
    )
    beside = f"{weekday_text(crew.day, lang)} {shift_text(crew.shift_id, lang)} · {view.street(crew.street_id)}"
    return {
        "kind": "crew",
        "level": 2,
        "kicker": _KICKER_CREW.say(lang),
        "title": f"{authority} {name}",
        "date": date,
        "beside": beside,
        "chips": [(label.say(lang), value) for label, value in chips],
        "stops": stops,
        "way-back": way_back,
        "footer": f"{authority} {name} · {view.street(crew.street_id)} · {date} {shift_text(crew.shift_id, lang)}",
    }


def _stop_card(view: PlanView, crew: CrewShift, position: int, leg: int | None, lang: Lang) -> dict[str, Any]:
    stop = crew.stops[position]
    visit, parts = view.visits.get(stop.visit_id), view.parts.get(stop.visit_id, ())
    items = [i for p in parts if p.authority_id == crew.authority_id for i in _items(view, p, lang)]
    others = [f"{p.span} {view.authority(p.authority_id)}" for p in parts if p.authority_id != crew.authority_id]
    at = clock(stop.arrive)
    return {
        "number": str(position + 1),
        "time": f"{clock(stop.start)}–{clock(stop.leave)}",
        "name": view.enterprise(visit.enterprise_id) if visit else stop.visit_id,
        "tags": _tags(view, visit, lang) if visit else [],
        "aside": _ARRIVE_ONLY.say(lang, time=at) if leg is None else _ARRIVE.say(lang, leg=leg, time=at),
        "about": _about(view, visit.enterprise_id, lang) if visit else "",
        "items": items,
        "others": others,
        "long": len(items) > _LONG,
    }


def _legs(view: PlanView, crew: CrewShift) -> list[int | None]:
    """Return the minutes of every leg from the office over the stops back to it, ``None`` where a place is unknown."""
    office = view.streets.get(crew.street_id)
    visits = [view.visits.get(stop.visit_id) for stop in crew.stops]
    doors = [view.enterprises.get(v.enterprise_id) if v else None for v in visits]
    places = [office, *doors, office]
    return [
        None if a is None or b is None else leg_min(view.snapshot.policy.travel, (a.lon, a.lat), (b.lon, b.lat))
        for a, b in pairwise(places)
    ]


def _items(view: PlanView, part: Part, lang: Lang) -> list[dict[str, str]]:
    out = []
    for item_id in part.item_ids:
        item = view.items[item_id]
        about = f"{TRIGGERS[item.trigger].say(lang)} {_MINUTES.say(lang, n=item.duration_min)}"
        out.append({"code": view.item(item_id), "about": about, "basis": item.legal_basis or ""})
    return out


def _crews(part: Part, lang: Lang) -> str:
    if not part.crew_numbers:
        return _NO_CREW.say(lang)
    names = join([crew_text(number, lang) for number in part.crew_numbers], lang)
    return f"{names} · {_PERSONS.say(lang, n=part.officers)}"


def _tags(view: PlanView, visit: JointVisit, lang: Lang) -> list[str]:
    return [NOTICES[Notice.UNANNOUNCED].say(lang)] if view.is_unannounced(visit) else []


def _about(view: PlanView, enterprise_id: str, lang: Lang) -> str:
    known = view.enterprises.get(enterprise_id)
    if known is None:
        return enterprise_id
    # A case has no addresses: the place is told by its coordinates.
    facts = [_PLACE.say(lang, lon=f"{known.lon:.5f}", lat=f"{known.lat:.5f}")]
    if known.credit_class:
        facts.insert(0, _CREDIT.say(lang, v=known.credit_class))
    if known.industry:
        facts.insert(0, known.industry)
    if known.usci:
        facts.insert(0, _USCI.say(lang, v=known.usci))
    return "  ·  ".join(facts)
