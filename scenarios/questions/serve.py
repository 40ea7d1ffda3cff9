"""The cheapest changes that serve a given set of items: chosen one by one, carried out, and pruned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.questions.trial import Effort, planned
from scheduler.answers.applying import relaxed_case
from scheduler.answers.errors import UNKNOWN_ITEM, BadQuestion
from scheduler.answers.serving import what_would_it_take
from scheduler.answers.settling import search_on
from scheduler.answers.trials import Trial
from scheduler.diff import compare_snapshots
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import Relaxation, RelaxationKind, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import PinsNotKept
from scheduler.explain.texts import change_clause
from scheduler.rules import check
from scheduler.texts import Lang, Text
from solver.limits import Limits, Progress, Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesNeeded:
    """What serves a set of items.

    Parameters
    ----------
    served_already : items of the set that the base's plan serves.
    changes : (item for which it is, change in words), in the order found; all of them are carried out together.
    served, left : items of the set that are served then, and those that are not.
    lost : items outside the set that the base's plan serves and the plan with the changes does not.
    confirmed : the plan with the changes keeps every rule; there is always one, if only that of the base.
    differences : what the changes make of the case, a sentence a table, (zh, en).
    """

    served_already: tuple[str, ...]
    changes: tuple[tuple[str, Text], ...]
    served: tuple[str, ...]
    left: tuple[str, ...]
    lost: tuple[str, ...]
    confirmed: bool
    differences: tuple[tuple[str, str], ...]

    def sentences(self, lang: Lang) -> list[str]:
        """Return the answer in words."""
        between = "、" if lang == "zh" else ", "
        out = []
        if self.served_already:
            out.append(_ALREADY.say(lang, items=between.join(self.served_already)))
        out += [_CHANGE.say(lang, item=i, change=c.zh if lang == "zh" else c.en) for i, c in self.changes]
        if self.served:
            out.append(_SERVED.say(lang, items=between.join(self.served)))
        if self.left:
            out.append(_LEFT.say(lang, items=between.join(self.left)))
        if self.lost:
            out.append(_LOST.say(lang, n=len(self.lost), items=between.join(self.lost[:5])))
        return out


_ALREADY = Text("现有排程已安排：{items}。", "already served as things are: {items}.")
_CHANGE = Text("为{item}：{change}。", "for {item}: {change}.")
_SERVED = Text(
    "这些改变一并实行后，已重新排程证实可安排：{items}。",
    "with all of these, planning again serves: {items}.",
)
_LEFT = Text("未找到能安排的办法：{items}。", "no way was found to serve: {items}.")
_LOST = Text("但有{n}个原已安排的事项不再安排：{items}。", "but {n} items served before no longer are: {items}.")


def changes_needed(
    base: PlanningSnapshot, item_ids: Sequence[str], effort: Effort, *, watch: Watcher | None = None
) -> ChangesNeeded:
    """Return changes with which a plan that keeps every rule serves all the items, as far as such were found.

    For one item after the other the ways to serve it are tried out; of those that are confirmed the one is taken that
    serves most items of the set, then the cheapest kind (a wider window before crews, crews before caps: the order of
    :class:`scheduler.domain.schedule.RelaxationKind`). In the end each change is left out in turn, and stays out where
    the set is served without it. What is found need not be the cheapest of all: nothing of it can be spared.

    Raises
    ------
    BadQuestion : an item that the case does not have.
    """
    items = {i.item_id: i for i in base.items}
    for item_id in item_ids:
        if item_id not in items:
            raise BadQuestion(UNKNOWN_ITEM, id=item_id)
    wanted = tuple(sorted(set(item_ids)))
    schedule = planned(base, effort, watch).schedule
    served_first = _served(schedule)
    limits = Limits(time_s=None, iterations=max(1, effort.iterations // 10), seed=effort.seed, workers=1)
    case, changes = base, list[tuple[str, Relaxation]]()
    stopped = False
    while not stopped and (missing := [i for i in wanted if i not in _served(schedule)]):
        found = [(i, t) for i in missing for t in _ways(case, schedule, i, limits)]
        if not found:
            break
        item_id, best = min(found, key=lambda f: _cost(f[1], missing))
        assert best.snapshot is not None
        assert best.schedule is not None
        case, schedule = best.snapshot, best.schedule
        changes += [(item_id, c) for c in best.changes]
        stopped = watch is not None and watch(Progress(stage="search", elapsed_s=0.0, iterations=0, terms=None))
    reached = tuple(i for i in wanted if i in _served(schedule))
    changes, case, schedule = _pruned(base, items, changes, case, schedule, reached, limits)
    now = _served(schedule)
    difference = compare_snapshots(base, case)
    return ChangesNeeded(
        served_already=tuple(i for i in wanted if i in served_first),
        changes=tuple((i, _words(base, c)) for i, c in changes),
        served=tuple(i for i in reached if i not in served_first),
        left=tuple(i for i in wanted if i not in now),
        lost=tuple(sorted(served_first - now - set(wanted))),
        confirmed=not check(case, schedule),
        differences=tuple(zip(difference.sentences("zh"), difference.sentences("en"), strict=True)),
    )


def _words(base: PlanningSnapshot, change: Relaxation) -> Text:
    return Text(change_clause(base, (change,), "zh"), change_clause(base, (change,), "en"))


def _served(schedule: Schedule) -> frozenset[str]:
    """Return the items served; an item served in pieces counts once all of them are (``id#1``, ``id#2`` …)."""
    return frozenset(i.split("#")[0] for v in schedule.visits for i in v.item_ids)


def _ways(case: PlanningSnapshot, schedule: Schedule, item_id: str, limits: Limits) -> list[Trial]:
    if not any(i.item_id == item_id for i in case.items):
        return []
    found = what_would_it_take(case, schedule, item_id, limits)
    # One change at a time: several at once lift more than anybody would issue for one item.
    return [t for t in found.trials if t.confirmed and t.changes[0].kind is not RelaxationKind.SEVERAL]


def _cost(trial: Trial, missing: Sequence[str]) -> tuple[int, int, int, int]:
    assert trial.schedule is not None
    served = sum(i in _served(trial.schedule) for i in missing)
    return -served, list(RelaxationKind).index(trial.changes[0].kind), len(trial.changes), len(trial.no_longer_served)


def _pruned(
    base: PlanningSnapshot,
    items: dict[str, PlanItem],
    changes: list[tuple[str, Relaxation]],
    case: PlanningSnapshot,
    schedule: Schedule,
    reached: Sequence[str],
    limits: Limits,
) -> tuple[list[tuple[str, Relaxation]], PlanningSnapshot, Schedule]:
    """Return the changes without those that can be left out, with the case and the plan that they make."""
    kept = list(changes)
    for change in reversed(changes):
        if len(kept) < 2:
            break
        if change[1].kind is RelaxationKind.SPLIT_ITEM:
            continue  # the plan has its pieces
        fewer = [c for c in kept if c is not change]
        smaller = _carried_out(base, items, fewer)
        if smaller is None:
            continue
        try:
            found, _ = search_on(smaller, schedule, limits)
        except PinsNotKept:
            continue
        if _served(found).issuperset(reached):
            kept, case, schedule = fewer, smaller, found
    return kept, case, schedule


def _carried_out(
    base: PlanningSnapshot, items: dict[str, PlanItem], changes: Sequence[tuple[str, Relaxation]]
) -> PlanningSnapshot | None:
    case = base
    for item_id, change in changes:
        item = next((i for i in case.items if i.item_id == item_id), items[item_id])
        relaxed = relaxed_case(case, item, change)
        if relaxed is None:
            return None
        case = relaxed.snapshot
    return case
