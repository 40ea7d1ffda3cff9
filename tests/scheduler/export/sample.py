"""A small case of two streets with a schedule made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

from scheduler.burden import BeforeAfter, Burden
from scheduler.domain.calendar import Calendar, CalendarKind, Shift
from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import Notice, PlanItem, Trigger
from scheduler.domain.policy import Policy, TravelRules, VisitRules
from scheduler.domain.schedule import (
    CrewShift,
    JointVisit,
    Reason,
    ReasonCode,
    Relaxation,
    RelaxationKind,
    Schedule,
    Score,
    Stop,
    Unserved,
    crew_id_of,
    visit_id_of,
)
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot
from scheduler.planning.outcome import PlanOutcome, PlanStatus

MONDAY = date(2026, 10, 12).toordinal()
STAMP = datetime(2026, 9, 28, 9, 30, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://x","点我")'


def item(number: int, authority: str, enterprise: str, duration: int = 30, **more: object) -> PlanItem:
    fields: dict[str, object] = {
        "item_id": f"I{number:02d}",
        "authority_id": authority,
        "enterprise_id": enterprise,
        "duration_min": duration,
        "earliest": MONDAY - 7,
        "latest": MONDAY + 60,
        "priority": "normal",
    }
    return PlanItem(**{**fields, **more})  # type: ignore[arg-type]


def sample_snapshot() -> PlanningSnapshot:
    days = tuple(d for d in range(MONDAY - 7, MONDAY + 75) if date.fromordinal(d).isoweekday() <= 5)
    shifts = (
        Shift(shift_id="AM", start_min=540, end_min=720),
        Shift(shift_id="PM", start_min=840, end_min=1050),
    )
    return make_snapshot(
        PlanningSnapshot(
            name="马田街道 2026 年第四季度",
            calendar=Calendar(start=days[0], end=days[-1], kind=CalendarKind.WEEKDAYS, days=days, shifts=shifts),
            policy=Policy(
                visit=VisitRules(), travel=TravelRules(), priority_weights=(("mandatory", 1000), ("normal", 1))
            ),
            streets=(
                Street(street_id="S1", name="马田街道", district_id="D1", lon=113.88, lat=22.77),
                Street(street_id="S2", name="公明街道", district_id="D1", lon=113.90, lat=22.79),
            ),
            authorities=(
                Authority(authority_id="MR", name="市场监督管理局"),
                Authority(authority_id="FR", name="消防救援大队"),
                Authority(authority_id="EM", name="应急管理局"),
            ),
            enterprises=(
                Enterprise(
                    enterprise_id="E1",
                    name="深圳市恒泰精密五金有限公司",
                    street_id="S1",
                    lon=113.881,
                    lat=22.771,
                    usci="91440300MA5DKC7X2T",
                    industry="制造业",
                    credit_class="B",
                ),
                Enterprise(enterprise_id="E2", name=HOSTILE, street_id="S1", lon=113.885, lat=22.774),
                Enterprise(enterprise_id="E3", name="光明区福满楼餐饮店", street_id="S1", lon=113.889, lat=22.768),
                Enterprise(enterprise_id="E4", name="公明永兴加油站", street_id="S2", lon=113.902, lat=22.791),
            ),
            crew_pools=(
                CrewPool(authority_id="MR", area_id="D1", crews=2),
                CrewPool(authority_id="FR", area_id="D1", crews=1),
                CrewPool(authority_id="EM", area_id="*", crews=2),
            ),
            items=(
                item(1, "MR", "E1", item_code="SC-001", legal_basis="《中华人民共和国产品质量法》"),
                item(2, "FR", "E1", item_code="XF-003", legal_basis="《中华人民共和国消防法》"),
                item(3, "MR", "E2", legal_basis='#eval("1+1") $x$ *粗* <b> @ref \\ `raw`'),
                item(4, "FR", "E3", 20, trigger=Trigger.CASE, notice=Notice.UNANNOUNCED),
                item(5, "EM", "E4", 60, crews=2, item_code="YJ-110", legal_basis="《中华人民共和国安全生产法》"),
                item(6, "MR", "E4", 45),
                item(7, "MR", "E1", 15),
                item(8, "FR", "E4", 400, priority="mandatory"),
                item(9, "EM", "E3", 30),
            ),
        )
    )


def _visit(enterprise: str, street: str, shift: str, start: int, end: int, parts: dict[str, list[str]]) -> JointVisit:
    items = tuple(sorted(i for ids in parts.values() for i in ids))
    return JointVisit(
        visit_id=visit_id_of(items),
        enterprise_id=enterprise,
        street_id=street,
        day=MONDAY,
        shift_id=shift,
        start=start,
        end=end,
        authority_ids=tuple(sorted(parts)),
        item_ids=items,
    )


def _crew(authority: str, street: str, shift: str, depart: int, back: int, *stops: Stop, twin: int = 0) -> CrewShift:
    return CrewShift(
        crew_id=crew_id_of(authority, MONDAY, shift, [s.visit_id for s in stops], twin),
        authority_id=authority,
        street_id=street,
        day=MONDAY,
        shift_id=shift,
        depart=depart,
        back=back,
        travel_min=4 * (len(stops) + 1),
        stops=stops,
    )


def sample_schedule(snapshot: PlanningSnapshot) -> Schedule:
    one = _visit("E1", "S1", "AM", 545, 600, {"MR": ["I01", "I07"], "FR": ["I02"]})
    two = _visit("E2", "S1", "AM", 610, 650, {"MR": ["I03"]})
    three = _visit("E3", "S1", "AM", 660, 690, {"FR": ["I04"]})
    four = _visit("E4", "S2", "PM", 850, 920, {"EM": ["I05"], "MR": ["I06"]})

    def stop(visit: JointVisit, arrive: int, start: int, leave: int) -> Stop:
        return Stop(visit_id=visit.visit_id, arrive=arrive, start=start, leave=leave)

    crews = (
        _crew("MR", "S1", "AM", 541, 660, stop(one, 545, 545, 600), stop(two, 606, 610, 650)),
        _crew("FR", "S1", "AM", 540, 700, stop(one, 545, 560, 600), stop(three, 640, 660, 690)),
        _crew("EM", "S2", "PM", 840, 930, stop(four, 846, 850, 920)),
        _crew("EM", "S2", "PM", 840, 930, stop(four, 846, 850, 920), twin=1),
        _crew("MR", "S2", "PM", 845, 925, stop(four, 850, 850, 905)),
    )
    unserved = (
        Unserved(
            item_id="I08",
            reasons=(
                Reason(code=ReasonCode.SHIFT_TOO_SHORT, facts=(("part", "410"), ("shift", "210"), ("travel", "8"))),
            ),
            relaxation=Relaxation(kind=RelaxationKind.SPLIT_ITEM, facts=(("minutes", "190"), ("pieces", "3"))),
        ),
        Unserved(
            item_id="I09",
            reasons=(
                Reason(code=ReasonCode.CAPACITY),
                Reason(code=ReasonCode.NOTICE, facts=(("authorities", "FR"), ("on", "2026-10-12"))),
            ),
        ),
    )
    return Schedule(
        snapshot_digest=snapshot.digest(),
        visits=tuple(sorted((one, two, three, four), key=lambda v: v.visit_id)),
        crew_shifts=tuple(sorted(crews, key=lambda c: c.crew_id)),
        unserved=unserved,
        version=2,
    )


def sample_outcome(snapshot: PlanningSnapshot) -> PlanOutcome:
    def burden(doors: int, persons: int, crews: int, travel: int, items: int) -> Burden:
        return Burden(
            items_served=items,
            doors=doors,
            person_visits=persons,
            enterprise_min=50 * doors,
            crew_shifts=crews,
            travel_min=travel,
            enterprises=4,
        )

    return PlanOutcome(
        schedule=sample_schedule(snapshot),
        score=Score(unserved_weight=1001, doors=4, crew_shifts=5, joint_days=2, travel_min=52),
        bounds={"unserved_weight": 1001, "doors": 4, "crew_shifts": 4, "joint_days": None, "travel_min": None},
        status=PlanStatus.FEASIBLE,
        search_s=1.5,
        iterations=1000,
        before_after=BeforeAfter(
            before=burden(7, 14, 6, 80, 7), before_all=burden(8, 16, 7, 95, 8), after=burden(4, 14, 5, 52, 7)
        ),
    )
