"""How many crews, of which authority and where, would serve everything; and what one crew more is worth.

Prices come from the bound on the weight that crews have time for (`solver.bound.capacity`): the dual prices of the
pools say by how much one crew more raises the bound. They are a guide: a crew on a date that had none brings more.
Prices that are told are confirmed by planning again with that crew, and so is the answer as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from scenarios.edits.crews import Crews
from scenarios.questions.trial import Effort, Plan, edited_by, lost_anyway, plan_all, planned
from scheduler.availability import Availability
from scheduler.capacity import crew_shifts_at_work
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.outcome import PlanOutcome
from scheduler.planning.prepare import prepare, weight_out_of_reach
from scheduler.texts import Lang, Text
from solver.bound.capacity import PricedWeight, WeightWork, priced_weight
from solver.limits import Watcher
from solver.parallel import InProcess, Port

EVALUATIONS = 300
"""Evaluations of the prices."""

CONFIRMED = 12
"""Prices that are confirmed by planning again, the highest ones."""

MOST_ROUNDS = 60
"""Rounds of adding crews, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewWorth:
    """What one crew more of an authority in an area, on every date and shift, would bring.

    Parameters
    ----------
    price : by how much weight it raises the bound on what the present dates allow to be served; ``None`` where the
        bound knows no price, because items lack a crew on all their dates.
    gained : weight that planning again with it served more than without; ``None`` where that was not tried.
    """

    authority_id: str
    area_id: str
    price: float | None
    gained: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewsNeeded:
    """How many crews would serve everything that any number of crews can serve.

    Parameters
    ----------
    unserved, lost : weight unserved by the base's plan, and of it what no crews can serve (caps, windows, closures).
    proven : weight unserved at least, whatever the plan with the present crews.
    worth : by authority and area, those that brought most first; none where crews are not what is short.
    more : (authority, area, crews more), confirmed: a plan that keeps every rule serves all but `lost` with them.
    complete : such a plan was found; else `more` is what was tried last, with weight `left` that it leaves out.
    """

    unserved: int
    lost: int
    proven: int
    worth: tuple[CrewWorth, ...]
    more: tuple[tuple[str, str, int], ...]
    complete: bool
    left: int

    def sentences(self, lang: Lang) -> list[str]:
        """Return the answer in words."""
        out = [_BASE.say(lang, unserved=self.unserved, lost=self.lost, proven=self.proven)]
        if self.unserved <= self.lost:
            return [*out, _ENOUGH.say(lang)]
        for w in self.worth:
            if w.gained is not None:
                text = _BROUGHT if w.price is None else _WORTH
                out.append(text.say(lang, authority=w.authority_id, area=w.area_id, price=w.price, gained=w.gained))
        what = ("、" if lang == "zh" else ", ").join(f"{a} {area} +{n}" for a, area, n in self.more)
        out.append((_SERVES if self.complete else _NOT_YET).say(lang, what=what, left=self.left))
        if self.complete:
            out.append(_LEAST.say(lang))
        return out


_BASE = Text(
    "现有班组下未安排权重{unserved:,}，其中{lost:,}与班组数量无关（频次、时限、停业等），班组不变时至少{proven:,}。",
    "with the present crews weight {unserved:,} is unserved; {lost:,} of it no crews could serve (caps, windows, "
    "closures), and with these crews it is at least {proven:,}.",
)
_ENOUGH = Text("班组足够：再增加班组也不能多安排。", "crews suffice: no more of them would serve more.")
_WORTH = Text(
    "{authority}在{area}增加一个班组：对偶价格{price:,.0f}，重新排程多安排权重{gained:,}。",
    "one crew more of {authority} in {area}: dual price {price:,.0f}; planned again it brought {gained:,}.",
)
_BROUGHT = Text(
    "{authority}在{area}增加一个班组：重新排程多安排权重{gained:,}。",
    "one crew more of {authority} in {area}: planned again it brought {gained:,}.",
)
_SERVES = Text(
    "增加{what}即可全部安排，已重新排程证实。", "{what} would serve everything; confirmed by planning again."
)
_NOT_YET = Text(
    "增加{what}后仍有权重{left:,}未安排，未能找到全部安排的办法。",
    "with {what} weight {left:,} is still unserved; no way to serve everything was found.",
)
_LEAST = Text(
    "从中减去任何一个，重新排程都未能全部安排；换别的组合也许更少。",
    "with one of them fewer, planning again did not serve everything; another mix may do with fewer.",
)

Place = tuple[str, str]
"""(authority, area)."""


def crews_needed(
    base: PlanningSnapshot, effort: Effort, *, port: Port | None = None, watch: Watcher | None = None
) -> CrewsNeeded:
    """Return what one crew more is worth by authority and area, and how many of them would serve everything.

    Crews are added where their price is highest until neither the bound nor a plan misses anything, then taken away
    again one by one where that costs nothing. The answer is confirmed, and least in that no single crew can be spared;
    another mix of authorities and areas may do with fewer.
    """
    port = port or InProcess(1)
    look = watch or (lambda progress: False)
    plenty = _with_plenty(base)
    lost = lost_anyway(plenty, port)
    priced, out_of_reach, names = _priced(base, port, look)
    outcome = planned(base, effort, watch)
    unserved = outcome.score.unserved_weight
    proven = out_of_reach + priced.short
    if unserved <= lost:
        return CrewsNeeded(unserved=unserved, lost=lost, proven=proven, worth=(), more=(), complete=True, left=0)
    reachable = {i for v in planned(plenty, effort, watch).schedule.visits for i in v.item_ids}
    places: list[tuple[float | None, Place]] = [*_places(base, priced.weight, names)]
    priced_already = {place for _, place in places}
    short = _short_of(base, outcome, reachable)
    places += [(None, place) for place, _ in short.most_common() if place not in priced_already]
    worth = _confirmed(base, places, unserved, effort, port, watch)
    more = _added(base, outcome, lost, reachable, effort, port, look)
    last = planned(edited_by(base, _edits(more)), effort, watch)
    left = last.score.unserved_weight - lost
    if left == 0:
        more = _spared(base, more, lost, effort, watch)
    return CrewsNeeded(
        unserved=unserved,
        lost=lost,
        proven=proven,
        worth=worth,
        more=tuple((a, area, n) for (a, area), n in sorted(more.items())),
        complete=left == 0,
        left=left,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    authorities: tuple[str, ...]
    streets: tuple[str, ...]
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Priced:
    """Prices of one crew more, and the weight within reach that the bound says crews have no time for."""

    weight: PricedWeight
    short: int


def _priced(snapshot: PlanningSnapshot, port: Port, look: Watcher) -> tuple[_Priced, int, _Names]:
    """Return the prices of crews, the weight that no enterprise reaches even alone, and the names of what is priced."""
    prepared = prepare(Availability(snapshot), port)
    weight = priced_weight(WeightWork(problem=prepared.problem, evaluations=EVALUATIONS), look)
    numbers = zip(prepared.problem.street_district.tolist(), snapshot.streets, strict=True)
    names = _Names(
        authorities=prepared.index.authority_ids,
        streets=prepared.index.street_ids,
        districts=tuple(d for _, d in sorted({(n, s.district_id) for n, s in numbers})),
    )
    short = max(0, sum(r.weight for r in prepared.reach) - weight.most)
    return _Priced(weight=weight, short=short), weight_out_of_reach(snapshot, prepared.reach), names


def _with_plenty(base: PlanningSnapshot) -> PlanningSnapshot:
    """Return the case with more crews of every authority than any plan could use, everywhere and always."""
    most = sum(i.crews for i in base.items) or 1
    pools = (CrewPool(authority_id=a.authority_id, area_id=WHOLE_CITY, crews=most) for a in base.authorities)
    return base.replace(crew_pools=(*base.crew_pools, *pools))


def _places(snapshot: PlanningSnapshot, weight: PricedWeight, names: _Names) -> list[tuple[float, Place]]:
    """Return (price, place) of the areas in which authorities have crews, the highest first."""
    there = {(p.authority_id, p.area_id) for p in snapshot.crew_pools if p.crews}
    found: list[tuple[float, Place]] = []
    for k, authority in enumerate(names.authorities):
        for s, street in enumerate(names.streets):
            found.append((float(weight.own[s, k]), (authority, street)))
        for d, district in enumerate(names.districts):
            found.append((float(weight.district[d, k]), (authority, district)))
        found.append((float(weight.city[k]), (authority, WHOLE_CITY)))
    of_those = [(price, place) for price, place in found if place in there and price > 0.5]
    return sorted(of_those, key=lambda f: (-f[0], f[1]))


def _edits(more: Counter[Place]) -> list[Crews]:
    return [Crews(authority=a, area=area, change=n) for (a, area), n in sorted(more.items()) if n]


def _confirmed(
    base: PlanningSnapshot,
    places: Sequence[tuple[float | None, Place]],
    unserved: int,
    effort: Effort,
    port: Port,
    watch: Watcher | None,
) -> tuple[CrewWorth, ...]:
    tried = places[:CONFIRMED]
    works = [Plan(snapshot=edited_by(base, _edits(Counter([place]))), effort=effort) for _, place in tried]
    outcomes = plan_all(works, port, watch)
    gains = [max(0, unserved - o.score.unserved_weight) for o in outcomes]
    known = [
        CrewWorth(authority_id=a, area_id=area, price=price, gained=gain)
        for (price, (a, area)), gain in zip(tried, gains, strict=True)
    ]
    rest = [CrewWorth(authority_id=a, area_id=area, price=price) for price, (a, area) in places[CONFIRMED:]]
    known.sort(key=lambda w: (-(w.gained or 0), w.authority_id, w.area_id))
    return (*known, *rest)


def _added(
    base: PlanningSnapshot,
    outcome: PlanOutcome,
    lost: int,
    reachable: Set[str],
    effort: Effort,
    port: Port,
    look: Watcher,
) -> Counter[Place]:
    """Return crews more with which a plan serves all but what is lost anyway, or where the rounds ended.

    Parameters
    ----------
    reachable : items that a plan with plenty of crews serves.
    """
    more: Counter[Place] = Counter()
    for _ in range(MOST_ROUNDS):
        snapshot = edited_by(base, _edits(more))
        if more:
            outcome = planned(snapshot, effort, look)
        missing = outcome.score.unserved_weight - lost
        if missing <= 0:
            break
        priced, _, names = _priced(snapshot, port, look)
        places = _places(base, priced.weight, names)
        if places and priced.short:
            price, place = places[0]
            # A price falls as crews come: never all at once.
            more[place] += max(1, min(int(missing / price / 4), 2 * more[place]))
        else:  # the bound misses nothing, the plan does: crews of those who are left out
            short = _short_of(base, outcome, reachable)
            if not short:
                break
            more[min(short, key=lambda p: (-short[p], p))] += 1
    return more


def _short_of(base: PlanningSnapshot, outcome: PlanOutcome, reachable: Set[str]) -> Counter[Place]:
    """Return by authority and area the weight left out that would be served with plenty of crews.

    The area is the one with most of its crews that serves the item's street, or the street itself.
    """
    items = {i.item_id: i for i in base.items}
    weights = dict(base.policy.priority_weights)
    street_of = {e.enterprise_id: e.street_id for e in base.enterprises}
    areas_of = {s.street_id: (s.street_id, s.district_id, WHOLE_CITY) for s in base.streets}
    there: Counter[Place] = Counter()
    for pool in base.crew_pools:
        there[pool.authority_id, pool.area_id] += crew_shifts_at_work(pool, base.calendar)
    missing: Counter[Place] = Counter()
    for u in outcome.schedule.unserved:
        if u.item_id in reachable:
            item = items[u.item_id]
            areas = areas_of[street_of[item.enterprise_id]]
            area = max(areas, key=lambda a: (there[item.authority_id, a], -areas.index(a)))
            missing[item.authority_id, area] += weights[item.priority]
    return missing


def _spared(
    base: PlanningSnapshot, more: Counter[Place], lost: int, effort: Effort, watch: Watcher | None
) -> Counter[Place]:
    """Return the crews without those that can be spared, authority by authority, by halving."""
    kept = Counter(more)
    for place in sorted(more):
        enough, too_few = kept[place], -1
        while enough - too_few > 1:
            tried = Counter(kept)
            tried[place] = (enough + too_few) // 2
            if planned(edited_by(base, _edits(tried)), effort, watch).score.unserved_weight > lost:
                too_few = tried[place]
            else:
                enough = tried[place]
        kept[place] = enough
    return +kept
