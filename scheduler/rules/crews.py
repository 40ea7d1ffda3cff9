"""Rules of crews on their way and at the door: R13 to R23."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.capacity import CrewTable, crew_use_of
from scheduler.ledger import Ledger
from scheduler.rules.rule import Fault, at, fault, on_day, rule
from scheduler.texts import Text


@rule(
    "R13",
    Text("班组班次", "street shift of a crew"),
    Text(
        "班组只在自己的街道班次内工作，至少一站，不早于班次开始出发。",
        "A crew has at least one stop, stays in its street shift, and departs no earlier than the shift.",
    ),
)
def crew_in_street_shift(ledger: Ledger) -> Iterator[Fault]:
    """R13: street and shift exist, every stop is at a visit of the crew's street shift, crew ids are unique."""
    met: set[str] = set()
    for route in ledger.routes:
        c = route.crew
        if c.crew_id in met:
            yield fault("班组班次{id}出现两次。", "Crew shift {id} occurs twice.", c.crew_id)
        met.add(c.crew_id)
        if route.shift is None:
            yield fault(
                "班组班次{id}的街道{street}或班次{shift}不存在。",
                "Crew shift {id} is in street {street} and shift {shift}, one of which does not exist.",
                c.crew_id,
                street=c.street_id,
                shift=c.shift_id,
            )
            continue
        if not c.stops:
            yield fault("班组班次{id}没有任何一站。", "Crew shift {id} has no stop.", c.crew_id)
        if c.depart < route.shift.start_min:
            yield fault(
                "班组班次{id}在{depart}出发，早于班次开始{start}。",
                "Crew shift {id} departs at {depart}, before the shift starts at {start}.",
                c.crew_id,
                depart=at(c.depart),
                start=at(route.shift.start_min),
            )
        for leg in route.legs:
            v = leg.entry.visit if leg.entry else None
            if v is None or (v.street_id, v.day, v.shift_id) != (c.street_id, c.day, c.shift_id):
                yield fault(
                    "班组班次{id}前往{visit}，该入企不在其街道班次内。",
                    "Crew shift {id} goes to {visit}, which is no visit of its street shift.",
                    c.crew_id,
                    leg.stop.visit_id,
                    visit=leg.stop.visit_id,
                )


@rule(
    "R14",
    Text("路途", "legs"),
    Text(
        "到达不早于离开上一处加路途和缓冲。",
        "A crew reaches a visit no earlier than its last leave plus the leg plus the buffer.",
    ),
)
def legs(ledger: Ledger) -> Iterator[Fault]:
    """R14: ``arrive >= leave before + leg + buffer_min``; the first: ``arrive >= shift start + leg``."""
    for route in ledger.routes:
        for leg in route.legs:
            if leg.entry is not None and leg.stop.arrive < leg.earliest:
                yield fault(
                    "班组班次{id}在{arrive}到达{visit}，最早应为{earliest}。",
                    "Crew shift {id} reaches {visit} at {arrive}, {earliest} at the earliest.",
                    route.crew.crew_id,
                    leg.stop.visit_id,
                    visit=leg.stop.visit_id,
                    arrive=at(leg.stop.arrive),
                    earliest=at(leg.earliest),
                )


@rule(
    "R15",
    Text("到达", "arrival"),
    Text("到达不晚于开始检查。", "A crew arrives no later than its part starts."),
)
def arrival(ledger: Ledger) -> Iterator[Fault]:
    """R15: ``arrive <= start``."""
    for route in ledger.routes:
        for leg in route.legs:
            if leg.stop.arrive > leg.stop.start:
                yield fault(
                    "班组班次{id}在{arrive}到达{visit}，晚于其开始{start}。",
                    "Crew shift {id} arrives at {visit} at {arrive}, after its part starts at {start}.",
                    route.crew.crew_id,
                    leg.stop.visit_id,
                    visit=leg.stop.visit_id,
                    arrive=at(leg.stop.arrive),
                    start=at(leg.stop.start),
                )


@rule(
    "R16",
    Text("同时开始", "start together"),
    Text("要求同时开始时，各方与入企同时开始。", "Where parts start together, every part starts with its visit."),
)
def start_together(ledger: Ledger) -> Iterator[Fault]:
    """R16: ``start`` of the part is that of the visit, when the case says `start_together`."""
    for route in ledger.routes if ledger.snapshot.policy.visit.start_together else ():
        for leg in route.legs:
            if leg.entry is not None and leg.stop.start != leg.entry.visit.start:
                yield fault(
                    "班组班次{id}在{start}开始，{visit}在{due}开始，未同时开始。",
                    "Crew shift {id} starts {visit} at {start}, not with the others at {due}.",
                    route.crew.crew_id,
                    leg.stop.visit_id,
                    visit=leg.stop.visit_id,
                    start=at(leg.stop.start),
                    due=at(leg.entry.visit.start),
                )


@rule(
    "R17",
    Text("各方检查", "part"),
    Text(
        "各方检查在入企时间内，不间断，时长恰为开场分钟加其事项时长。",
        "A part lies inside its visit and lasts exactly the overhead and its items, without a break.",
    ),
)
def part(ledger: Ledger) -> Iterator[Fault]:
    """R17: ``visit start <= start``, ``leave <= visit end``, ``leave == start + part``."""
    for route in ledger.routes:
        for leg in route.legs:
            if leg.entry is None:
                continue
            v, s = leg.entry.visit, leg.stop
            if not v.start <= s.start <= s.leave <= v.end:
                yield fault(
                    "班组班次{id}在{visit}的检查为{start}至{leave}，超出入企时间{begins}至{ends}。",
                    "Crew shift {id} is at {visit} from {start} to {leave}, outside the visit from {begins} to {ends}.",
                    route.crew.crew_id,
                    s.visit_id,
                    visit=s.visit_id,
                    start=at(s.start),
                    leave=at(s.leave),
                    begins=at(v.start),
                    ends=at(v.end),
                )
            due = leg.entry.parts.get(route.crew.authority_id, 0)
            if s.leave - s.start != due:
                yield fault(
                    "班组班次{id}在{visit}检查{length}分钟，应为{due}分钟。",
                    "Crew shift {id} spends {length} min at {visit}, its part is {due} min.",
                    route.crew.crew_id,
                    s.visit_id,
                    visit=s.visit_id,
                    length=s.leave - s.start,
                    due=due,
                )


@rule(
    "R18",
    Text("同部门同时", "one part an authority"),
    Text(
        "同一部门的各班组同时开始、同时离开。",
        "All crews of an authority at a visit start and leave together.",
    ),
)
def one_part(ledger: Ledger) -> Iterator[Fault]:
    """R18: at a visit an authority's crews share one (start, leave)."""
    for entry in ledger.visits:
        times: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for crew, stop in entry.stops:
            times[crew.authority_id].add((stop.start, stop.leave))
        for authority, found in times.items():
            if len(found) > 1:
                yield fault(
                    "部门{authority}的班组在{id}时间不一致：{times}。",
                    "Crews of {authority} are at {id} at different times: {times}.",
                    entry.visit.visit_id,
                    authority,
                    authority=authority,
                    times=", ".join(f"{at(a)}-{at(b)}" for a, b in sorted(found)),
                )


@rule(
    "R19",
    Text("班组数", "crews of a visit"),
    Text(
        "各部门到场班组数等于其事项所需的最多班组数，无事项的部门不到场。",
        "Each authority sends as many crews as the largest number its items need, and nobody else comes.",
    ),
)
def crews_of_visit(ledger: Ledger) -> Iterator[Fault]:
    """R19: the crews that come are those that the items ask for, authority by authority."""
    for entry in ledger.visits:
        came: dict[str, int] = defaultdict(int)
        for crew, _ in entry.stops:
            came[crew.authority_id] += 1
        for authority in sorted(came.keys() | entry.crews.keys()):
            needed = entry.crews.get(authority, 0)
            if came.get(authority, 0) != needed:
                yield fault(
                    "入企{id}需要部门{authority}的{needed}个班组，到场{came}个。",
                    "Visit {id} needs {needed} crews of {authority}, {came} come.",
                    entry.visit.visit_id,
                    authority,
                    authority=authority,
                    needed=needed,
                    came=came.get(authority, 0),
                )


@rule(
    "R20",
    Text("首尾一致", "visit spans its parts"),
    Text("入企始于最先一方、止于最后一方。", "A visit begins with its first part and ends with its last."),
)
def spans_parts(ledger: Ledger) -> Iterator[Fault]:
    """R20: the visit's start is the least start of its parts, its end the greatest leave."""
    for entry in ledger.visits:
        if not entry.stops:
            continue  # R19 says that nobody comes
        v = entry.visit
        first, last = min(s.start for _, s in entry.stops), max(s.leave for _, s in entry.stops)
        if (first, last) != (v.start, v.end):
            yield fault(
                "入企{id}为{start}至{end}，各方检查为{first}至{last}。",
                "Visit {id} is from {start} to {end}, its parts from {first} to {last}.",
                v.visit_id,
                start=at(v.start),
                end=at(v.end),
                first=at(first),
                last=at(last),
            )


@rule(
    "R21",
    Text("按时返回", "back in time"),
    Text("班组在班次结束前回到街道办。", "A crew is back at the street office by the shift's end."),
)
def back_in_time(ledger: Ledger) -> Iterator[Fault]:
    """R21: last leave plus the leg back is at most the shift's end."""
    for route in ledger.routes:
        if route.shift is not None and route.back > route.shift.end_min:
            yield fault(
                "班组班次{id}在{back}才返回，班次{end}结束。",
                "Crew shift {id} is back at {back}, the shift ends at {end}.",
                route.crew.crew_id,
                back=at(route.back),
                end=at(route.shift.end_min),
            )


@rule(
    "R22",
    Text("路途分钟", "travel"),
    Text("班组班次的路途分钟等于各段之和。", "travel_min of a crew shift is the sum of its legs."),
)
def travel(ledger: Ledger) -> Iterator[Fault]:
    """R22: `travel_min` is the sum of all legs, first and last included."""
    for route in ledger.routes:
        if route.shift is not None and route.crew.travel_min != route.travel:
            yield fault(
                "班组班次{id}记路途{given}分钟，实为{due}分钟。",
                "Crew shift {id} gives {given} min of travel, its legs are {due} min.",
                route.crew.crew_id,
                given=route.crew.travel_min,
                due=route.travel,
            )


@rule(
    "R23",
    Text("班组数量上限", "crew pools"),
    Text(
        "同一日期班次，部门的班组班次不超过其在岗班组：先街道，后区，再全市。",
        "Crew shifts of an authority fit into its crews at work: the street first, then the district, then the city.",
    ),
)
def crew_pools(ledger: Ledger) -> Iterator[Fault]:
    """R23: what streets need beyond their own crews fits into their district's, and the rest into the city's."""
    use = crew_use_of(r.crew for r in ledger.routes if r.shift is not None and r.crew.stops)
    for short in CrewTable(ledger.snapshot).shortfalls(use):
        yield fault(
            "部门{id}在{day}班次{shift}共{used}个班组班次，缺{missing}个班组。",
            "Authority {id} has {used} crew shifts on {day} {shift}, {missing} crews too few are at work.",
            short.authority_id,
            day=on_day(short.day),
            shift=short.shift_id,
            used=short.used,
            missing=short.missing,
        )
