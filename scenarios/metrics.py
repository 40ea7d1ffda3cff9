"""What planners compare: the metrics of one schedule, each with its definition. None rewards more inspections or fines.

National rules forbid quotas of inspections (五个严禁), so doors, people and hours count as burden, and what is served
counts as a share of the demand that departments filed.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scenarios.comparison import Better, Metric, MetricGroup
from scenarios.edits.edit import Edited
from scheduler.alerts import DEFAULT_RULES, AlertKind, watch
from scheduler.burden import burden_of
from scheduler.capacity import crew_shifts_at_work
from scheduler.caps import cap_uses, past_visits
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import TERMS, Schedule, Score
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.encounters import Encounter, encounters_of_history, encounters_of_schedule
from scheduler.export.wording import REASONS
from scheduler.texts import Text

NONE = Text("", "")
_TIMES, _ITEMS, _PERCENT = Text("次", "visits"), Text("项", "items"), Text("%", "%")
_SHIFTS, _DAYS, _MINUTES = Text("班次", "crew shifts"), Text("天", "days"), Text("分钟", "min")
_HOURS, _PEOPLE, _OFFICERS = Text("小时", "hours"), Text("人次", "person-visits"), Text("人", "officers")
_FIRMS, _POINTS, _ALERTS = Text("家", "enterprises"), Text("百分点", "points"), Text("条", "reminders")

_FEWER, _MORE, _NEITHER = Better.FEWER, Better.MORE, Better.NEITHER
_TERM_METRICS = (
    (Text("未办理权重", "unserved weight"), Text("", "")),
    (Text("入企次数", "doors opened"), _TIMES),
    (Text("班组班次", "crew shifts"), _SHIFTS),
    (Text("联合检查日", "joint days"), _DAYS),
    (Text("路途时间", "travel"), _MINUTES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric of one schedule; `of` is numerator and denominator of a rate."""

    metric: Metric
    value: float | None
    of: tuple[int, int] | None = None


def measures_of(base: PlanningSnapshot, edited: Edited, schedule: Schedule, terms: Score) -> tuple[Measure, ...]:
    """Return every metric of a schedule of an edited case, in the order in which they are shown.

    Parameters
    ----------
    base : the case before the edits: enterprises are its premises, and caps are broken against its caps.
    """
    s = edited.snapshot
    ahead, there = encounters_of_schedule(s, schedule), _at_work(s)
    return (
        *_terms(terms),
        *_served(s, schedule),
        *_burden(edited, schedule, ahead),
        *_crews(schedule, there),
        *_days(s, schedule),
        *_balance(s, schedule, there),
        *_unserved(schedule),
        *_alerts(base, edited, ahead),
    )


def weeks_of(schedule: Schedule) -> dict[tuple[str, int], int]:
    """Return the visits by street and Monday (day number)."""
    return dict(Counter((v.street_id, v.day - date.fromordinal(v.day).weekday()) for v in schedule.visits))


def _metric(
    name: str, group: MetricGroup, label: Text, unit: Text, better: Better = _FEWER, decimals: int = 0
) -> Metric:
    return Metric(name=name, group=group, label=label, unit=unit, better=better, decimals=decimals)


def _rate(name: str, group: MetricGroup, label: Text, of: tuple[int, int], better: Better = _MORE) -> Measure:
    metric = _metric(name, group, label, _PERCENT, better, decimals=1)
    return Measure(metric=metric, value=of[0] / of[1] if of[1] else None, of=of)


def _terms(terms: Score) -> Iterable[Measure]:
    for name, (label, unit) in zip(TERMS, _TERM_METRICS, strict=True):
        yield Measure(metric=_metric(name, MetricGroup.TERMS, label, unit), value=terms.as_dict()[name])


def _served(s: PlanningSnapshot, schedule: Schedule) -> Iterable[Measure]:
    group = MetricGroup.SERVED
    served = {i for v in schedule.visits for i in v.item_ids}
    label = Text("需求事项", "items in the demand")
    yield Measure(metric=_metric("items_planned", group, label, _ITEMS, _NEITHER), value=len(s.items))
    yield _rate("served", group, Text("已安排事项", "items served"), (len(served), len(s.items)))

    def shares(kind: str, word: Text, key: Mapping[str, str]) -> Iterable[Measure]:
        """Yield the share of items served for every value of a kind."""
        there: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for item_id, value in key.items():
            there[value][0] += item_id in served
            there[value][1] += 1
        for value in sorted(there):
            both = Text(f"已安排：{word.zh}{value}", f"served: {word.en} {value}")
            yield _rate(f"served:{kind}:{value}", group, both, (there[value][0], there[value][1]))

    weights = dict(s.policy.priority_weights)
    ranked = sorted(weights, key=lambda n: (-weights[n], n))
    measures = {
        m.metric.name: m
        for m in shares("priority", Text("优先级", "priority"), {i.item_id: i.priority for i in s.items})
    }
    yield from (measures[n] for p in ranked if (n := f"served:priority:{p}") in measures)
    yield from shares("authority", Text("部门", "authority"), {i.item_id: i.authority_id for i in s.items})


def _burden(edited: Edited, schedule: Schedule, ahead: Sequence[Encounter]) -> Iterable[Measure]:
    group = MetricGroup.BURDEN
    burden = burden_of(schedule)
    joint, partnered = _joint(edited, schedule)
    yield _rate("joint_rate", group, Text("联合检查实施率", "joint rate"), (joint, partnered))
    doors = Counter(edited.premises(v.enterprise_id) for v in schedule.visits)
    counts: Sequence[tuple[str, Text, Text, float | None, int]] = (
        ("enterprises_visited", Text("入企企业数", "enterprises visited"), _FIRMS, len(doors), 0),
        (
            "doors_per_enterprise",
            Text("每家被检企业入企次数", "doors per enterprise visited"),
            _TIMES,
            burden.doors / len(doors) if doors else None,
            2,
        ),
        (
            "doors_per_100_items",
            Text("每百项已安排事项入企次数", "doors per 100 items served"),
            _TIMES,
            100 * burden.doors / burden.items_served if burden.items_served else None,
            1,
        ),
        (
            "visited_repeatedly",
            Text("入企多于一次的企业", "enterprises visited more than once"),
            _FIRMS,
            sum(n > 1 for n in doors.values()),
            0,
        ),
        ("person_visits", Text("入企人次", "person-visits"), _PEOPLE, burden.person_visits, 0),
        (
            "officers_per_visit",
            Text("每次入企人数（平均）", "officers a visit (mean)"),
            _OFFICERS,
            burden.person_visits / burden.doors if burden.doors else None,
            2,
        ),
        (
            "most_officers",
            Text("同时在场人数（最多）", "officers on site at once (most)"),
            _OFFICERS,
            max((e.officers for e in ahead), default=None),
            0,
        ),
        ("enterprise_hours", Text("企业受扰时间", "enterprise hours"), _HOURS, burden.enterprise_min / 60, 1),
    )
    for name, label, unit, value, decimals in counts:
        better = _NEITHER if name == "enterprises_visited" else _FEWER
        yield Measure(metric=_metric(name, group, label, unit, better, decimals), value=value)


def _joint(edited: Edited, schedule: Schedule) -> tuple[int, int]:
    """Return (items served in a visit of two authorities or more, items served that had a partner).

    An item has a partner when another authority has an item at the same premises in the demand.
    """
    items = {i.item_id: i for i in edited.snapshot.items}
    there: dict[str, set[str]] = defaultdict(set)
    for i in items.values():
        there[edited.premises(i.enterprise_id)].add(i.authority_id)
    joint = partnered = 0
    for v in schedule.visits:
        if len(there[edited.premises(v.enterprise_id)]) > 1:
            partnered += len(v.item_ids)
            joint += len(v.item_ids) if len(v.authority_ids) > 1 else 0
    return joint, partnered


def _at_work(s: PlanningSnapshot) -> dict[str, int]:
    """Return the crew shifts at work by authority, over all dates and shifts."""
    out: dict[str, int] = defaultdict(int)
    for pool in s.crew_pools:
        out[pool.authority_id] += crew_shifts_at_work(pool, s.calendar)
    return dict(out)


def _crews(schedule: Schedule, there: Mapping[str, int]) -> Iterable[Measure]:
    group = MetricGroup.CREWS
    used = Counter(c.authority_id for c in schedule.crew_shifts)
    label = Text("班组利用率", "crews in use")
    yield _rate("use", group, label, (sum(used.values()), sum(there.values())), _NEITHER)
    busy = used.keys() | there.keys()
    for a in sorted(busy):
        word = Text(f"班组班次：部门{a}", f"crew shifts: authority {a}")
        yield Measure(metric=_metric(f"crew_shifts:{a}", group, word, _SHIFTS), value=used[a])
    for a in sorted(busy):
        word = Text(f"班组利用率：部门{a}", f"crews in use: authority {a}")
        yield _rate(f"use:{a}", group, word, (used[a], there.get(a, 0)), _NEITHER)


def _days(s: PlanningSnapshot, schedule: Schedule) -> Iterable[Measure]:
    days = Counter(street for street, _ in {(v.street_id, v.day) for v in schedule.visits})
    if len(s.streets) < 2:
        return
    for street in s.streets:
        word = Text(f"联合检查日：{street.name}", f"joint days: {street.name}")
        name = f"joint_days:{street.street_id}"
        yield Measure(metric=_metric(name, MetricGroup.DAYS, word, _DAYS), value=days[street.street_id])


def _balance(s: PlanningSnapshot, schedule: Schedule, there: Mapping[str, int]) -> Iterable[Measure]:
    """Yield by how much the best and the worst served street differ, and the most and the least used authority."""
    group = MetricGroup.BALANCE
    served = {i for v in schedule.visits for i in v.item_ids}
    street_of = {e.enterprise_id: e.street_id for e in s.enterprises}
    planned: dict[str, list[PlanItem]] = defaultdict(list)
    for i in s.items:
        planned[street_of[i.enterprise_id]].append(i)
    streets = [sum(i.item_id in served for i in items) / len(items) for items in planned.values()]
    used = Counter(c.authority_id for c in schedule.crew_shifts)
    authorities = [used[a] / n for a, n in there.items() if n]
    for name, label, shares in (
        ("gap_streets", Text("街道间安排率差距", "served share, best street less worst"), streets),
        ("gap_authorities", Text("部门间班组利用率差距", "crews in use, most less least"), authorities),
    ):
        value = (max(shares) - min(shares)) * 100 if len(shares) > 1 else None
        yield Measure(metric=_metric(name, group, label, _POINTS, _FEWER, 1), value=value)
    loads = list(Counter((v.street_id, v.day) for v in schedule.visits).values())
    label = Text("每个联合检查日入企次数（平均）", "visits a joint day (mean)")
    mean = statistics.mean(loads) if loads else None
    yield Measure(metric=_metric("visits_per_day", group, label, _TIMES, _NEITHER, 1), value=mean)


def _unserved(schedule: Schedule) -> Iterable[Measure]:
    first = Counter(u.reasons[0].code for u in schedule.unserved)
    for code, name in REASONS.items():
        word = Text(f"未安排：{name.zh}", f"unserved: {name.en}")
        metric = _metric(f"unserved:{code.value}", MetricGroup.UNSERVED, word, _ITEMS)
        yield Measure(metric=metric, value=first[code])


def _alerts(base: PlanningSnapshot, edited: Edited, ahead: Sequence[Encounter]) -> Iterable[Measure]:
    """Yield reminders of repeats and crowds, and enterprises visited more often than the base's caps on doors allow."""
    past = encounters_of_history(base)
    at_premises = [replace(e, enterprise_id=edited.premises(e.enterprise_id)) for e in ahead]
    found = Counter(a.kind for a in watch(base, DEFAULT_RULES, (*past, *at_premises)))
    for kind, label in (
        (AlertKind.REPEAT, Text("过频提醒：60日内再次入企", "reminders: again within 60 days")),
        (AlertKind.CROWD, Text("过频提醒：同时超过10人", "reminders: more than 10 officers at once")),
    ):
        name = f"alerts:{kind.value}"
        yield Measure(metric=_metric(name, MetricGroup.ALERTS, label, _ALERTS), value=found[kind])
    label = Text("超过原频次上限的企业", "enterprises over the base's cap on doors")
    metric = _metric("over_cap", MetricGroup.ALERTS, label, _FIRMS)
    yield Measure(metric=metric, value=_over_cap(base, at_premises))


def _over_cap(base: PlanningSnapshot, at_premises: Iterable[Encounter]) -> int:
    past = past_visits(base.history).doors
    planned: dict[str, list[int]] = defaultdict(list)
    for e in at_premises:
        if not e.cap_exempt:
            planned[e.enterprise_id].append(e.first_day)
    class_of = {e.enterprise_id: e.credit_class for e in base.enterprises}
    caps = base.policy.caps
    return sum(
        any(u.broken for u in cap_uses(caps, e, class_of.get(e), None, past.get(e, ()), days))
        for e, days in planned.items()
    )
