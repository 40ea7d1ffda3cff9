"""Why a visit is on its day and not on another: the rules that it would break there, or what it would cost."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.schedule import JointVisit, Score
from scheduler.explain.facts import clock, iso
from scheduler.moves.check import MoveCheck, check_move
from scheduler.moves.index import MoveIndex
from scheduler.texts import Lang, Text

_BREAKS = Text(
    "{day} {shift}不可行，将违反以下规则：{rules}。", "{day} {shift} is not possible, it would break: {rules}."
)
_WORSE = Text(
    "{day} {shift} {start}可行，但代价更大：{cost}。",
    "{day} {shift} at {start} is possible, but costs more: {cost}.",
)
_SAME = Text(
    "{day} {shift} {start}同样好：没有规则被违反，各项指标不变；选择现在的日期并无必要理由。",
    "{day} {shift} at {start} is just as good: no rule is broken and no term changes; nothing in the model speaks "
    "for the present place.",
)
_BETTER = Text(
    "{day} {shift} {start}更好：{cost}；搜索没有找到它。",
    "{day} {shift} at {start} is better: {cost}; the search did not find it.",
)
_HERE = Text("入企现在就在{day} {shift}。", "The visit is on {day} {shift} already.")
_OTHERS = Text("以上均以其他入企保持不变为前提。", "All this holds while every other visit stays as it is.")
_UNIT = {
    "unserved_weight": Text("未办权重", "weight unserved"),
    "doors": Text("进门次数", "doors"),
    "crew_shifts": Text("班组班次", "crew shifts"),
    "joint_days": Text("联合检查日", "joint days"),
    "travel_min": Text("路途分钟", "minutes of travel"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAnswer:
    """What happens at each shift of another day, while all other visits stay.

    Parameters
    ----------
    checks : a move to every shift of that day but the visit's own place, at the start that costs least there.
    tiers : the terms in the order in which the case decides them.
    """

    visit: JointVisit
    day: int
    checks: tuple[MoveCheck, ...]
    tiers: tuple[str, ...]

    @property
    def best(self) -> MoveCheck | None:
        """Return the allowed move that costs least in the order of the terms; ``None`` when none is allowed."""
        allowed = [c for c in self.checks if c.allowed]
        return min(allowed, key=lambda c: c.cost.in_order(self.tiers), default=None)

    @property
    def verdict(self) -> str:
        """Return whether that day is ``impossible``, ``worse``, ``equal`` or ``better``."""
        best = self.best
        if best is None:
            return "impossible"
        return _verdict(best.cost, self.tiers)


def why_this_day(index: MoveIndex, visit_id: str, day: int) -> DayAnswer:
    """Return what a visit's move to a day would break or cost, in every shift of it.

    Parameters
    ----------
    visit_id : of a visit, or of an enterprise with one visit.

    Raises
    ------
    BadMove : no such visit, or a day outside the horizon.
    """
    visit = index.visit(visit_id)
    shifts = [s for s in index.shifts if (day, s) != (visit.day, visit.shift_id)]
    checks = tuple(check_move(index, visit.visit_id, day, s) for s in shifts)
    if not shifts:
        index.shift(day, visit.shift_id)  # refuses a day outside the horizon
    return DayAnswer(visit=visit, day=day, checks=checks, tiers=index.snapshot.policy.tiers)


def _verdict(cost: Score, tiers: tuple[str, ...]) -> str:
    values = cost.in_order(tiers)
    zero = (0,) * len(values)
    return "worse" if values > zero else "better" if values < zero else "equal"


def sentences_of(answer: DayAnswer, lang: Lang) -> list[str]:
    """Return the answer as sentences, one for each shift of the day."""
    out = []
    if answer.day == answer.visit.day:
        out.append(_HERE.say(lang, day=iso(answer.day), shift=answer.visit.shift_id))
    for check in answer.checks:
        facts = {"day": iso(check.day), "shift": check.shift_id, "start": clock(check.start)}
        if not check.allowed:
            rules = ("；" if lang == "zh" else "; ").join(v.sentence(lang).rstrip("。.") for v in check.broken)
            out.append(_BREAKS.say(lang, rules=rules, **facts))
            continue
        text = {"worse": _WORSE, "equal": _SAME, "better": _BETTER}[_verdict(check.cost, answer.tiers)]
        out.append(text.say(lang, cost=cost_clause(check.cost, lang), **facts))
    return [*out, _OTHERS.say(lang)] if answer.checks else out


def cost_clause(cost: Score, lang: Lang) -> str:
    """Return the terms that change, as ``+1 crew shifts``."""
    changed = [(name, value) for name, value in cost.as_dict().items() if value]
    if lang == "zh":
        return "、".join(f"{_UNIT[name].zh}{value:+d}" for name, value in changed)
    return ", ".join(f"{value:+d} {_UNIT[name].en}" for name, value in changed)
