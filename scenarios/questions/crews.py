"""How many crews, of which authority and where, would serve everything; and what one crew more is worth.

Prices come from the bound on the weight that crews have time for (`solver.bound.capacity`): the dual prices of the
pools say by how much one crew more raises the bound, which is what it can bring at most. Every price that is told is
confirmed by planning again with that crew, and so is the answer as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.edits.crews import Crews
from scenarios.questions.trial import Effort, Plan, edited_by, plan_all, planned
from scheduler.availability import Availability
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.schedule import ReasonCode
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
"""Rounds of adding crews, and of taking one away again, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewWorth:
    """What one crew more of an authority in an area, on every date and shift, would bring.

    Parameters
    ----------
    price : by how much weight it raises the bound on what can be served: it can bring no more.
    gained : weight that planning again with it served more than without; ``None`` where that was not tried.
    """

    authority_id: str
    area_id: str
    price: float
    gained: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewsNeeded:
    """How many crews would serve everything that any number of crews can serve.

    Parameters
    ----------
    unserved, lost : weight unserved by the base's plan, and of it what no crews can serve (caps, windows, closures).
    proven : weight unserved at least, whatever the plan with the present crews.
    worth : by authority and area, the highest price first; none where crews are not what is short.
    more : (authority, area, crews more), confirmed: a plan that keeps every rule serves all but `lost` with them.
    complete : such a plan was found; else `more` is what was tried last, with weight `left` that it leaves out.
    least : no crew of `more` can be spared: planning again with one fewer served less, for each of them.
    """

    unserved: int
    lost: int
    proven: int
    worth: tuple[CrewWorth, ...]
    more: tuple[tuple[str, str, int], ...]
    complete: bool
    left: int
    least: bool

    def sentences(self, lang: Lang) -> list[str]:
        """Return the answer in words."""
        out = [_BASE.say(lang, unserved=self.unserved, lost=self.lost, proven=self.proven)]
        if self.unserved <= self.lost:
            return [*out, _ENOUGH.say(lang)]
        for w in self.worth:
            if w.gained is not None:
                out.append(_WORTH.say(lang, authority=w.authority_id, area=w.area_id, price=w.price, gained=w.gained))
        what = ("、" if lang == "zh" else ", ").join(f"{a} {area} +{n}" for a, area, n in self.more)
        out.append((_SERVES if self.complete else _NOT_YET).say(lang, what=what, left=self.left))
        if self.complete:
            out.append((_LEAST if self.least else _MAY_BE_FEWER).say(lang))
        return out


_BASE = Text(
    "现有班组下未安排权重{unserved:,}，其中{lost:,}与班组数量无关（频次、时限、停业等），班组不变时至少{proven:,}。",
    "with the present crews weight {unserved:,} is unserved; {lost:,} of it no crews could serve (caps, windows, "
    "closures), and with these crews it is at least {proven:,}.",
)
_ENOUGH = Text("班组足够：再增加班组也不能多安排。", "crews suffice: no more of them would serve more.")
_WORTH = Text(
    "{authority}在{area}增加一个班组：至多多安排权重{price:,.0f}，重新排程实得{gained:,}。",
    "one crew more of {authority} in {area}: it can bring {price:,.0f} at most; planned again it brought {gained:,}.",
)
_SERVES = Text(
    "增加{what}即可全部安排，已重新排程证实。", "{what} would serve everything; confirmed by planning again."
)
_NOT_YET = Text(
    "增加{what}后仍有权重{left:,}未安排，未能找到全部安排的办法。",
    "with {what} weight {left:,} is still unserved; no way to serve everything was found.",
)
_LEAST = Text("其中任何一个班组都不能省。", "none of them can be spared.")
_MAY_BE_FEWER = Text("也许还能更少。", "fewer may do.")

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
    before, lost, priced, names = _priced(base, port, look)
    outcome = planned(base, effort, watch)
    unserved = outcome.score.unserved_weight
    proven = lost + max(0, before - priced.most)
    if unserved <= lost:
        return CrewsNeeded(
            unserved=unserved, lost=lost, proven=proven, worth=(), more=(), complete=True, left=0, least=True
        )
    places = _places(base, priced, names)
    worth = _confirmed(base, places, unserved, effort, port, watch)
    more = _added(base, outcome, lost, effort, port, look)
    last = planned(edited_by(base, _edits(more)), effort, watch)
    left = last.score.unserved_weight - lost
    least = False
    if left == 0:
        more, least = _spared(base, more, lost, effort, watch)
    return CrewsNeeded(
        unserved=unserved,
        lost=lost,
        proven=proven,
        worth=worth,
        more=tuple((a, area, n) for (a, area), n in sorted(more.items())),
        complete=left == 0,
        left=left,
        least=least,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    authorities: tuple[str, ...]
    streets: tuple[str, ...]
    districts: tuple[str, ...]


def _priced(snapshot: PlanningSnapshot, port: Port, look: Watcher) -> tuple[int, int, PricedWeight, _Names]:
    """Return what enterprises reach alone, what they cannot, and the bound with the prices of crews."""
    availability = Availability(snapshot)
    prepared = prepare(availability, port)
    priced = priced_weight(WeightWork(problem=prepared.problem, evaluations=EVALUATIONS), look)
    districts = tuple(dict.fromkeys(s.district_id for s in snapshot.streets))
    by_number = sorted(
        {int(n): s.district_id for n, s in zip(prepared.problem.street_district, snapshot.streets, strict=True)}.items()
    )
    names = _Names(
        authorities=prepared.index.authority_ids,
        streets=prepared.index.street_ids,
        districts=tuple(d for _, d in by_number) or districts,
    )
    return sum(r.weight for r in prepared.reach), weight_out_of_reach(snapshot, prepared.reach), priced, names


def _places(snapshot: PlanningSnapshot, priced: PricedWeight, names: _Names) -> list[tuple[float, Place]]:
    """Return (price, place) of the areas in which authorities have crews, the highest first."""
    there = {(p.authority_id, p.area_id) for p in snapshot.crew_pools if p.crews}
    found: list[tuple[float, Place]] = []
    for k, authority in enumerate(names.authorities):
        for s, street in enumerate(names.streets):
            found.append((float(priced.own[s, k]), (authority, street)))
        for d, district in enumerate(names.districts):
            found.append((float(priced.district[d, k]), (authority, district)))
        found.append((float(priced.city[k]), (authority, WHOLE_CITY)))
    of_those = [(price, place) for price, place in found if place in there and price > 0.5]
    return sorted(of_those, key=lambda f: (-f[0], f[1]))


def _edits(more: Counter[Place]) -> list[Crews]:
    return [Crews(authority=a, area=area, change=n) for (a, area), n in sorted(more.items()) if n]


def _confirmed(
    base: PlanningSnapshot,
    places: Sequence[tuple[float, Place]],
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
    return (*known, *rest)


def _added(
    base: PlanningSnapshot, outcome: PlanOutcome, lost: int, effort: Effort, port: Port, look: Watcher
) -> Counter[Place]:
    """Return crews more with which a plan serves all but what is lost anyway, or where the rounds ended."""
    more: Counter[Place] = Counter()
    for _ in range(MOST_ROUNDS):
        snapshot = edited_by(base, _edits(more))
        if more:
            outcome = planned(snapshot, effort, look)
        missing = outcome.score.unserved_weight - lost
        if missing <= 0:
            break
        _, _, priced, names = _priced(snapshot, port, look)
        places = _places(base, priced, names)
        if places:
            price, place = places[0]
            more[place] += max(1, int(missing / price / 4))  # a price falls as crews come: never all at once
        else:  # the bound misses nothing, the plan does: crews of those who are left out
            short = _short_of(base, outcome)
            if short is None:
                break
            more[short] += 1
    return more


def _short_of(base: PlanningSnapshot, outcome: PlanOutcome) -> Place | None:
    """Return the authority that leaves out most items for want of crews, and the area where it has most crews."""
    items = {i.item_id: i for i in base.items}
    weights = dict(base.policy.priority_weights)
    missing: Counter[str] = Counter()
    for u in outcome.schedule.unserved:
        if any(r.code in (ReasonCode.CAPACITY, ReasonCode.NO_CREW) for r in u.reasons):
            item = items[u.item_id]
            missing[item.authority_id] += weights[item.priority]
    areas: dict[str, Counter[str]] = {}
    for p in base.crew_pools:
        areas.setdefault(p.authority_id, Counter())[p.area_id] += p.crews
    for authority, _ in sorted(missing.items(), key=lambda m: (-m[1], m[0])):
        if areas.get(authority):
            there = areas[authority]
            return authority, min(there, key=lambda a: (-there[a], a))
    return None


def _spared(
    base: PlanningSnapshot, more: Counter[Place], lost: int, effort: Effort, watch: Watcher | None
) -> tuple[Counter[Place], bool]:
    """Return the crews without those that can be spared, and whether every other was tried."""
    kept = Counter(more)
    rounds = 0
    for place in sorted(more):
        while kept[place]:
            rounds += 1
            if rounds > MOST_ROUNDS:
                return +kept, False
            fewer = Counter(kept)
            fewer[place] -= 1
            if planned(edited_by(base, _edits(fewer)), effort, watch).score.unserved_weight > lost:
                break
            kept = fewer
    return +kept, True
