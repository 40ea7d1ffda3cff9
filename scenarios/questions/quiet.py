"""The break-even of a quiet period: how many quiet days a month cost nothing, and what the next one costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.edits.quiet import Quiet
from scenarios.questions.trial import Effort, Plan, edited_by, plan_all
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.outcome import PlanOutcome
from scheduler.texts import Lang, Text
from solver.limits import Watcher
from solver.parallel import InProcess, Port

MOST_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietLevel:
    """A plan with the days 1 to `days` of every month quiet; `bound` is the least weight that any plan leaves out."""

    days: int
    unserved: int
    bound: int
    doors: int
    crew_shifts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """How long a quiet period may be before it costs served weight.

    Parameters
    ----------
    free : most quiet days (from the 1st) with which a plan that keeps every rule serves as much as without any.
    costs : fewest quiet days with which every plan serves less, by the proven bound; ``None`` when none is known. Where
        it is more than ``free + 1`` the days between are open: no plan was found, and none proven impossible.
    levels : everything that was planned, by days; 0 is the base.
    """

    free: int
    costs: int | None
    levels: tuple[QuietLevel, ...]

    def sentences(self, lang: Lang) -> list[str]:
        """Return the answer in words."""
        base = self.levels[0]
        out = [_FREE.say(lang, free=self.free, unserved=base.unserved)]
        if self.costs is not None:
            level = next(v for v in self.levels if v.days == self.costs)
            out.append(_COSTS.say(lang, days=self.costs, more=level.bound - base.unserved))
            if self.costs > self.free + 1:
                out.append(_OPEN.say(lang, first=self.free + 1, last=self.costs - 1))
        return out


_FREE = Text(
    "每月1日至{free}日安静，所安排的事项与不设安静期时一样多（未安排权重{unserved:,}）。",
    "with days 1 to {free} of every month quiet a plan serves as much as without (unserved weight {unserved:,}).",
)
_COSTS = Text(
    "安静至{days}日，则无论如何排程至少多出未安排权重{more:,}（已证明）。",
    "quiet until the {days}th, every plan leaves out {more:,} more, at least (proven).",
)
_OPEN = Text(
    "{first}至{last}日之间：未找到同样好的排程，也未证明没有。",
    "from {first} to {last} days: no plan as good was found, and none was proven impossible.",
)


def quiet_break_even(
    base: PlanningSnapshot,
    effort: Effort,
    *,
    scope: QuietScope = QuietScope.ALL,
    target: str | None = None,
    exempt_triggers: Sequence[Trigger] = (),
    port: Port | None = None,
    watch: Watcher | None = None,
) -> BreakEven:
    """Return how many quiet days from the 1st of every month cost nothing, by halving the interval.

    A plan for more quiet days is one for fewer, so what a longer period serves a shorter one can serve too.
    """
    port = port or InProcess(1)
    known: dict[int, QuietLevel] = {}

    def work(days: int) -> Plan:
        edits = (
            []
            if not days
            else [Quiet(scope=scope, target=target, rule=f"monthly:1-{days}", exempt_triggers=tuple(exempt_triggers))]
        )
        return Plan(snapshot=edited_by(base, edits), effort=effort, bounds=True)

    def learn(*days: int) -> None:
        new = [d for d in days if d not in known]
        for d, outcome in zip(new, plan_all([work(d) for d in new], port, watch), strict=True):
            known[d] = _level(d, outcome)

    learn(0, MOST_DAYS)
    base_level = known[0]
    low, high = 0, MOST_DAYS + 1
    if known[MOST_DAYS].unserved <= base_level.unserved:
        low = MOST_DAYS
    else:
        high = MOST_DAYS
    while high - low > 1:
        # Two at a time: as many as the machine usually has cores.
        third = max(1, (high - low) // 3)
        points = sorted({low + third, min(high - 1, low + 2 * third)})
        learn(*points)
        for d in points:
            if known[d].unserved <= base_level.unserved:
                low = max(low, d)
        high = min([high, *(d for d in points if d > low)])
    proven = [d for d, v in known.items() if v.bound > base_level.unserved]
    levels = tuple(known[d] for d in sorted(known))
    return BreakEven(free=low, costs=min(proven, default=None), levels=levels)


def _level(days: int, outcome: PlanOutcome) -> QuietLevel:
    terms = outcome.score
    return QuietLevel(
        days=days,
        unserved=terms.unserved_weight,
        bound=outcome.bounds["unserved_weight"] or 0,
        doors=terms.doors,
        crew_shifts=terms.crew_shifts,
    )
