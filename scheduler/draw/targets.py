"""The draw of inspection targets: strata of enterprises, a share of each, without those visited lately."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scheduler.domain.places import Enterprise
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import JointVisit
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.roster import digest_of
from scheduler.draw.stream import Stream
from scheduler.errors import OnevisitError
from scheduler.explain.facts import iso
from scheduler.replan.events import UNKNOWN_AUTHORITY, UNKNOWN_PRIORITY
from scheduler.texts import Text

ANY = "*"
REVERSED = Text("最早日期{first}晚于最迟日期{last}", "the earliest date {first} is after the latest {last}")


class BadTargets(OnevisitError):
    """Targets that cannot be drawn; `text` with `facts` says why."""

    code = "bad_targets"

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text
        self.facts = facts
        super().__init__(text.say("en", **facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Enterprises of a credit class and an industry, each ``*`` for all, and the share of them that is drawn.

    Parameters
    ----------
    ratio : above 0, at most 1, in lowest terms as it was written (抽查比例).
    """

    credit_class: str
    industry: str
    ratio: Fraction

    def holds(self, enterprise: Enterprise) -> bool:
        """Say whether an enterprise is in it, other strata aside."""
        return self.credit_class in (ANY, enterprise.credit_class) and self.industry in (ANY, enterprise.industry)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPlan:
    """What is planned at every target.

    Parameters
    ----------
    draw_id : begins the ids of the items.
    exclude_days : enterprises that the authority visited, or has a planned visit at, less than so many days before or
        after `earliest` are not drawn.
    """

    draw_id: str
    authority_id: str
    strata: tuple[Stratum, ...]
    duration_min: int
    earliest: int
    latest: int
    priority: str
    exclude_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumDraw:
    """The log of one stratum: ids in the drawn order, so that the first `wanted` are the targets.

    Parameters
    ----------
    size : enterprises in it; `excluded` of them were visited lately.
    wanted : ratio times size, rounded up.
    order : all that could be drawn, in the order of the draw; fewer than `wanted` where too many are excluded.
    """

    stratum: Stratum
    size: int
    excluded: tuple[str, ...]
    wanted: int
    order: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the enterprises that are drawn."""
        return self.order[: self.wanted]

    @property
    def short(self) -> int:
        """Return how many are wanted and not there."""
        return max(0, self.wanted - len(self.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDraw:
    """Targets by stratum, and the plan items that follow, by id."""

    strata: tuple[StratumDraw, ...]
    items: tuple[PlanItem, ...]


def target_plan(
    snapshot: PlanningSnapshot,
    *,
    draw_id: str,
    authority_id: str,
    strata: Sequence[Stratum],
    duration_min: int,
    earliest: int | None = None,
    latest: int | None = None,
    priority: str | None = None,
    exclude_days: int = 0,
) -> TargetPlan:
    """Return a plan of targets that fits a case.

    Parameters
    ----------
    earliest, latest : first and last date of the horizon without them.
    priority : the one of least weight without it.

    Raises
    ------
    BadTargets : the dates are reversed; the case does not know the authority or the priority.
    """
    calendar, weights = snapshot.calendar, dict(snapshot.policy.priority_weights)
    first = calendar.start if earliest is None else earliest
    last = calendar.end if latest is None else latest
    if first > last:
        raise BadTargets(REVERSED, first=iso(first), last=iso(last))
    if authority_id not in {a.authority_id for a in snapshot.authorities}:
        raise BadTargets(UNKNOWN_AUTHORITY, id=authority_id)
    priority = min(weights, key=lambda n: (weights[n], n)) if priority is None else priority
    if priority not in weights:
        raise BadTargets(UNKNOWN_PRIORITY, id=priority)
    return TargetPlan(
        draw_id=draw_id,
        authority_id=authority_id,
        strata=tuple(strata),
        duration_min=duration_min,
        earliest=first,
        latest=last,
        priority=priority,
        exclude_days=exclude_days,
    )


def draw_targets(
    snapshot: PlanningSnapshot, visits: Sequence[JointVisit], plan: TargetPlan, seed: bytes, public: str = ""
) -> TargetDraw:
    """Draw targets: in every stratum each set of as many enterprises is equally likely.

    An enterprise belongs to the narrowest stratum that holds it: one that names class and industry comes before one
    that names the industry, then the class, then neither; of equal ones the first. Enterprises of no stratum are not
    drawn.

    Parameters
    ----------
    visits : planned or published ones, for the exclusion.
    seed, public : see :class:`scheduler.draw.stream.Stream`.
    """
    members: dict[int, list[str]] = defaultdict(list)
    for enterprise in snapshot.enterprises:
        k = _stratum_of(enterprise, plan.strata)
        if k is not None:
            members[k].append(enterprise.enterprise_id)
    lately = _visited_lately(snapshot, visits, plan)
    out = []
    for k, stratum in enumerate(plan.strata):
        ids = sorted(members[k])
        stream = Stream(seed, public, f"targets\n{plan.draw_id}\n{stratum.credit_class}\n{stratum.industry}")
        out.append(
            StratumDraw(
                stratum=stratum,
                size=len(ids),
                excluded=tuple(i for i in ids if i in lately),
                wanted=math.ceil(stratum.ratio * len(ids)),
                order=tuple(stream.shuffled([i for i in ids if i not in lately])),
            )
        )
    items = [_item(plan, e) for d in out for e in d.targets]
    return TargetDraw(strata=tuple(out), items=tuple(sorted(items, key=lambda i: i.item_id)))


def population_digest(snapshot: PlanningSnapshot, visits: Sequence[JointVisit]) -> str:
    """Return the SHA-256 of all that a draw of targets reads of a case and its visits."""
    return digest_of(
        [
            [[e.enterprise_id, e.credit_class, e.industry] for e in snapshot.enterprises],
            sorted([h.enterprise_id, h.authority_id, h.day] for h in snapshot.history),
            sorted([v.enterprise_id, v.day, *v.authority_ids] for v in visits),
        ]
    )


def _stratum_of(enterprise: Enterprise, strata: Sequence[Stratum]) -> int | None:
    def width(k: int) -> tuple[bool, bool, int]:
        return strata[k].industry == ANY, strata[k].credit_class == ANY, k

    return min((k for k, s in enumerate(strata) if s.holds(enterprise)), key=width, default=None)


def _visited_lately(snapshot: PlanningSnapshot, visits: Sequence[JointVisit], plan: TargetPlan) -> set[str]:
    if plan.exclude_days <= 0:
        return set()
    days = [(h.enterprise_id, h.day) for h in snapshot.history if h.authority_id == plan.authority_id]
    days += [(v.enterprise_id, v.day) for v in visits if plan.authority_id in v.authority_ids]
    return {e for e, day in days if abs(plan.earliest - day) < plan.exclude_days}


def _item(plan: TargetPlan, enterprise_id: str) -> PlanItem:
    return PlanItem(
        item_id=f"{plan.draw_id}-{enterprise_id}",
        authority_id=plan.authority_id,
        enterprise_id=enterprise_id,
        duration_min=plan.duration_min,
        earliest=plan.earliest,
        latest=plan.latest,
        priority=plan.priority,
    )
