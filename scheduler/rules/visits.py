"""Rules of a visit on its own: R01 to R12, R33."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import QuietPeriod, QuietScope
from scheduler.ledger import Ledger
from scheduler.rules.rule import Fault, at, fault, on_day, rule
from scheduler.texts import Text


@rule(
    "R01",
    Text("检查日", "inspection date"),
    Text("入企须在检查日、且在本案的班次内。", "A visit lies on an inspection date and in a shift of the case."),
)
def inspection_date(ledger: Ledger) -> Iterator[Fault]:
    """R01: the date is one of the calendar's days and the shift exists."""
    days = frozenset(ledger.snapshot.calendar.days)
    for entry in ledger.visits:
        v = entry.visit
        if v.day not in days:
            yield fault(
                "入企{id}排在{day}，该日不是检查日。",
                "Visit {id} is on {day}, which is not an inspection date.",
                v.visit_id,
                day=on_day(v.day),
            )
        if v.shift_id not in ledger.shifts:
            yield fault(
                "入企{id}的班次{shift}不存在。",
                "Visit {id} is in shift {shift}, which does not exist.",
                v.visit_id,
                shift=v.shift_id,
            )


@rule(
    "R02",
    Text("事项", "items"),
    Text(
        "每次入企至少办一项，事项须属于该企业且只办一次。",
        "A visit serves at least one item; every item is known, of the visited enterprise, and served at most once.",
    ),
)
def items_once(ledger: Ledger) -> Iterator[Fault]:
    """R02: ids resolve, nothing is served twice or at another enterprise, no visit is empty."""
    met: dict[str, str] = {}
    visits: set[str] = set()
    for entry in ledger.visits:
        v = entry.visit
        if v.visit_id in visits:
            yield fault("入企{id}出现两次。", "Visit {id} occurs twice.", v.visit_id)
        visits.add(v.visit_id)
        if entry.enterprise is None:
            yield fault(
                "入企{id}的企业{who}不存在。",
                "Visit {id} is at enterprise {who}, which does not exist.",
                v.visit_id,
                who=v.enterprise_id,
            )
        if not v.item_ids:
            yield fault("入企{id}没有办理任何事项。", "Visit {id} serves nothing.", v.visit_id)
        for item_id in v.item_ids:
            item = ledger.items.get(item_id)
            if item is None:
                yield fault("事项{id}不存在。", "Item {id} does not exist.", item_id, v.visit_id)
            elif item.enterprise_id != v.enterprise_id:
                yield fault(
                    "事项{id}属于企业{owner}，却排在{visit}。",
                    "Item {id} is of enterprise {owner}, but is served in {visit}.",
                    item_id,
                    v.visit_id,
                    owner=item.enterprise_id,
                    visit=v.visit_id,
                )
            if item_id in met:
                yield fault(
                    "事项{id}在{first}和{visit}中重复办理。",
                    "Item {id} is served in {first} and in {visit}.",
                    item_id,
                    first=met[item_id],
                    visit=v.visit_id,
                )
            met[item_id] = v.visit_id


@rule(
    "R03",
    Text("时间窗", "window"),
    Text("事项须在最早日期至最晚日期内办理。", "An item is served from its earliest to its latest date."),
)
def window(ledger: Ledger) -> Iterator[Fault]:
    """R03: ``earliest <= day <= latest``."""
    for entry in ledger.visits:
        for item in entry.items:
            if not item.earliest <= entry.visit.day <= item.latest:
                yield fault(
                    "事项{id}应在{first}至{last}办理，却排在{day}。",
                    "Item {id} may be served from {first} to {last}, but is served on {day}.",
                    item.item_id,
                    entry.visit.visit_id,
                    first=on_day(item.earliest),
                    last=on_day(item.latest),
                    day=on_day(entry.visit.day),
                )


@rule(
    "R04",
    Text("停业日", "closure"),
    Text("企业停业的日期和星期不入企。", "Nobody enters on a date or weekday on which the enterprise is closed."),
)
def closure(ledger: Ledger) -> Iterator[Fault]:
    """R04: neither the date nor the weekday is one on which the enterprise is closed."""
    for entry in ledger.visits:
        e, day = entry.enterprise, entry.visit.day
        if e is None or not entry.items or not (e.closed_days or e.closed_weekdays):
            continue
        if day in e.closed_days or date.fromordinal(day).isoweekday() in e.closed_weekdays:
            yield fault(
                "企业{who}在{day}停业，却排了入企{id}。",
                "Enterprise {who} is closed on {day}, the day of visit {id}.",
                entry.visit.visit_id,
                who=e.enterprise_id,
                day=on_day(day),
            )


def covers(quiet: QuietPeriod, enterprise: Enterprise) -> bool:
    """Say whether a quiet period covers an enterprise."""
    if quiet.scope is QuietScope.ALL:
        return True
    of_scope = {
        QuietScope.STREET: enterprise.street_id,
        QuietScope.ENTERPRISE: enterprise.enterprise_id,
        QuietScope.INDUSTRY: enterprise.industry,
        QuietScope.CREDIT_CLASS: enterprise.credit_class,
    }
    return quiet.target is not None and of_scope[quiet.scope] == quiet.target


@rule(
    "R05",
    Text("安静期", "quiet period"),
    Text(
        "安静期内不入企，触发类型获豁免的除外。",
        "No item is served in a quiet period that does not exempt its trigger.",
    ),
)
def quiet_period(ledger: Ledger) -> Iterator[Fault]:
    """R05: no quiet period of the enterprise holds on the day, unless it exempts the item's trigger."""
    stopping: dict[int, list[QuietPeriod]] = {}
    for entry in ledger.visits:
        e, day = entry.enterprise, entry.visit.day
        if day not in stopping:
            stopping[day] = [q for q in ledger.snapshot.policy.quiet_periods if q.holds_on(day)]
        if e is None or not stopping[day]:
            continue
        stops: dict[Trigger, bool] = {}
        for item in entry.items:
            if item.trigger not in stops:
                hit = (item.trigger not in q.exempt_triggers and covers(q, e) for q in stopping[day])
                stops[item.trigger] = any(hit)
            if stops[item.trigger]:
                yield fault(
                    "{day}处于企业{who}的安静期，事项{id}不能办理。",
                    "{day} lies in a quiet period of enterprise {who} that stops item {id}.",
                    item.item_id,
                    entry.visit.visit_id,
                    who=e.enterprise_id,
                    day=on_day(day),
                )


@rule(
    "R06",
    Text("告知方式", "notice"),
    Text("事先告知与不告知的事项不同次入企。", "Announced and unannounced items never share a visit."),
)
def notice(ledger: Ledger) -> Iterator[Fault]:
    """R06: the items of a visit are all announced or all unannounced."""
    for entry in ledger.visits:
        if len({item.notice for item in entry.items}) > 1:
            yield fault(
                "入企{id}混合了事先告知与不告知的事项。",
                "Visit {id} mixes announced and unannounced items.",
                entry.visit.visit_id,
            )


@rule(
    "R07",
    Text("参与部门", "authorities"),
    Text("入企的部门恰为其事项的部门。", "The authorities of a visit are exactly those of its items."),
)
def authorities(ledger: Ledger) -> Iterator[Fault]:
    """R07: the authorities of a visit are those of its items."""
    for entry in ledger.visits:
        if set(entry.visit.authority_ids) != entry.parts.keys():
            yield fault(
                "入企{id}列出部门{listed}，事项所属部门为{due}。",
                "Visit {id} lists authorities {listed}, its items are of {due}.",
                entry.visit.visit_id,
                listed=", ".join(entry.visit.authority_ids) or "-",
                due=", ".join(sorted(entry.parts)) or "-",
            )


@rule(
    "R08",
    Text("入企时长", "visit length"),
    Text(
        "入企时长不短于最长的一方，也不超过其加上可延长的分钟数。",
        "A visit lasts at least its longest part, and at most stretch_min longer.",
    ),
)
def visit_length(ledger: Ledger) -> Iterator[Fault]:
    """R08: ``longest <= end - start <= longest + stretch_min``."""
    stretch = ledger.snapshot.policy.visit.stretch_min
    for entry in ledger.visits:
        length, longest = entry.visit.end - entry.visit.start, entry.longest_part
        if not longest <= length <= longest + stretch:
            yield fault(
                "入企{id}时长{length}分钟，最长一方{longest}分钟，至多延长{stretch}分钟。",
                "Visit {id} lasts {length} min; its longest part is {longest} min, with at most {stretch} min more.",
                entry.visit.visit_id,
                length=length,
                longest=longest,
                stretch=stretch,
            )


@rule(
    "R09",
    Text("营业时间", "opening hours"),
    Text("入企须在企业营业时间内。", "A visit lies inside the opening hours of its enterprise."),
)
def opening_hours(ledger: Ledger) -> Iterator[Fault]:
    """R09: ``open_from <= start`` and ``end <= open_to``, where given."""
    for entry in ledger.visits:
        v, e = entry.visit, entry.enterprise
        if e is None:
            continue
        early = e.open_from is not None and v.start < e.open_from
        late = e.open_to is not None and v.end > e.open_to
        if early or late:
            yield fault(
                "入企{id}为{start}至{end}，企业营业时间为{opens}至{closes}。",
                "Visit {id} is from {start} to {end}, the enterprise is open from {opens} to {closes}.",
                v.visit_id,
                start=at(v.start),
                end=at(v.end),
                opens=at(e.open_from or 0),
                closes=at(1440 if e.open_to is None else e.open_to),
            )


@rule(
    "R10",
    Text("最长入企时长", "longest visit"),
    Text("入企时长不超过上限。", "A visit is no longer than the longest visit allowed."),
)
def longest_visit(ledger: Ledger) -> Iterator[Fault]:
    """R10: ``end - start <= max_visit_min``, when there is a limit."""
    limit = ledger.snapshot.policy.visit.max_visit_min
    for entry in ledger.visits if limit is not None else ():
        length = entry.visit.end - entry.visit.start
        if limit is not None and length > limit:
            yield fault(
                "入企{id}时长{length}分钟，上限{limit}分钟。",
                "Visit {id} lasts {length} min, at most {limit} min are allowed.",
                entry.visit.visit_id,
                length=length,
                limit=limit,
            )


@rule(
    "R11",
    Text("现场人数", "officers on site"),
    Text("同次入企的执法人员不超过上限。", "The officers of a visit are no more than the limit on site."),
)
def officers_on_site(ledger: Ledger) -> Iterator[Fault]:
    """R11: two officers for every crew of every authority are at most `max_officers`, when there is a limit."""
    limit = ledger.snapshot.policy.visit.max_officers
    for entry in ledger.visits if limit is not None else ():
        officers = OFFICERS_PER_CREW * sum(entry.crews.values())
        if limit is not None and officers > limit:
            yield fault(
                "入企{id}有{officers}名执法人员，上限{limit}名。",
                "Visit {id} puts {officers} officers on site, at most {limit} are allowed.",
                entry.visit.visit_id,
                officers=officers,
                limit=limit,
            )


@rule(
    "R12",
    Text("街道", "street"),
    Text("入企属于企业所在街道。", "A visit is in its enterprise's street."),
)
def right_street(ledger: Ledger) -> Iterator[Fault]:
    """R12: the visit's street is the enterprise's."""
    for entry in ledger.visits:
        v, e = entry.visit, entry.enterprise
        if e is not None and v.street_id != e.street_id:
            yield fault(
                "入企{id}排在街道{street}，企业在街道{right}。",
                "Visit {id} is in street {street}, its enterprise in street {right}.",
                v.visit_id,
                street=v.street_id,
                right=e.street_id,
            )


@rule(
    "R33",
    Text("部门数上限", "authorities of a visit"),
    Text("同次入企的部门不超过上限。", "The authorities of a visit are no more than the limit."),
)
def authorities_of_visit(ledger: Ledger) -> Iterator[Fault]:
    """R33: the authorities of a visit's items are at most `max_authorities`, when there is a limit."""
    limit = ledger.snapshot.policy.visit.max_authorities
    for entry in ledger.visits if limit is not None else ():
        if limit is not None and len(entry.parts) > limit:
            yield fault(
                "入企{id}有{count}个部门（{who}），上限{limit}个。",
                "{count} authorities take part in visit {id} ({who}), at most {limit} may.",
                entry.visit.visit_id,
                count=len(entry.parts),
                who=", ".join(sorted(entry.parts)),
                limit=limit,
            )
