"""What explanations claim is true: against brute force over every place that an item could still go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler.domain.calendar import Period
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import CapScope, StreetRules
from scheduler.domain.schedule import ReasonCode, Relaxation, RelaxationKind, Schedule, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain, relaxation_sentence, sentence
from scheduler.rules import check
from tests.builders import a_pool, a_schedule, clock_of, day_of
from tests.strategies import kept_schedules, small_snapshots

Planned = tuple[list[str], int, str]


def planned(schedule: Schedule) -> list[Planned]:
    return [(list(v.item_ids), v.day, v.shift_id) for v in schedule.visits]


def keeps(snapshot: PlanningSnapshot, visits: list[Planned]) -> bool:
    return not check(snapshot.replace(pins=()), a_schedule(snapshot, visits, share_crews=False))


def fits_somewhere(snapshot: PlanningSnapshot, visits: list[Planned], item: PlanItem) -> bool:
    """Try a door of its own on every slot, and every visit of its enterprise, with crews of their own."""
    own = {i.item_id for i in snapshot.items if i.enterprise_id == item.enterprise_id}
    slots = [(d, s.shift_id) for d in snapshot.calendar.days for s in snapshot.calendar.shifts]
    doors = ([*visits, ([item.item_id], d, s)] for d, s in slots)
    joined = (
        [(([*ids, item.item_id]) if n == k else ids, d, s) for n, (ids, d, s) in enumerate(visits)]
        for k, (first, _, _) in enumerate(visits)
        if first[0] in own
    )
    return any(keeps(snapshot, v) for v in (*doors, *joined))


def explained(snapshot: PlanningSnapshot, schedule: Schedule) -> tuple[Unserved, ...]:
    return explain(snapshot, schedule.visits, schedule.crew_shifts)


def facts_of(change: Relaxation) -> dict[str, str]:
    return dict(change.facts)


def relaxed(snapshot: PlanningSnapshot, item: PlanItem, change: Relaxation) -> PlanningSnapshot:
    """Return the snapshot with a relaxation carried out."""
    f, visit, policy = facts_of(change), snapshot.policy.visit, snapshot.policy
    enterprise = next(e for e in snapshot.enterprises if e.enterprise_id == item.enterprise_id)
    match change.kind:
        case RelaxationKind.MOVE_WINDOW:
            on = day_of(f["day"])
            wider = replace(item, earliest=min(item.earliest, on), latest=max(item.latest, on))
            return snapshot.replace(items=_swap(snapshot.items, item, wider))
        case RelaxationKind.EXEMPT_QUIET:
            quiet = tuple(q for q in policy.quiet_periods if not q.holds_on(day_of(f["day"])))
            return snapshot.replace(policy=replace(policy, quiet_periods=quiet))
        case RelaxationKind.OPEN_ENTERPRISE:
            days = tuple(d for d in enterprise.closed_days if d != day_of(f["day"]))
            open_ = replace(enterprise, closed_days=days, closed_weekdays=())
            return snapshot.replace(enterprises=_swap(snapshot.enterprises, enterprise, open_))
        case RelaxationKind.ADD_CREW:
            on = day_of(f["day"])
            pool = a_pool(f["authority"], f["street"], int(f["crews"]), first_day=on, last_day=on, shift_id=f["shift"])
            return snapshot.replace(crew_pools=(*snapshot.crew_pools, pool))
        case RelaxationKind.WIDEN_HOURS:
            wide = replace(enterprise, open_from=clock_of(f["opens"]), open_to=clock_of(f["closes"]))
            return snapshot.replace(enterprises=_swap(snapshot.enterprises, enterprise, wide))
        case RelaxationKind.LENGTHEN_SHIFT:
            shift = next(s for s in snapshot.calendar.shifts if s.shift_id == f["shift"])
            long = replace(shift, start_min=clock_of(f["starts"]), end_min=clock_of(f["ends"]))
            late = _swap(snapshot.calendar.shifts, shift, long)
            assert all(one.end_min <= two.start_min for one, two in pairwise(late)), "shifts of a date do not overlap"
            return snapshot.replace(calendar=replace(snapshot.calendar, shifts=late))
        case RelaxationKind.RAISE_CROWD:
            return snapshot.replace(policy=replace(policy, visit=replace(visit, max_officers=int(f["to"]))))
        case RelaxationKind.RAISE_AUTHORITIES:
            return snapshot.replace(policy=replace(policy, visit=replace(visit, max_authorities=int(f["to"]))))
        case RelaxationKind.LENGTHEN_VISIT:
            return snapshot.replace(policy=replace(policy, visit=replace(visit, max_visit_min=int(f["to"]))))
        case RelaxationKind.RAISE_SHIFT_VISITS:
            street = replace(policy.street, max_visits=int(f["to"]))
            return snapshot.replace(policy=replace(policy, street=street))
        case RelaxationKind.RAISE_STREET_DAYS:
            street = replace(policy.street, max_days=int(f["to"]))
            return snapshot.replace(policy=replace(policy, street=street))
        case RelaxationKind.GIVE_WEIGHT:
            weights = dict(policy.priority_weights) | {f["priority"]: 1}
            return snapshot.replace(policy=replace(policy, priority_weights=tuple(weights.items())))
        case RelaxationKind.SHORTEN_GAP:
            return snapshot.replace(policy=replace(policy, visit=replace(policy.visit, min_gap_days=int(f["to"]))))
        case RelaxationKind.RAISE_CAP:
            classes = ("*", enterprise.credit_class)
            caps = tuple(
                replace(c, max_visits=max(c.max_visits, int(f["to"])))
                if c.scope is CapScope(f["scope"])
                and c.period is Period(f["period"])
                and c.credit_class in classes
                and (c.scope is CapScope.ENTERPRISE or c.authority in ("*", f["authority"]))
                else c
                for c in policy.caps
            )
            return snapshot.replace(policy=replace(policy, caps=caps))
        case _:
            raise AssertionError(change.kind)


def _swap(rows: Iterable, old: object, new: object) -> tuple:
    return tuple(new if r is old else r for r in rows)


def pieces(snapshot: PlanningSnapshot, item: PlanItem, change: Relaxation) -> PlanningSnapshot:
    f = facts_of(change)
    part = replace(item, duration_min=int(f["minutes"]))
    return snapshot.replace(items=_swap(snapshot.items, item, part))


def busy_streets() -> st.SearchStrategy[PlanningSnapshot]:
    """Draw snapshots without caps and with many crews, whose streets take little."""
    return st.builds(
        lambda s, street: _with_crews(s.replace(policy=replace(s.policy, street=street, caps=()))),
        small_snapshots(pins=False),
        st.sampled_from([StreetRules(max_days=d, max_visits=v) for d, v in ((1, 1), (None, 1), (1, None), (1, 2))]),
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_an_item_that_fits_nowhere_has_reasons_and_one_that_fits_is_called_free(data):
    snapshot = data.draw(small_snapshots(pins=False))
    assert_reasons_are_true(snapshot, data.draw(kept_schedules(snapshot, share_crews=False)))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_reasons_are_true_where_streets_take_little(data):
    snapshot = data.draw(busy_streets())
    assert_reasons_are_true(snapshot, data.draw(kept_schedules(snapshot, share_crews=False)))


def assert_reasons_are_true(snapshot: PlanningSnapshot, schedule: Schedule) -> None:
    unserved = explained(snapshot, schedule)
    assert [u.item_id for u in unserved] == [u.item_id for u in schedule.unserved]
    items = {i.item_id: i for i in snapshot.items}
    for u in unserved:
        codes = {r.code for r in u.reasons}
        assert codes
        for code in codes:
            event(code.value)
        free = any("free_day" in dict(r.facts) for r in u.reasons)
        assert free == fits_somewhere(snapshot, planned(schedule), items[u.item_id])
        weighs = dict(snapshot.policy.priority_weights)[items[u.item_id].priority] > 0
        assert (ReasonCode.NO_WEIGHT in codes) == (free and not weighs)
        assert (u.relaxation is None) == (free and weighs)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_cheapest_relaxation_gives_the_item_a_place_when_it_is_carried_out(data):
    snapshot = data.draw(small_snapshots(pins=False))
    assert_relaxations_are_true(snapshot, data.draw(kept_schedules(snapshot, share_crews=False)))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_cheapest_relaxation_is_true_where_streets_take_little(data):
    snapshot = data.draw(busy_streets())
    assert_relaxations_are_true(snapshot, data.draw(kept_schedules(snapshot, share_crews=False)))


def assert_relaxations_are_true(snapshot: PlanningSnapshot, schedule: Schedule) -> None:
    items = {i.item_id: i for i in snapshot.items}
    for u in explained(snapshot, schedule):
        if u.relaxation is None or u.relaxation.kind is RelaxationKind.SEVERAL:
            continue
        item, kind = items[u.item_id], u.relaxation.kind
        event(kind.value)
        if kind is RelaxationKind.SPLIT_ITEM:
            assert fits_somewhere(pieces(snapshot, item, u.relaxation), [], items[u.item_id])
            continue
        after = relaxed(snapshot, item, u.relaxation)
        # Raising a cap is promised for the item alone; every other change holds beside the whole plan.
        alone = not fits_somewhere(snapshot, [], item)
        if alone or kind is RelaxationKind.RAISE_CAP:
            visits = [v for v in planned(schedule) if kind is RelaxationKind.RAISE_CAP and not alone]
            assert fits_somewhere(_with_crews(after) if visits else after, visits, item)
        else:
            assert fits_somewhere(after, planned(schedule), item)


def _with_crews(snapshot: PlanningSnapshot) -> PlanningSnapshot:
    """Return the snapshot with crews without end, so that only caps are left to ask."""
    return snapshot.replace(crew_pools=tuple(a_pool(a.authority_id, crews=99) for a in snapshot.authorities))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_reasons_of_an_item_without_a_slot_of_its_own_come_before_the_plan(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(kept_schedules(snapshot))
    items = {i.item_id: i for i in snapshot.items}
    for u in explained(snapshot, schedule):
        codes = {r.code for r in u.reasons}
        own = fits_somewhere(snapshot, [], items[u.item_id])
        blocked_by_the_plan = bool(codes & {ReasonCode.CAPACITY, ReasonCode.NOTICE, ReasonCode.PIN})
        assert own or not blocked_by_the_plan
        if own:
            limits = {ReasonCode.CAP, ReasonCode.GAP, ReasonCode.STREET_SHIFT_FULL, ReasonCode.STREET_DAYS_USED}
            assert codes & {ReasonCode.CAPACITY, ReasonCode.NO_WEIGHT, *limits}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_explanation_is_one_sentence_in_both_languages(data):
    snapshot = data.draw(small_snapshots())
    schedule = data.draw(kept_schedules(snapshot))
    for u in explained(snapshot, schedule):
        for lang, end in (("zh", "。"), ("en", ".")):
            text = sentence(snapshot, u, lang)
            assert text.endswith(end)
            assert "{" not in text
            change = relaxation_sentence(snapshot, u, lang)
            assert change.endswith(end) == (u.relaxation is not None)
            assert "{" not in change
