"""What keeps a visit from starting earlier: every link breaks exactly what it says, and nothing a minute later."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler.answers.hours import Holder, why_this_hour
from scheduler.answers.spoken import hour_sentences
from scheduler.domain.policy import TravelRules, VisitRules
from scheduler.moves.change import apply
from scheduler.moves.index import MoveIndex
from scheduler.rules import check
from tests.builders import a_policy, a_pool, a_schedule, a_snapshot, an_enterprise, an_item, day
from tests.strategies import kept_schedules, small_snapshots


@st.composite
def visits(draw):
    snapshot = draw(small_snapshots(pins=False))
    schedule = draw(kept_schedules(snapshot).filter(lambda s: s.visits))
    return MoveIndex(snapshot, schedule), draw(st.sampled_from(schedule.visits))


def earlier(schedule, visit, authorities, minutes):
    """Return the schedule with the parts of some authorities at a visit earlier, changed field by field."""
    crews, parts = [], []
    for crew in schedule.crew_shifts:
        stops, legs_early = [], 0
        for n, s in enumerate(crew.stops):
            here = s.visit_id == visit.visit_id
            by = minutes if here and crew.authority_id in authorities else 0
            arrive = min(s.arrive, s.start - by) if n == 0 else s.arrive
            stops.append(replace(s, start=s.start - by, leave=s.leave - by, arrive=arrive))
            legs_early = by if n == 0 else legs_early
            if here:
                parts.append((s.start - by, s.leave - by))
        crews.append(replace(crew, stops=tuple(stops)))
    new = replace(visit, start=min(p[0] for p in parts), end=max(p[1] for p in parts))
    return replace(schedule, visits=tuple(new if v == visit else v for v in schedule.visits), crew_shifts=tuple(crews))


@settings(max_examples=80, deadline=None)
@given(visits())
def test_every_link_of_the_chain_is_bound_at_the_minute_that_it_says(drawn):
    index, visit = drawn
    found = why_this_hour(index, visit.visit_id)
    for link in found.chain:
        assert link.broken
        assert link.holds
        for h in link.holds:
            event(h.by.value)
        violations = check(index.snapshot, apply(index.schedule, link.tried))
        assert sorted(v.sentence("en") for v in violations) == sorted(v.sentence("en") for v in link.broken)
    assert found.chain[0].visit == visit
    for lang in ("en", "zh"):
        assert "{" not in " ".join(hour_sentences(found, index.snapshot, lang))


@settings(max_examples=60, deadline=None)
@given(visits())
def test_no_set_of_parts_can_start_the_visit_earlier_than_its_slack_says(drawn):
    index, visit = drawn
    found = why_this_hour(index, visit.visit_id)
    slack = found.chain[0].slack
    for size in range(1, len(visit.authority_ids) + 1):
        for authorities in combinations(visit.authority_ids, size):
            moved = earlier(index.schedule, visit, authorities, slack + 1)
            starts = next(v for v in moved.visits if v.visit_id == visit.visit_id).start
            if starts == visit.start - slack - 1:
                assert [v for v in check(index.snapshot, moved) if v.code not in ("R27", "R28")]


def two_stops(**changes):
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A1", "E2")]
    fields = {"crew_pools": (a_pool("A1", crews=1),), **changes}
    snapshot = a_snapshot(items, **fields)
    return MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")]))


def test_the_chain_goes_back_by_the_crews_former_stop_to_the_shifts_start():
    index = two_stops(policy=a_policy(travel=TravelRules(buffer_min=5)))
    found = why_this_hour(index, "E2")
    assert [link.visit.enterprise_id for link in found.chain] == ["E2", "E1"]
    last, first = found.chain
    assert (last.holds[0].by, last.holds[0].free_at, last.holds[0].buffer) == (Holder.FORMER, 588, 5)
    assert (first.holds[0].by, first.holds[0].free_at, first.holds[0].leg) == (Holder.SHIFT, 540, 8)
    assert [v.code for v in last.broken] == ["R14", "R15"] or [v.code for v in last.broken] == ["R15"]
    assert found.otherwise is not None
    assert not found.otherwise.allowed


def test_another_crew_that_could_come_earlier_is_said_with_its_cost():
    index = two_stops(crew_pools=(a_pool("A1", crews=2),))
    found = why_this_hour(index, "E2")
    assert found.otherwise.allowed
    assert found.otherwise.cost.crew_shifts == 1
    assert any("+1 crew shifts" in s for s in hour_sentences(found, index.snapshot, "en"))


def test_an_enterprise_that_opens_later_holds_its_visit_at_its_opening():
    index = two_stops(enterprises=(an_enterprise("E1", open_from=600), an_enterprise("E2")))
    found = why_this_hour(index, "E1")
    assert [h.by for h in found.chain[0].holds] == [Holder.OPENING]
    assert [v.code for v in found.chain[0].broken] == ["R09"]


def test_slack_is_told_and_ends_where_a_rule_begins():
    index = two_stops()
    schedule = index.schedule
    late = next(v for v in schedule.visits if v.enterprise_id == "E2")
    later = earlier(schedule, late, ("A1",), -7)
    found = why_this_hour(MoveIndex(index.snapshot, later), "E2")
    assert found.chain[0].slack == 7
    assert "7 min earlier at no cost" in " ".join(hour_sentences(found, index.snapshot, "en"))


def test_where_parts_start_together_the_other_authoritys_crew_holds_the_visit():
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A1", "E2"), an_item("I3", "A2", "E2")]
    snapshot = a_snapshot(
        items,
        policy=a_policy(VisitRules(start_together=True)),
        crew_pools=(a_pool("A1", crews=1), a_pool("A2", crews=1)),
    )
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2", "I3"], day(0), "AM")])
    found = why_this_hour(MoveIndex(snapshot, schedule), "E2")
    held = {(h.by, h.authority_id) for h in found.chain[0].holds}
    assert held == {(Holder.FORMER, "A1")}
    assert "A1" in found.chain[0].moved


def test_every_crew_that_holds_the_start_is_named():
    items = [an_item(f"I{a}{e}", f"A{a}", f"E{e}") for a in (1, 2) for e in (1, 2)]
    snapshot = a_snapshot(items, crew_pools=(a_pool("A1", crews=1), a_pool("A2", crews=1)))
    schedule = a_schedule(snapshot, [(["I11", "I21"], day(0), "AM"), (["I12", "I22"], day(0), "AM")])
    link = why_this_hour(MoveIndex(snapshot, schedule), "E2").chain[0]
    assert {(h.by, h.authority_id) for h in link.holds} == {(Holder.FORMER, "A1"), (Holder.FORMER, "A2")}
