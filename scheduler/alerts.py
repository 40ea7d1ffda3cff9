"""Over-frequency reminders (过频提醒): visits again too soon, caps nearly used, too many officers at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from scheduler.availability import SlotGrid, Slots
from scheduler.caps import cap_covers
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.encounters import Encounter, Source
from scheduler.explain.facts import iso, isos, period_name
from scheduler.texts import Lang, Text


class AlertKind(StrEnum):
    """What a reminder is about."""

    REPEAT = "repeat"  # the same enterprise is visited again within so many days
    CAP_USED = "cap_used"  # a share of a frequency cap is used
    CROWD = "crowd"  # more than so many officers at once at one enterprise


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """When to remind; each kind has its one threshold.

    Parameters
    ----------
    days : REPEAT: natural days, the first visit's own day being the first of them, at least 1.
    share : CAP_USED: share of the cap that reminds when it is reached, greater than 0.
    officers : CROWD: most officers that do not remind, at least 1.
    exempt_triggers : REPEAT: visits with these triggers only are passed over (有因检查).
    """

    rule_id: str
    kind: AlertKind
    days: int | None = None
    share: float | None = None
    officers: int | None = None
    exempt_triggers: tuple[Trigger, ...] = ()

    def __post_init__(self) -> None:
        threshold = {AlertKind.REPEAT: self.days, AlertKind.CAP_USED: self.share, AlertKind.CROWD: self.officers}
        if (threshold[self.kind] or 0) <= 0:
            raise ValueError(f"alert rule {self.rule_id} of kind {self.kind.value} needs a threshold above 0")


LEADS = (Trigger.CASE, Trigger.FOLLOW_UP)
"""Triggers of inspections for a cause (有因检查)."""

DEFAULT_RULES = (
    AlertRule(rule_id="repeat_60", kind=AlertKind.REPEAT, days=60, exempt_triggers=LEADS),
    AlertRule(rule_id="cap_80", kind=AlertKind.CAP_USED, share=0.8),
    AlertRule(rule_id="cap_100", kind=AlertKind.CAP_USED, share=1.0),
    AlertRule(rule_id="crowd_10", kind=AlertKind.CROWD, officers=10),
)
"""60 natural days without leads as in Hainan, annual caps at 80 % and 100 % (DOMAIN.md, 0.6 and 1.1 no. 3).

Ten officers at once are our assumption: sources ask to send fewer people, none gives a number.
"""

ROUNDING = 1e-9
"""By how much a share of a cap may be missed for want of digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One reminder.

    Parameters
    ----------
    certain : it holds whatever the date of the plan items concerned, if they are served. A crowd in the records is
        never certain: they do not say that all were there at once.
    authority_ids, refs : the authorities, and the items and visits concerned, sorted.
    day : of a repeat the later visit's, of a plan item the first that would be a repeat; of a crowd its day.
    period : name of the cap's period, for example ``2026Q4``.
    facts : figures of the sentence, as sorted (name, value) pairs; ``form`` names the sentence.
    """

    rule_id: str
    kind: AlertKind
    certain: bool
    enterprise_id: str
    authority_ids: tuple[str, ...]
    refs: tuple[str, ...]
    day: int | None
    period: str | None
    facts: tuple[tuple[str, str], ...]


def watch(snapshot: PlanningSnapshot, rules: Iterable[AlertRule], encounters: Iterable[Encounter]) -> tuple[Alert, ...]:
    """Return every alert once, in the order of enterprises, then rules, then time.

    Two caps of one scope, period and limit (one of them of a credit class) give one alert.

    Plan items may share a visit, so they are no repeat of each other; a plan item that is in a scheduled visit is that
    visit, and a scheduled visit that is recorded under its id is the recorded one.

    Parameters
    ----------
    snapshot : its calendar, caps and names; the encounters need not all be its own.
    rules : of rules about the share of a cap, the highest one that is reached reminds.
    """
    watcher = _Watcher(snapshot, tuple(rules))
    found = dict.fromkeys(a for at_one in _by_enterprise(encounters) for a in watcher.alerts(at_one))
    return tuple(sorted(found, key=_order))


def _order(a: Alert) -> tuple[object, ...]:
    return a.enterprise_id, a.rule_id, a.day or 0, a.period or "", not a.certain, a.authority_ids, a.refs, a.facts


def _by_enterprise(encounters: Iterable[Encounter]) -> list[list[Encounter]]:
    """Return the encounters by enterprise in order of time, each one once."""
    listed = tuple(encounters)
    recorded = {e.ref for e in listed if e.source is Source.RECORDED_VISIT}
    arranged = {i for e in listed if e.is_fixed for i in e.item_ids}
    groups: dict[str, list[Encounter]] = defaultdict(list)
    for e in sorted(listed, key=lambda e: (e.first_day, e.ref)):
        as_recorded = e.source is Source.SCHEDULED_VISIT and e.ref in recorded
        as_scheduled = not e.is_fixed and not arranged.isdisjoint(e.item_ids)
        if not as_recorded and not as_scheduled:
            groups[e.enterprise_id].append(e)
    return list(groups.values())


class _Watcher:
    """The rules with what is looked up for every enterprise."""

    def __init__(self, snapshot: PlanningSnapshot, rules: tuple[AlertRule, ...]) -> None:
        self._policy = snapshot.policy
        self._grid = SlotGrid(snapshot.calendar)
        self._enterprises = {e.enterprise_id: e for e in snapshot.enterprises}
        self._authorities = {a.authority_id: a.name for a in snapshot.authorities}
        self._repeat = [(r, r.days) for r in rules if r.days is not None and r.kind is AlertKind.REPEAT]
        self._crowd = [(r, r.officers) for r in rules if r.officers is not None and r.kind is AlertKind.CROWD]
        shares = [(r.share, r) for r in rules if r.share is not None and r.kind is AlertKind.CAP_USED]
        self._shares = sorted(shares, key=lambda pair: (pair[0], pair[1].rule_id))
        self._keys: dict[tuple[int, Period], tuple[int, int]] = {}

    def alerts(self, at_one: Sequence[Encounter]) -> Iterator[Alert]:
        """Yield the alerts about one enterprise."""
        for rule, days in self._repeat:
            counted = [e for e in at_one if not e.triggers or not set(e.triggers) <= set(rule.exempt_triggers)]
            yield from self._repeats(rule, days, counted)
        for rule, officers in self._crowd:
            yield from self._crowds(rule, officers, at_one)
        if self._shares:
            yield from self._caps_used(at_one)

    def _alert(
        self,
        rule: AlertRule,
        concerned: Sequence[Encounter],
        form: str,
        facts: Mapping[str, object],
        *,
        certain: bool,
        authority_ids: Iterable[str] | None = None,
        day: int | None = None,
        period: str | None = None,
    ) -> Alert:
        enterprise_id = concerned[0].enterprise_id
        who = tuple(sorted({a for e in concerned for a in e.authority_ids} if authority_ids is None else authority_ids))
        enterprise = self._enterprises.get(enterprise_id)
        names = {
            "authorities": ";".join(self._authorities.get(a, a) for a in who),
            "enterprise": enterprise_id if enterprise is None else enterprise.name,
            "form": form,
        }
        return Alert(
            rule_id=rule.rule_id,
            kind=rule.kind,
            certain=certain,
            enterprise_id=enterprise_id,
            authority_ids=who,
            refs=tuple(sorted({e.ref for e in concerned})),
            day=day,
            period=period,
            facts=tuple(sorted((k, str(v)) for k, v in {**names, **facts}.items())),
        )

    # --- visited again -------------------------------------------------------------------------------------------

    def _repeats(self, rule: AlertRule, days: int, counted: Sequence[Encounter]) -> Iterator[Alert]:
        fixed = [e for e in counted if e.is_fixed]
        for a, b in pairwise(fixed):
            gap = b.first_day - a.first_day
            if gap < days:
                span = {"first": iso(a.first_day), "second": iso(b.first_day), "gap": gap, "days": days}
                yield self._alert(rule, (a, b), "again", span, certain=True, day=b.first_day)
        near = [(e, self._grid.between(e.first_day - days + 1, e.first_day + days - 1)) for e in fixed]
        for item in counted if near else ():
            if not item.is_fixed:
                yield from self._repeat_of_item(rule, days, item, near)

    def _repeat_of_item(
        self, rule: AlertRule, days: int, item: Encounter, near: Iterable[tuple[Encounter, Slots]]
    ) -> Iterator[Alert]:
        window = self._grid.between(item.first_day, item.last_day)
        met, visits = 0, []
        for visit, slots in near:
            if item.may_join(visit):
                slots &= ~self._grid.between(visit.first_day, visit.first_day)  # that day they are one visit
            if slots & window:
                met |= slots & window
                visits.append(visit)
        if not visits:
            return
        facts: dict[str, object] = {
            "item": item.ref,
            "first": iso(item.first_day),
            "last": iso(item.last_day),
            "visits": isos(v.first_day for v in visits),
            "days": days,
        }
        free = window & ~met
        if free:
            facts["free"] = iso(self._first_day(free))
        day = self._first_day(met)
        form = "item_may_again" if free else "item_again"
        yield self._alert(rule, (item, *visits), form, facts, certain=not free, day=day)

    def _first_day(self, slots: Slots) -> int:
        return self._grid.day_of((slots & -slots).bit_length() - 1)

    # --- officers at once ----------------------------------------------------------------------------------------

    def _crowds(self, rule: AlertRule, limit: int, at_one: Sequence[Encounter]) -> Iterator[Alert]:
        for e in at_one:
            if e.officers > limit:
                form = {Source.PLANNED_ITEM: "item_crowd", Source.SCHEDULED_VISIT: "crowd"}.get(e.source, "past_crowd")
                facts = {"officers": e.officers, "limit": limit, "on": iso(e.first_day), "item": e.ref}
                certain, day = e.source is not Source.RECORDED_VISIT, e.first_day if e.is_fixed else None
                yield self._alert(rule, (e,), form, facts, certain=certain, day=day)
        allowed = self._policy.visit.max_officers
        seats = self._policy.visit.max_authorities
        if seats == 1 or (allowed is not None and allowed <= limit):
            return  # then no visit of plan items may be that large
        planned = [e for e in at_one if not e.is_fixed]
        if sum(e.officers for e in planned) <= limit:
            return
        for notice in dict.fromkeys(e.notice for e in planned):
            officers, on, group = _largest_meeting([e for e in planned if e.notice is notice], seats)
            if officers > limit and len({e.authority_ids for e in group}) > 1:
                facts = {"officers": officers, "limit": limit, "on": iso(on), "items": len(group)}
                yield self._alert(rule, group, "items_crowd", facts, certain=False, day=on)

    # --- caps ----------------------------------------------------------------------------------------------------

    def _caps_used(self, at_one: Sequence[Encounter]) -> Iterator[Alert]:
        enterprise = self._enterprises.get(at_one[0].enterprise_id)
        credit_class = None if enterprise is None else enterprise.credit_class
        names = sorted({a for e in at_one for a in e.counted_ids})
        for cap in self._policy.caps:
            whose: Sequence[str | None] = (None,) if cap.scope is CapScope.ENTERPRISE else names
            for who in whose:
                counted = [e for e in at_one if (who in e.counted_ids if who else e.counted_ids)]
                if self._within_reach(cap, counted) and cap_covers(cap, who, credit_class):
                    yield from self._cap_used(cap, who, counted)

    def _within_reach(self, cap: FrequencyCap, counted: Sequence[Encounter]) -> bool:
        """Say whether the encounters, were they all in one period, could reach the lowest share."""
        fixed = sum(e.is_fixed for e in counted)
        return bool(counted) and fixed + (len(counted) > fixed) >= self._shares[0][0] * cap.max_visits - ROUNDING

    def _cap_used(self, cap: FrequencyCap, who: str | None, counted: Sequence[Encounter]) -> Iterator[Alert]:
        done: dict[tuple[int, int], list[Encounter]] = defaultdict(list)
        hoped: dict[tuple[int, int], list[Encounter]] = defaultdict(list)
        sure: dict[tuple[int, int], list[Encounter]] = defaultdict(list)
        scheduled = [e for e in counted if e.source is Source.SCHEDULED_VISIT]
        for e in counted:
            keys = self._keys_of(e, cap.period)
            for key in keys:
                (done if e.is_fixed else hoped)[key].append(e)
            if not e.is_fixed and len(keys) == 1 and not any(e.may_join(v) for v in scheduled):
                sure[keys[0]].append(e)
        for key in sorted(done.keys() | hoped.keys()):
            # Plan items of a period may share one visit, so they are sure to take one and no more.
            least, most = len(done[key]) + bool(sure[key]), len(done[key]) + bool(hoped[key])
            reached = [pair for pair in self._shares if most >= pair[0] * cap.max_visits - ROUNDING]
            certain = [pair for pair in reached if least and least >= pair[0] * cap.max_visits - ROUNDING]
            if certain:
                yield self._cap_alert(cap, who, key, certain[-1][1], (done[key], sure[key]), certain=True)
            if len(reached) > len(certain):
                yield self._cap_alert(cap, who, key, reached[-1][1], (done[key], hoped[key]), certain=False)

    def _cap_alert(
        self,
        cap: FrequencyCap,
        who: str | None,
        key: tuple[int, int],
        rule: AlertRule,
        use: tuple[list[Encounter], list[Encounter]],
        *,
        certain: bool,
    ) -> Alert:
        done, hoped = use
        past = sum(e.source is Source.RECORDED_VISIT for e in done)
        everybody = {a for e in (*done, *hoped) for a in e.counted_ids}
        facts = {
            "scope": cap.scope.value,
            "limit": cap.max_visits,
            "past": past,
            "scheduled": len(done) - past,
            "planned": int(bool(hoped)),
            "used": len(done) + bool(hoped),
            "share": f"{rule.share:.0%}",
        }
        whose = everybody if who is None else (who,)
        period = period_name(cap.period, key)
        return self._alert(rule, (*done, *hoped), "cap", facts, certain=certain, authority_ids=whose, period=period)

    def _keys_of(self, e: Encounter, period: Period) -> list[tuple[int, int]]:
        """Return the periods that an encounter may fall in, in order of time."""
        first, last = self._key(e.first_day, period), self._key(e.last_day, period)
        if first == last:
            return [first]
        days = self._grid.days_of(self._grid.between(e.first_day, e.last_day))
        return sorted({self._key(d, period) for d in days} | {first, last})

    def _key(self, day: int, period: Period) -> tuple[int, int]:
        found = self._keys.get((day, period))
        if found is None:
            found = self._keys[day, period] = period_key(day, period)
        return found


def _largest_meeting(planned: Sequence[Encounter], seats: int | None) -> tuple[int, int, Sequence[Encounter]]:
    """Return the most officers of `seats` authorities with plan items on one day, the first such day, and its items."""
    best: tuple[int, int, Sequence[Encounter]] = (0, 0, ())
    for day in sorted({e.first_day for e in planned}):
        group = [e for e in planned if e.first_day <= day <= e.last_day]
        officers: dict[tuple[str, ...], int] = {}
        for e in group:
            officers[e.authority_ids] = max(e.officers, officers.get(e.authority_ids, 0))
        total = sum(sorted(officers.values(), reverse=True)[:seats])
        if total > best[0]:
            best = total, day, group
    return best


_ALL_TOGETHER = Text("各部门合计", "all authorities together")
_REACHED = {True: Text("达到{share}", "{share} reached"), False: Text("可能达到{share}", "{share} may be reached")}
_SAID = {
    "again": Text(
        "{enterprise}在{first}和{second}两次入企，相隔{gap}天，不足{days}个自然日（{authorities}）。",
        "{enterprise}: visits on {first} and {second}, {gap} day(s) apart, fewer than {days} ({authorities}).",
    ),
    "item_again": Text(
        "{enterprise}：计划项{item}（{first}至{last}）无论排在哪天，与{visits}的入企相隔都不足{days}个自然日（{authorities}）。",
        "{enterprise}: plan item {item} ({first} to {last}) comes fewer than {days} days from visits on {visits}, "
        "whatever its date ({authorities}).",
    ),
    "item_may_again": Text(
        "{enterprise}：计划项{item}（{first}至{last}）与{visits}的入企可能相隔不足{days}个自然日，排在{free}则不会（{authorities}）。",
        "{enterprise}: plan item {item} ({first} to {last}) may come fewer than {days} days from visits on {visits}; "
        "on {free} it would not ({authorities}).",
    ),
    "crowd": Text(
        "{enterprise}在{on}同时有{officers}名执法人员，超过{limit}名（{authorities}）。",
        "{enterprise}: {officers} officers at once on {on}, more than {limit} ({authorities}).",
    ),
    "past_crowd": Text(
        "{enterprise}在{on}有{authorities}入企，如同时到场至少{officers}名执法人员，超过{limit}名。",
        "{enterprise}: on {on} {authorities} came, if all at once at least {officers} officers, more than {limit}.",
    ),
    "item_crowd": Text(
        "{enterprise}：计划项{item}需要{officers}名执法人员，超过{limit}名（{authorities}）。",
        "{enterprise}: plan item {item} needs {officers} officers, more than {limit} ({authorities}).",
    ),
    "items_crowd": Text(
        "{enterprise}：{items}个计划项如在{on}合并入企，将同时有{officers}名执法人员，超过{limit}名（{authorities}）。",
        "{enterprise}: {items} plan items, if merged on {on}, bring {officers} officers, more than {limit} "
        "({authorities}).",
    ),
    "cap": Text(
        "{enterprise}：{who}在{period}的入企上限{limit}次，已发生{past}次，已排程{scheduled}次，计划{planned}次，{reached}。",
        "{enterprise}: of {limit} visit(s) by {who} in {period}, {past} past, {scheduled} scheduled, {planned} "
        "planned; {reached}.",
    ),
}


def alert_sentence(alert: Alert, lang: Lang) -> str:
    """Return one sentence with the enterprise, the authorities, dates and figures of an alert."""
    facts = dict(alert.facts) | {"period": alert.period or ""}
    facts["authorities"] = facts["authorities"].replace(";", "、" if lang == "zh" else ", ")
    facts["who"] = _ALL_TOGETHER.say(lang) if facts.get("scope") == CapScope.ENTERPRISE else facts["authorities"]
    facts["reached"] = _REACHED[alert.certain].say(lang, share=facts.get("share", ""))
    return _SAID[facts["form"]].say(lang, **facts)
