"""Why an item is not served, and what it would take: every claim with what came of carrying it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.answers.crew_offers import crew_offers
from scheduler.answers.errors import SERVED, UNKNOWN_ITEM, BadQuestion
from scheduler.answers.settling import put_in
from scheduler.answers.trials import SEARCH, Baseline, Trial, Way, baseline_of, try_out
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import JointVisit, Relaxation, RelaxationKind, Schedule, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain
from scheduler.explain.alone import Allowed, allowed_to
from scheduler.explain.facts import iso
from scheduler.explain.planned import chances_of, changes_planned
from scheduler.explain.relaxing import changes_alone
from scheduler.explain.scene import Scene, set_scene
from scheduler.explain.texts import change_clause, sentence
from scheduler.moves.change import apply
from scheduler.moves.index import MoveIndex
from scheduler.texts import Lang, Text
from solver.limits import Limits

_AT = Text("（{day} {shift}）", " (on {day} {shift})")
_CONFIRMED = Text(
    "{change}，即可办理{item}{at}：已按此重新排程并通过全部规则检查。",
    "{change}: {item} is then served{at}; checked by planning again, every rule is kept.",
)
_REFUTED = Text(
    "{change}：按此重新排程后仍未能办理{item}，此办法未获证实。",
    "{change}: not confirmed, planning again found no schedule that serves {item} then.",
)
_ALSO = Text("同时可多办理{count}个其他事项：{items}。", "It serves {count} other items too: {items}.")
_ALONE = Text("不会因此多办理其他事项。", "It serves no other item.")
_LOST = Text("但有{count}个已排事项不再办理：{items}。", "But {count} planned items are no longer served: {items}.")
_MOVED = Text("已发布的入企有{count}次改期。", "{count} published visits move to another date or shift.")
_MOVED_FOR_OTHERS = Text(
    "仅办理{item}则无需改期；为多办其他事项，已发布的入企有{count}次改期。",
    "{item} by itself moves no published visit; with the others, {count} published visits move to another date "
    "or shift.",
)
_STAYS = Text("已发布的入企日期和班次均不变。", "All published visits keep their date and shift.")
_FREE = Text(
    "无需任何改变：{item}可放在{day} {shift}，已排入企不动，全部规则均满足（搜索在此之前结束）。",
    "Nothing needs to change: {item} fits on {day} {shift} beside the visits as they are, and every rule is kept; the "
    "search had ended before it saw so.",
)
_SEARCH = Text(
    "无需任何改变：继续搜索后即可办理{item}（{day} {shift}）。",
    "Nothing needs to change: searching on serves {item} on {day} {shift}.",
)
_NO_WAY = Text("没有单一的改变能使{item}得到办理。", "No single change was found that serves {item}.")
NAMED = 5
"""Items named in a sentence, at most; all of them are in the figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotServed:
    """Why an item is not served.

    Parameters
    ----------
    unserved : every blocking rule, and the cheapest relaxation as it was explained.
    free : the visit that serves it with nothing changed, when there is one; `by_search`: only after searching on.
    trial : what came of the cheapest relaxation; ``None`` when nothing needs to change.
    """

    item: PlanItem
    unserved: Unserved
    free: JointVisit | None
    by_search: bool
    trial: Trial | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysToServe:
    """What it would take to serve an item: trials in the order of cost, confirmed ones first."""

    item: PlanItem
    free: JointVisit | None
    by_search: bool
    trials: tuple[Trial, ...]


def why_not_served(snapshot: PlanningSnapshot, schedule: Schedule, item_id: str, limits: Limits = SEARCH) -> NotServed:
    """Return every rule that blocks an unserved item, and the cheapest relaxation, tried out.

    Parameters
    ----------
    schedule : keeps every rule of the snapshot.
    limits : of each search that checks a claim.

    Raises
    ------
    BadQuestion : no such item, or it is served.
    """
    item = unserved_item(snapshot, schedule, item_id)
    found = next(u for u in explain(snapshot, schedule.visits, schedule.crew_shifts) if u.item_id == item_id)
    baseline = baseline_of(snapshot, schedule, limits)
    free, by_search = _free(snapshot, schedule, item_id, baseline)
    if free is None and found.relaxation is not None:
        trial = try_out(snapshot, schedule, item, (found.relaxation,), baseline, limits)
    else:
        trial = None
    return NotServed(item=item, unserved=found, free=free, by_search=by_search, trial=trial)


def what_would_it_take(
    snapshot: PlanningSnapshot, schedule: Schedule, item_id: str, limits: Limits = SEARCH
) -> WaysToServe:
    """Return alternative relaxations that serve an item, each tried out; sets of crews on several dates among them.

    Raises
    ------
    BadQuestion : no such item, or it is served.
    """
    item = unserved_item(snapshot, schedule, item_id)
    baseline = baseline_of(snapshot, schedule, limits)
    free, by_search = _free(snapshot, schedule, item_id, baseline)
    trials: list[Trial] = []
    if free is None:
        scene = set_scene(snapshot, schedule.visits, schedule.crew_shifts)
        offers = [*((c,) for c in changes_for(scene, allowed_to(scene, item))), *crew_offers(scene, schedule, item)]
        trials = [try_out(snapshot, schedule, item, o, baseline, limits) for o in dict.fromkeys(offers)]
        if not any(t.confirmed for t in trials):
            trials += _all_at_once(snapshot, schedule, item, baseline, limits)
        trials.sort(key=_rank)
    return WaysToServe(item=item, free=free, by_search=by_search, trials=tuple(trials))


def _rank(trial: Trial) -> tuple[bool, int, int]:
    """Return the place of a trial among others: confirmed, of a cheaper kind, with fewer changes."""
    return not trial.confirmed, list(RelaxationKind).index(trial.changes[0].kind), len(trial.changes)


def _all_at_once(
    snapshot: PlanningSnapshot, schedule: Schedule, item: PlanItem, baseline: Baseline, limits: Limits
) -> list[Trial]:
    """Return the trial of lifting every blocking rule together, where the explanation knows no single change."""
    found = explain(snapshot, schedule.visits, schedule.crew_shifts)
    change = next(u.relaxation for u in found if u.item_id == item.item_id)
    if change is None or change.kind is not RelaxationKind.SEVERAL:
        return []
    return [try_out(snapshot, schedule, item, (change,), baseline, limits)]


def changes_for(scene: Scene, allowed: Allowed) -> Iterable[Relaxation]:
    """Return every single change that may serve an item, one of a kind, the cheapest first."""
    chances = chances_of(scene, allowed)
    return changes_planned(scene, chances) if chances.alone else changes_alone(scene, allowed)


def unserved_item(snapshot: PlanningSnapshot, schedule: Schedule, item_id: str) -> PlanItem:
    """Return an item that a schedule leaves out.

    Raises
    ------
    BadQuestion : no such item, or it is served.
    """
    item = next((i for i in snapshot.items if i.item_id == item_id), None)
    if item is None:
        raise BadQuestion(UNKNOWN_ITEM, id=item_id)
    for v in schedule.visits:
        if item_id in v.item_ids:
            raise BadQuestion(SERVED, id=item_id, visit=v.visit_id, day=iso(v.day), shift=v.shift_id)
    return item


def _free(
    snapshot: PlanningSnapshot, schedule: Schedule, item_id: str, baseline: Baseline
) -> tuple[JointVisit | None, bool]:
    """Return the visit that serves an item with nothing changed, and whether only searching on found it."""
    change = put_in(MoveIndex(snapshot, schedule), item_id)
    if change is not None:
        after = apply(schedule, change)
        return next(v for v in after.visits if item_id in v.item_ids), False
    return next((v for v in baseline.schedule.visits if item_id in v.item_ids), None), True


def sentences_of(answer: NotServed | WaysToServe, snapshot: PlanningSnapshot, lang: Lang) -> list[str]:
    """Return an answer as sentences: why, then what was tried and what came of it."""
    out: list[str] = []
    trials: tuple[Trial, ...] = ()
    item_id = answer.item.item_id
    if isinstance(answer, NotServed):
        out.append(sentence(snapshot, answer.unserved, lang))
        trials = () if answer.trial is None else (answer.trial,)
    else:
        trials = answer.trials
    if answer.free is not None:
        text = _SEARCH if answer.by_search else _FREE
        out.append(text.say(lang, item=item_id, day=iso(answer.free.day), shift=answer.free.shift_id))
        return out
    for trial in trials:
        out.append(trial_sentence(trial, snapshot, item_id, lang))
    if not any(t.confirmed for t in trials):
        out.append(_NO_WAY.say(lang, item=item_id))
    return out


def trial_sentence(trial: Trial, snapshot: PlanningSnapshot, item_id: str, lang: Lang) -> str:
    """Return what was changed, whether it serves the item, and what else it does."""
    said = change_clause(snapshot, trial.changes, lang)
    if not trial.confirmed or trial.visit is None:
        return _REFUTED.say(lang, change=said, item=item_id)
    at = _AT.say(lang, day=iso(trial.visit.day), shift=trial.visit.shift_id)
    out = [_CONFIRMED.say(lang, change=said, item=item_id, at=at)]
    if trial.also_served:
        out.append(_ALSO.say(lang, count=len(trial.also_served), items=_named(trial.also_served, lang)))
    else:
        out.append(_ALONE.say(lang))
    if trial.no_longer_served:
        out.append(_LOST.say(lang, count=len(trial.no_longer_served), items=_named(trial.no_longer_served, lang)))
    moved = _MOVED_FOR_OTHERS if trial.way is Way.PUT_IN else _MOVED
    out.append(moved.say(lang, count=trial.moved, item=item_id) if trial.moved else _STAYS.say(lang))
    return ("" if lang == "zh" else " ").join(out)


def _named(ids: tuple[str, ...], lang: Lang) -> str:
    listed = ("、" if lang == "zh" else ", ").join(ids[:NAMED])
    more = "等" if lang == "zh" else ", …"
    return listed + (more if len(ids) > NAMED else "")
