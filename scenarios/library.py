"""Ready scenarios that fit any case: each is made from the base, because crews, dates and bodies are its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from scenarios.edits.crews import Crews
from scenarios.edits.days import Dates
from scenarios.edits.demand import Demand, VisitEvery
from scenarios.edits.quiet import Quiet
from scenarios.edits.rules import Visit
from scenarios.edits.scheme import STREET, Delegate, MergeStreets, NoMerging, could_merge
from scenarios.edits.selecting import Items
from scenarios.scenario import Scenario, Title
from scheduler.domain.plans import Trigger
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Text
from scheduler.travel import distance_km

MOST_AUTHORITIES = 3
QUIET_DAYS = "monthly:1-25"
LEADS = (Trigger.CASE, Trigger.FOLLOW_UP)
OWN_BODY = "STREET-BODY"
"""A street body that a case without one gets for the delegation of powers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A ready scenario, or a family of them.

    Parameters
    ----------
    make : returns the scenarios for a base; none where they make no sense there, for the reason `needs`.
    """

    name: str
    about: Text
    needs: Text
    make: Callable[[PlanningSnapshot], Sequence[Scenario]]


def _one(name: str, zh: str, en: str, *edits: object) -> tuple[Scenario, ...]:
    return (Scenario.model_validate({"name": name, "title": Title(zh=zh, en=en), "edit": edits}),)


def _today(s: PlanningSnapshot) -> Sequence[Scenario]:
    if not could_merge(s):
        return ()
    return _one("today", "现行做法：各部门单独入企", "today's practice: every authority alone", NoMerging())


def _quiet(s: PlanningSnapshot) -> Sequence[Scenario]:
    return _one(
        "quiet-1-25",
        "每月1至25日安静期（个案与复查除外）",
        "quiet days 1 to 25 of each month (cases and follow-ups excepted)",
        Quiet(rule=QUIET_DAYS, exempt_triggers=LEADS),
    )


def _crews(change: int) -> Callable[[PlanningSnapshot], Sequence[Scenario]]:
    word, zh, en = ("fewer", "少", "fewer") if change < 0 else ("more", "多", "more")

    def make(s: PlanningSnapshot) -> Sequence[Scenario]:
        there = sorted({p.authority_id for p in s.crew_pools if p.crews})
        return tuple(
            _one(
                f"crew-{word}.{_plain(a)}",
                f"{a}{zh}一个班组",
                f"{a}: one crew {en}",
                Crews(authority=a, area=_largest_area(s, a), change=change),
            )[0]
            for a in there
        )

    return make


def _largest_area(s: PlanningSnapshot, authority: str) -> str:
    """Return the area in which an authority has most crews over the horizon, the first of equal ones."""
    there: Counter[str] = Counter()
    for p in s.crew_pools:
        if p.authority_id == authority:
            there[p.area_id] += p.crews * sum(
                p.holds_on(d, h.shift_id) for d in s.calendar.days for h in s.calendar.shifts
            )
    return min(there, key=lambda a: (-there[a], a))


def _three(s: PlanningSnapshot) -> Sequence[Scenario]:
    return _one(
        "three-authorities",
        f"每次入企至多{MOST_AUTHORITIES}个部门",
        f"at most {MOST_AUTHORITIES} authorities a visit",
        Visit(max_authorities=MOST_AUTHORITIES),
    )


def _half_year(s: PlanningSnapshot) -> Sequence[Scenario]:
    return _one(
        "half-year",
        "每半年一次，而非每季度一次",
        "one visit a half-year, not a quarter",
        VisitEvery(period="half_year"),
    )


def _typhoon(s: PlanningSnapshot) -> Sequence[Scenario]:
    """Close the calendar week (Monday to Sunday) in which the middle inspection date of the horizon lies."""
    if not s.calendar.days:
        return ()
    middle = s.calendar.days[len(s.calendar.days) // 2]
    monday = middle - date.fromordinal(middle).weekday()
    first, last = (
        date.fromordinal(d).isoformat() for d in (max(monday, s.calendar.start), min(monday + 6, s.calendar.end))
    )
    return _one(
        "typhoon-week", "台风停检一周", "a typhoon week without inspections", Dates(close=(f"{first}..{last}",))
    )


def _complaints(s: PlanningSnapshot) -> Sequence[Scenario]:
    if not any(i.trigger is Trigger.CASE for i in s.items):
        return ()
    edit = Demand(items=Items(trigger=Trigger.CASE), factor=2)
    return _one("complaints-doubled", "投诉举报等个案检查翻倍", "twice as many cases (complaints, referrals)", edit)


def _merge(s: PlanningSnapshot) -> Sequence[Scenario]:
    """Merge the two streets of one district whose offices are nearest to each other."""
    pairs = [
        (distance_km((a.lon, a.lat), (b.lon, b.lat)), a.street_id, b.street_id)
        for a, b in combinations(s.streets, 2)
        if a.district_id == b.district_id
    ]
    if not pairs:
        return ()
    _, a, b = min(pairs)
    return _one("streets-merged", f"{b}并入{a}", f"{b} merged into {a}", MergeStreets(streets=(a, b)))


def _delegation(s: PlanningSnapshot) -> Sequence[Scenario]:
    """Delegate the items of the authority above the streets that has most of them."""
    own = {a.authority_id for a in s.authorities if a.level == STREET}
    counts = Counter(i.authority_id for i in s.items if i.authority_id not in own)
    if not counts:
        return ()
    most = min(counts, key=lambda a: (-counts[a], a))
    streets = {t.street_id for t in s.streets}
    if any(p.authority_id in own and p.area_id in streets for p in s.crew_pools):
        edit = Delegate(items=Items(authority=most), to=STREET)
    else:
        edit = Delegate(items=Items(authority=most), to=OWN_BODY, name="街道综合行政执法队", crews=1)
    zh = f"{most}的事项委托街道" + ("" if edit.to == STREET else "（每街道新设1个班组）")
    en = f"powers of {most} delegated to the streets" + ("" if edit.to == STREET else " (one new crew each)")
    return _one("delegation", zh, en, edit)


def _caravan(s: PlanningSnapshot) -> Sequence[Scenario]:
    return _one("caravan", "联合检查组全程同行", "crews ride together all shift (caravan)", Visit(crews="caravan"))


_ALWAYS = Text("", "")
LIBRARY: Mapping[str, Entry] = {
    e.name: e
    for e in (
        Entry(
            name="today",
            about=Text("现行做法（不合并）", "today's practice (no merging)"),
            needs=Text("需要有两个部门的事项的企业", "it needs an enterprise with items of two authorities"),
            make=_today,
        ),
        Entry(name="caravan", about=Text("全程同行", "crews ride together"), needs=_ALWAYS, make=_caravan),
        Entry(name="quiet-1-25", about=Text("每月1至25日安静", "quiet days 1 to 25"), needs=_ALWAYS, make=_quiet),
        Entry(
            name="crew-fewer",
            about=Text("每个部门各少一个班组（每部门一个方案）", "one crew fewer, a scenario for each authority"),
            needs=Text("需要班组", "it needs crews"),
            make=_crews(-1),
        ),
        Entry(
            name="crew-more",
            about=Text("每个部门各多一个班组（每部门一个方案）", "one crew more, a scenario for each authority"),
            needs=Text("需要班组", "it needs crews"),
            make=_crews(1),
        ),
        Entry(
            name="three-authorities",
            about=Text("每次至多三个部门", "at most three authorities a visit"),
            needs=_ALWAYS,
            make=_three,
        ),
        Entry(name="half-year", about=Text("半年一次", "a half-year, not a quarter"), needs=_ALWAYS, make=_half_year),
        Entry(
            name="typhoon-week",
            about=Text("台风停检一周", "a week without inspections"),
            needs=Text("需要检查日", "it needs inspection dates"),
            make=_typhoon,
        ),
        Entry(
            name="complaints-doubled",
            about=Text("个案检查翻倍", "twice as many cases"),
            needs=Text("需要个案检查事项", "it needs items with trigger case"),
            make=_complaints,
        ),
        Entry(
            name="streets-merged",
            about=Text("两个街道合并", "two streets merged"),
            needs=Text("需要同一区的两个街道", "it needs two streets of one district"),
            make=_merge,
        ),
        Entry(
            name="delegation",
            about=Text("权力下放街道", "powers delegated to streets"),
            needs=Text("需要街道以上部门的事项", "it needs items of an authority above the streets"),
            make=_delegation,
        ),
    )
}
"""All ready scenarios by name."""


def _plain(name: str) -> str:
    """Return a name with what no scenario's name may hold replaced."""
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
