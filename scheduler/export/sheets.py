"""Rows of the workbook's tables: by day and street, by enterprise, by authority, unserved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.domain.schedule import JointVisit
from scheduler.export.plan_view import PlanView
from scheduler.export.sheet_table import Cell, Column
from scheduler.export.unserved_texts import explanation, reason_text, relaxation
from scheduler.export.wording import (
    NOTICES,
    TRIGGERS,
    crew_text,
    join,
    priority_text,
    shift_text,
    weekday_text,
)
from scheduler.texts import Lang, Text

Row = tuple[object, tuple[Cell, ...]]

_DATE = Column(header=Text("日期", "Date"), width=12, kind="day")
_WEEKDAY = Column(header=Text("星期", "Weekday"), width=9)
_STREET = Column(header=Text("街道", "Street"), width=14)
_SHIFT = Column(header=Text("班次", "Shift"), width=7)
_START = Column(header=Text("开始", "Start"), width=8, kind="clock")
_END = Column(header=Text("结束", "End"), width=8, kind="clock")
_ENTERPRISE = Column(header=Text("企业名称", "Enterprise"), width=28, kind="wrap")
_USCI = Column(header=Text("统一社会信用代码", "Credit code (USCI)"), width=21)
_AUTHORITY = Column(header=Text("部门", "Authority"), width=18, kind="wrap")
_NUM_ITEMS = Column(header=Text("事项数", "Items"), width=8, kind="int")
_ITEMS = Column(header=Text("检查事项", "Inspection items"), width=26, kind="wrap")
_NOTICE = Column(header=Text("告知方式", "Notice"), width=12)

DAY_COLUMNS = (
    _DATE,
    _WEEKDAY,
    _STREET,
    _SHIFT,
    _START,
    _END,
    _ENTERPRISE,
    _USCI,
    Column(header=Text("参加部门及到场时间", "Authorities and their times"), width=32, kind="wrap"),
    Column(header=Text("在场人数", "Officers"), width=9, kind="int"),
    _NUM_ITEMS,
    _ITEMS,
    _NOTICE,
)
ENTERPRISE_COLUMNS = (
    _ENTERPRISE,
    _USCI,
    _STREET,
    Column(header=Text("行业", "Industry"), width=14),
    Column(header=Text("信用等级", "Credit class"), width=9),
    Column(header=Text("本期入企次数", "Visits in the plan"), width=10, kind="int"),
    _DATE,
    _WEEKDAY,
    _START,
    _END,
    Column(header=Text("时长（分钟）", "Minutes"), width=9, kind="int"),
    Column(header=Text("参加部门", "Authorities"), width=30, kind="wrap"),
    _NUM_ITEMS,
    Column(header=Text("未安排事项数", "Items unserved"), width=10, kind="int"),
)
AUTHORITY_COLUMNS = (
    _AUTHORITY,
    _DATE,
    _WEEKDAY,
    _STREET,
    _SHIFT,
    Column(header=Text("班组", "Crew"), width=8),
    Column(header=Text("出发", "Departs"), width=8, kind="clock"),
    Column(header=Text("返回", "Returns"), width=8, kind="clock"),
    Column(header=Text("路途（分钟）", "Travel (min)"), width=9, kind="int"),
    Column(header=Text("站序", "Stop"), width=6, kind="int"),
    Column(header=Text("到达", "Arrives"), width=8, kind="clock"),
    _START,
    Column(header=Text("离开", "Leaves"), width=8, kind="clock"),
    _ENTERPRISE,
    _ITEMS,
    Column(header=Text("同场部门", "Also there"), width=24, kind="wrap"),
)
UNSERVED_COLUMNS = (
    Column(header=Text("事项编号", "Item"), width=16),
    _AUTHORITY,
    _ENTERPRISE,
    _STREET,
    Column(header=Text("检查类型", "Trigger"), width=11),
    Column(header=Text("优先级", "Priority"), width=9),
    Column(header=Text("需时（分钟）", "Minutes"), width=9, kind="int"),
    Column(header=Text("最早日期", "Earliest"), width=12, kind="day"),
    Column(header=Text("最晚日期", "Latest"), width=12, kind="day"),
    Column(header=Text("原因", "Reasons"), width=20, kind="wrap"),
    Column(header=Text("说明", "Explanation"), width=44, kind="wrap"),
    Column(header=Text("最省的放宽办法", "Cheapest relaxation"), width=32, kind="wrap"),
)


def day_rows(view: PlanView, lang: Lang) -> Iterator[Row]:
    """Yield a row a visit, in order of day, street and time; a group is a joint day."""
    for key, (visits, _) in view.days.items():
        for v in visits:
            parts = view.parts[v.visit_id]
            yield (
                key,
                (
                    v.day,
                    weekday_text(v.day, lang),
                    view.street(v.street_id),
                    shift_text(v.shift_id, lang),
                    v.start,
                    v.end,
                    view.enterprise(v.enterprise_id),
                    _usci(view, v),
                    "\n".join(f"{p.span} {view.authority(p.authority_id)}" for p in parts),
                    sum(p.officers for p in parts),
                    len(v.item_ids),
                    join([view.item(i) for i in v.item_ids], lang),
                    notice_text(view, v, lang),
                ),
            )


def enterprise_rows(view: PlanView, lang: Lang) -> Iterator[Row]:
    """Yield a row a visit in order of enterprise and day, and a row for each enterprise that is left out wholly."""
    visits: dict[str, list[JointVisit]] = defaultdict(list)
    for v in view.schedule.visits:
        visits[v.enterprise_id].append(v)
    left: dict[str, int] = defaultdict(int)
    for unserved in view.schedule.unserved:
        if unserved.item_id in view.items:
            left[view.items[unserved.item_id].enterprise_id] += 1
    for enterprise_id in sorted(visits.keys() | left.keys()):
        own = sorted(visits.get(enterprise_id, []), key=lambda v: (v.day, v.start, v.visit_id))
        known = view.enterprises.get(enterprise_id)
        street = view.street(known.street_id if known else own[0].street_id)
        about = (
            view.enterprise(enterprise_id),
            known.usci if known else None,
            street,
            known.industry if known else None,
            known.credit_class if known else None,
            len(own),
        )
        if not own:
            yield enterprise_id, (*about, None, None, None, None, None, None, None, left[enterprise_id])
        for v in own:
            names = join([view.authority(a) for a in v.authority_ids], lang)
            when = (v.day, weekday_text(v.day, lang), v.start, v.end, v.end - v.start)
            yield enterprise_id, (*about, *when, names, len(v.item_ids), left.get(enterprise_id, 0))


def authority_rows(view: PlanView, lang: Lang) -> Iterator[Row]:
    """Yield a row a stop, in order of authority, day, street and crew; a group is a crew shift."""
    crews = sorted(
        view.schedule.crew_shifts,
        key=lambda c: (c.authority_id, c.day, c.street_id, c.depart, c.shift_id, view.crew_numbers[c.crew_id]),
    )
    for crew in crews:
        about = (
            view.authority(crew.authority_id),
            crew.day,
            weekday_text(crew.day, lang),
            view.street(crew.street_id),
            shift_text(crew.shift_id, lang),
            crew_text(view.crew_numbers[crew.crew_id], lang),
            crew.depart,
            crew.back,
            crew.travel_min,
        )
        for number, stop in enumerate(crew.stops, 1):
            visit = view.visits.get(stop.visit_id)
            parts = view.parts.get(stop.visit_id, ())
            own = [i for p in parts if p.authority_id == crew.authority_id for i in p.item_ids]
            others = [view.authority(p.authority_id) for p in parts if p.authority_id != crew.authority_id]
            what = (
                view.enterprise(visit.enterprise_id) if visit else stop.visit_id,
                join([view.item(i) for i in own], lang),
                join(others, lang),
            )
            yield crew.crew_id, (*about, number, stop.arrive, stop.start, stop.leave, *what)


def unserved_rows(view: PlanView, lang: Lang) -> Iterator[Row]:
    """Yield a row an unserved item, weightiest first."""
    weights = dict(view.snapshot.policy.priority_weights)

    def order(item_id: str) -> tuple[int, str]:
        item = view.items.get(item_id)
        return (-weights.get(item.priority, 0) if item else 0, item_id)

    for u in sorted(view.schedule.unserved, key=lambda u: order(u.item_id)):
        item = view.items.get(u.item_id)
        known = view.enterprises.get(item.enterprise_id) if item else None
        about: tuple[Cell, ...] = (None,) * 8
        if item is not None:
            about = (
                view.authority(item.authority_id),
                view.enterprise(item.enterprise_id),
                view.street(known.street_id) if known else None,
                TRIGGERS[item.trigger].say(lang),
                priority_text(item.priority, lang),
                item.duration_min,
                item.earliest,
                item.latest,
            )
        reasons = join([reason_text(r, lang) for r in u.reasons], lang)
        texts = (reasons, explanation(view.snapshot, u, lang), relaxation(view.snapshot, u, lang))
        yield u.item_id, (u.item_id, *about, *texts)


def notice_text(view: PlanView, visit: JointVisit, lang: Lang) -> str:
    """Return whether the enterprise is told of the visit."""
    kinds = {view.items[i].notice for i in visit.item_ids if i in view.items}
    return join([NOTICES[kind].say(lang) for kind in sorted(kinds)], lang)


def _usci(view: PlanView, visit: JointVisit) -> str | None:
    known = view.enterprises.get(visit.enterprise_id)
    return known.usci if known else None
