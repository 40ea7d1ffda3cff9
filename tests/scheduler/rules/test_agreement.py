"""Our rules and the reference checker accept and reject the same schedules: drawn ones, and kept ones with a change."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler.domain.schedule import CrewShift, JointVisit, Schedule, Stop, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.rules import check
from tests.builders import with_crew, with_stop, with_visit
from tests.reference_check import reference_faults
from tests.strategies import kept_schedules, schedules, small_snapshots

OURS_ALONE = ("R29", "R30")
"""Rules about our additions to the format (docs/formats.md), which the reference checker does not know."""


def assert_agreed(snapshot: PlanningSnapshot, schedule: Schedule) -> None:
    violations = [v for v in check(snapshot, schedule) if v.code not in OURS_ALONE]
    faults = reference_faults(snapshot, schedule)
    event("broken" if violations else "kept")
    for code in {v.code for v in violations}:
        event(code)
    assert bool(violations) == bool(faults), ([v.sentence("en") for v in violations], faults)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_drawn_schedule_is_kept_by_both_or_broken_for_both(data):
    snapshot = data.draw(small_snapshots())
    assert_agreed(snapshot, data.draw(schedules(snapshot)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_field_is_broken_for_both_or_for_none(data):
    snapshot = data.draw(small_snapshots())
    schedule = data.draw(kept_schedules(snapshot))
    for _ in range(data.draw(st.integers(1, 2))):
        schedule = data.draw(changed(snapshot, schedule))
    assert_agreed(snapshot, schedule)


@st.composite
def changed(draw: Any, snapshot: PlanningSnapshot, schedule: Schedule) -> Schedule:
    """Change one field of one row, or drop, double or move a whole row."""
    kinds = ["drop unserved", "add unserved"]
    if schedule.visits:
        kinds += ["visit"] * 3 + ["crew"] * 2 + ["stop"] * 4 + ["drop visit", "drop crew", "double crew", "swap stops"]
    kind = draw(st.sampled_from(kinds))
    if kind == "visit":
        visit = draw(st.sampled_from(schedule.visits))
        return with_visit(schedule, visit.visit_id, **draw(_other(snapshot, schedule, visit)))
    if kind == "drop visit":
        gone = draw(st.sampled_from(schedule.visits))
        return replace(schedule, visits=tuple(v for v in schedule.visits if v is not gone))
    if "unserved" in kind:
        item = draw(st.sampled_from(snapshot.items)).item_id
        left = tuple(u for u in schedule.unserved if u.item_id != item)
        reasons = schedule.unserved[0].reasons if schedule.unserved and draw(st.booleans()) else ()
        added = (Unserved(item_id=item, reasons=reasons),) if kind == "add unserved" else ()
        return replace(schedule, unserved=left + added)
    if not schedule.crew_shifts:
        return schedule
    crew = draw(st.sampled_from(schedule.crew_shifts))
    if kind == "drop crew":
        return replace(schedule, crew_shifts=tuple(c for c in schedule.crew_shifts if c is not crew))
    if kind == "double crew":
        return replace(schedule, crew_shifts=(*schedule.crew_shifts, replace(crew, crew_id=crew.crew_id + "x")))
    if kind == "swap stops":
        return with_crew(schedule, crew.crew_id, stops=crew.stops[::-1])
    if kind == "crew":
        return with_crew(schedule, crew.crew_id, **draw(_other(snapshot, schedule, crew)))
    seq = draw(st.integers(0, len(crew.stops) - 1))
    return with_stop(schedule, crew.crew_id, seq, **draw(_other(snapshot, schedule, crew.stops[seq])))


@st.composite
def _other(
    draw: Any, snapshot: PlanningSnapshot, schedule: Schedule, row: JointVisit | CrewShift | Stop
) -> dict[str, Any]:
    """Draw another value for one field of the row, of the kind that the field holds."""
    own_id = {JointVisit: "visit_id", CrewShift: "crew_id"}.get(type(row))
    name = draw(st.sampled_from([f.name for f in fields(row) if f.name not in (own_id, "stops")]))
    value = getattr(row, name)
    near = st.integers(-40, 40) | st.sampled_from((-1, 1))
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "day": st.integers(snapshot.calendar.start - 1, snapshot.calendar.end + 1),
        "shift_id": st.sampled_from([*(s.shift_id for s in snapshot.calendar.shifts), "NIGHT"]),
        "street_id": st.sampled_from([*(s.street_id for s in snapshot.streets), "S9"]),
        "enterprise_id": st.sampled_from([*(e.enterprise_id for e in snapshot.enterprises), "E9"]),
        "authority_id": st.sampled_from([*(a.authority_id for a in snapshot.authorities), "A9"]),
        "authority_ids": _subsets([a.authority_id for a in snapshot.authorities]),
        "item_ids": _subsets([*(i.item_id for i in snapshot.items), "I9"]),
        "visit_id": st.sampled_from([*(v.visit_id for v in schedule.visits), "V9"]),
    }
    if name not in drawn:
        return {name: max(0, value + draw(near))}
    return {name: draw(drawn[name])}


def _subsets(ids: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(sorted(set(ids))), max_size=3).map(lambda s: tuple(sorted(s)))
