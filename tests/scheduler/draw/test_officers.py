"""The draw of officers: each rule at its limit and just past it, what is uniform, and what is lacking."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.draw.officers import assign, draw_officers
from scheduler.draw.roster import Absence, Officer, PastTeam, Recusal, Roster
from scheduler.draw.stream import Stream
from tests.builders import AM, a_calendar, a_policy, a_schedule, a_snapshot, an_item, day
from tests.strategies import SmallSizes, kept_schedules, small_snapshots

SEEDS = 3000
LIKELY = 4.5
"""Standard deviations within which a count over all seeds lies; past it about once in 150,000 counts."""


def seed(n: int) -> bytes:
    return n.to_bytes(32, "big")


def an_officer(n: int, authority: str = "A1", **changes) -> Officer:
    fields = {"name": f"Officer {n}", "certificate_no": f"C{n}", "valid_from": day(-100), "valid_to": day(400)}
    return Officer(officer_id=f"P{n}", authority_id=authority, **(fields | changes))


def a_roster(count: int, **more) -> Roster:
    return Roster(officers=tuple(an_officer(n) for n in range(1, count + 1)), **more)


def _schedule(days: int = 1, crews: int = 1, shifts=(AM,)):
    """One visit with so many crews of A1 at E1 on each of the first dates, in every shift."""
    items = [an_item(f"I{d}{h.shift_id}", "A1", "E1", crews=crews) for d in range(days) for h in shifts]
    snapshot = a_snapshot(items, calendar=a_calendar(12, shifts), policy=a_policy())
    visits = [([f"I{d}{h.shift_id}"], snapshot.calendar.days[d], h.shift_id) for d in range(days) for h in shifts]
    return a_schedule(snapshot, visits)


def _teams(draw):
    return [t.officer_ids for t in draw.teams]


@pytest.mark.parametrize(("valid_to", "drawn"), [(day(0), True), (day(-1), False)])
def test_a_certificate_is_valid_on_the_date(valid_to, drawn):
    roster = Roster(officers=(an_officer(1), an_officer(2, valid_to=valid_to)))
    draw = draw_officers(_schedule(), roster, seed(1))
    assert bool(draw.teams) is drawn
    if not drawn:
        (lack,) = draw.lacks
        assert (lack.authority_id, lack.day, lack.shift_id) == ("A1", day(0), "AM")
        assert (lack.needed, lack.missing, lack.officers, lack.uncertified, lack.absent) == (2, 1, 2, 1, 0)


@pytest.mark.parametrize(
    ("absence", "drawn"),
    [
        (Absence(officer_id="P2", first_day=day(-3), last_day=day(-1)), True),
        (Absence(officer_id="P2", first_day=day(-3), last_day=day(0)), False),
        (Absence(officer_id="P2", first_day=day(0), last_day=day(0), shift_id="PM"), True),
        (Absence(officer_id="P2", first_day=day(0), last_day=day(0), shift_id="AM"), False),
    ],
)
def test_who_is_absent_in_the_shift_is_not_drawn(absence, drawn):
    draw = draw_officers(_schedule(), a_roster(2, absences=(absence,)), seed(1))
    assert bool(draw.teams) is drawn
    assert [lack.absent for lack in draw.lacks] == ([] if drawn else [1])


def test_a_recused_officer_does_not_come_to_the_enterprise():
    roster = a_roster(3, recusals=(Recusal(officer_id="P2", enterprise_id="E1"),))
    for n in range(50):
        assert _teams(draw_officers(_schedule(), roster, seed(n))) == [("P1", "P3")]
    other = a_roster(3, recusals=(Recusal(officer_id="P2", enterprise_id="E2"),))
    assert any("P2" in t for n in range(50) for t in _teams(draw_officers(_schedule(), other, seed(n))))


def test_those_of_last_time_do_not_come_again_neither_of_the_past_nor_of_the_plan():
    past = tuple(PastTeam(enterprise_id="E1", authority_id="A1", day=day(-9), officer_id=o) for o in ("P1", "P2"))
    older = tuple(PastTeam(enterprise_id="E1", authority_id="A1", day=day(-99), officer_id=o) for o in ("P3", "P4"))
    roster = a_roster(4, past_teams=past + older)
    schedule = _schedule(days=2)
    days = {c.crew_id: c.day for c in schedule.crew_shifts}
    for n in range(20):
        draw = draw_officers(schedule, roster, seed(n))
        assert {days[t.crew_id]: t.officer_ids for t in draw.teams} == {day(0): ("P3", "P4"), day(1): ("P1", "P2")}
    (lack,) = draw_officers(_schedule(), a_roster(3, past_teams=past), seed(1)).lacks
    assert (lack.missing, lack.kept_away) == (1, 2)


def test_nobody_is_in_two_crew_shifts_at_once_and_an_officer_of_another_authority_does_not_help():
    roster = Roster(officers=(an_officer(1), an_officer(2), an_officer(3), an_officer(4, "A2")))
    (lack,) = draw_officers(_schedule(crews=2), roster, seed(1)).lacks
    assert (lack.needed, lack.missing, lack.officers) == (4, 1, 3)


def test_the_load_differs_by_one_at_most_where_all_may_come():
    snapshot = a_snapshot(
        [an_item(f"I{n}", "A1", f"E{n}") for n in range(10)], calendar=a_calendar(14), policy=a_policy()
    )
    schedule = a_schedule(snapshot, [([f"I{n}"], snapshot.calendar.days[n], "AM") for n in range(10)])
    load = Counter(o for t in draw_officers(schedule, a_roster(7), seed(5)).teams for o in t.officer_ids)
    assert set(load.values()) <= {2, 3}
    assert sum(load.values()) == 20


def test_every_pair_is_equally_likely_where_all_are_alike():
    pairs = Counter(_teams(draw_officers(_schedule(), a_roster(5), seed(n)))[0] for n in range(SEEDS))
    assert set(pairs) == set(combinations(("P1", "P2", "P3", "P4", "P5"), 2))
    assert_equally_likely(pairs, 10)


def test_every_assignment_to_two_crews_is_equally_likely_where_all_are_alike():
    eligible = dict.fromkeys("abcd", (0, 1))
    found = Counter(
        tuple(tuple(sorted(team)) for team in assign(eligible, 2, {}, Stream(seed(n), "", "test")))
        for n in range(SEEDS)
    )
    assert_equally_likely(found, 6)


def test_alike_officers_have_equal_chances_whatever_the_order_of_the_roster():
    """P1 to P3 are alike; P4 may not come to E1."""
    roster = a_roster(4, recusals=(Recusal(officer_id="P4", enterprise_id="E1"),))
    turned = Roster(officers=roster.officers[::-1], recusals=roster.recusals)
    chosen: Counter[str] = Counter()
    for n in range(SEEDS):
        draw = draw_officers(_schedule(), roster, seed(n))
        assert draw == draw_officers(_schedule(), turned, seed(n))
        chosen.update(draw.teams[0].officer_ids)
    assert chosen["P4"] == 0
    for officer in ("P1", "P2", "P3"):
        share, expected = chosen[officer] / SEEDS, 2 / 3
        assert abs(share - expected) < LIKELY * (expected * (1 - expected) / SEEDS) ** 0.5


def assert_equally_likely(found: Counter, kinds: int) -> None:
    """Chi-square of the counts, whose mean is the degrees of freedom and variance twice that."""
    total = found.total()
    assert len(found) == kinds
    chi_square = sum((n - total / kinds) ** 2 / (total / kinds) for n in found.values())
    assert chi_square < (kinds - 1) + LIKELY * (2 * (kinds - 1)) ** 0.5


@given(st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 3)), max_size=8), st.integers(0, 999))
def test_as_many_seats_are_filled_as_any_assignment_fills(wishes, n):
    eligible = {f"P{o}": sorted(crews) for o, crews in wishes.items()}
    found = assign(eligible, 4, {}, Stream(seed(n), "", "test"))
    for crew, team in enumerate(found):
        assert len(team) <= OFFICERS_PER_CREW
        assert all(crew in eligible[o] for o in team)
    taken = [o for team in found for o in team]
    assert len(taken) == len(set(taken))
    # Hall and König: no set of crews can have more than its own officers, nor fewer than all others leave it.
    best = min(
        OFFICERS_PER_CREW * (4 - len(crews)) + sum(bool(set(w) & set(crews)) for w in eligible.values())
        for size in range(5)
        for crews in combinations(range(4), size)
    )
    assert len(taken) == best


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_drawn_roster_keeps_every_rule(data):
    snapshot = data.draw(small_snapshots(SmallSizes(days=5), pins=False))
    schedule = data.draw(kept_schedules(snapshot))
    authorities = sorted({c.authority_id for c in schedule.crew_shifts}) or ["A1"]
    count = data.draw(st.integers(2, 8))
    officers = [
        an_officer(10 * k + n, a, valid_to=data.draw(st.sampled_from((snapshot.calendar.end, snapshot.calendar.start))),
                   valid_from=day(-100))
        for k, a in enumerate(authorities)
        for n in range(count)
    ]  # fmt: skip
    ids = st.sampled_from([o.officer_id for o in officers])
    enterprises = st.sampled_from([e.enterprise_id for e in snapshot.enterprises])
    recusals = data.draw(st.lists(st.builds(Recusal, officer_id=ids, enterprise_id=enterprises), max_size=3))
    roster = Roster(officers=tuple(officers), recusals=tuple(recusals))
    draw = draw_officers(schedule, roster, seed(data.draw(st.integers(0, 99))))
    if draw.lacks:
        assert draw.teams == ()
        return
    crews = {c.crew_id: c for c in schedule.crew_shifts}
    assert {t.crew_id for t in draw.teams} == set(crews)
    people = {o.officer_id: o for o in officers}
    enterprise = {v.visit_id: v.enterprise_id for v in schedule.visits}
    banned = {(r.officer_id, r.enterprise_id) for r in recusals}
    busy = Counter()
    for team in draw.teams:
        crew = crews[team.crew_id]
        assert len(set(team.officer_ids)) == OFFICERS_PER_CREW
        for officer_id in team.officer_ids:
            who = people[officer_id]
            assert who.authority_id == crew.authority_id
            assert who.valid_from <= crew.day <= who.valid_to
            assert not any((officer_id, enterprise[s.visit_id]) in banned for s in crew.stops)
            busy[officer_id, crew.day, crew.shift_id] += 1
    assert set(busy.values()) <= {1}
