"""The smallest number of joint days for the present demand: joint days decided right after what is served."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from scenarios.edits.rules import StreetLimits, Tiers
from scenarios.questions.trial import Effort, Plan, edited_by, plan_all, planned
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.outcome import PlanOutcome
from scheduler.texts import Lang, Text
from solver.limits import Watcher
from solver.parallel import InProcess, Port

ORDER = ("unserved_weight", "joint_days", "doors", "crew_shifts", "travel_min")


@dataclass(frozen=True, slots=True, kw_only=True)
class FewestDays:
    """Joint days with the terms in their own order, and when they come right after unserved weight.

    Parameters
    ----------
    now, fewest : joint days of the two plans.
    bound : no plan that serves as much has fewer.
    streets : (street, days now, days fewest).
    crew_shifts, doors, unserved : (now, with fewest days).
    """

    now: int
    fewest: int
    bound: int
    streets: tuple[tuple[str, int, int], ...]
    crew_shifts: tuple[int, int]
    doors: tuple[int, int]
    unserved: tuple[int, int]

    def sentences(self, lang: Lang) -> list[str]:
        """Return the answer in words."""
        return [
            _DAYS.say(lang, fewest=self.fewest, now=self.now, bound=self.bound),
            _PRICE.say(
                lang,
                crews=self.crew_shifts[1] - self.crew_shifts[0],
                doors=self.doors[1] - self.doors[0],
                unserved=self.unserved[1] - self.unserved[0],
            ),
        ]


_DAYS = Text(
    "现有需求可在{fewest}个联合检查日内安排（按现行目标次序为{now}个；已证明至少{bound}个）。",
    "a plan serves the present demand on {fewest} joint days (in the order of terms as it is: {now}; {bound} at least, "
    "proven).",
)
_PRICE = Text(
    "代价：班组班次{crews:+,}，入企次数{doors:+,}，未安排权重{unserved:+,}。",
    "its price: crew shifts {crews:+,}, doors {doors:+,}, unserved weight {unserved:+,}.",
)


def fewest_joint_days(
    base: PlanningSnapshot, effort: Effort, *, port: Port | None = None, watch: Watcher | None = None
) -> FewestDays:
    """Return the fewest joint days found for the present demand, with what is proven and what it costs.

    After the plan in which joint days come right after unserved weight, streets are allowed one joint day a month less
    (R30) for as long as a plan still serves as much and has fewer: a limit steers the search where an order of terms
    alone does not.
    """
    port = port or InProcess(1)
    ordered = [] if base.policy.tiers == ORDER else [Tiers(order=ORDER)]
    works = [Plan(snapshot=s, effort=effort, bounds=True) for s in (base, edited_by(base, ordered))]
    now, fewest = plan_all(works, port, watch)
    bound = fewest.bounds["joint_days"] or 0
    most = min(now.score.unserved_weight, fewest.score.unserved_weight)
    while (limit := _most_in_a_month(fewest) - 1) > 0:
        edits = [*ordered, StreetLimits(max_days=limit)]
        tighter = planned(edited_by(base, edits), effort, watch)
        if tighter.score.unserved_weight > most or tighter.score.joint_days >= fewest.score.joint_days:
            break
        fewest = tighter

    def days(k: int) -> Counter[str]:
        visits = (now, fewest)[k].schedule.visits
        return Counter(street for street, _ in {(v.street_id, v.day) for v in visits})

    a, b = now.score, fewest.score
    was, are = days(0), days(1)
    return FewestDays(
        now=a.joint_days,
        fewest=b.joint_days,
        bound=bound,
        streets=tuple((s.street_id, was[s.street_id], are[s.street_id]) for s in base.streets),
        crew_shifts=(a.crew_shifts, b.crew_shifts),
        doors=(a.doors, b.doors),
        unserved=(a.unserved_weight, b.unserved_weight),
    )


def _most_in_a_month(outcome: PlanOutcome) -> int:
    """Return the joint days of the street and month with most of them."""
    days = {(v.street_id, v.day) for v in outcome.schedule.visits}
    return max(Counter((street, period_key(day, Period.MONTH)) for street, day in days).values(), default=0)
