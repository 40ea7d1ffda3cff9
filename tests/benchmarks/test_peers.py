"""Small real runs of the peers: what they answer keeps every rule, and a caravan is one."""

from __future__ import annotations

import csv
import importlib.util
import time
from pathlib import Path

import pytest

from benchmarks.peers.answer import Budget, Peer, PeerAnswer, checked, crew_shifts, unserved_weight
from benchmarks.peers.caravan import caravan, search
from benchmarks.peers.caravan_data import caravan_data, placed_of, teams_of
from benchmarks.peers.cpsat import cpsat
from benchmarks.peers.first_fit import first_fit, first_order, one_pass
from benchmarks.peers.jobs import CannotExpress, PeerCase, build_case
from benchmarks.peers.ortools_caravan import ortools_caravan
from benchmarks.peers.ortools_equal import ortools_equal
from benchmarks.peers.pyvrp_caravan import pyvrp_caravan
from benchmarks.peers.run import main
from benchmarks.peers.teams import repair
from benchmarks.peers.vroom_caravan import vroom_caravan
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.domain.plans import Pin
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_raw
from tests.reference_check import reference_faults


def snapshot_of(spec: GenerateSpec) -> PlanningSnapshot:
    return read_raw(generate_city(spec)).snapshot


@pytest.fixture(scope="module")
def street() -> PeerCase:
    return build_case(snapshot_of(GenerateSpec(enterprises=15, seed=5)))


@pytest.fixture(scope="module")
def ugly() -> PeerCase:
    """With hours, closing days, a buffer, items of several crews, two streets that share crews."""
    spec = GenerateSpec(level=Level.STREET, places=("马田", "公明"), enterprises=10, seed=6, ugly=True, stretch_min=15)
    return build_case(snapshot_of(spec).replace(pins=()))


def run(peer: Peer, case: PeerCase, seconds: float = 4.0, workers: int = 1) -> PeerAnswer:
    return peer(case, Budget(until=time.perf_counter() + seconds, seed=1, workers=workers))


@pytest.mark.parametrize(
    ("peer", "module"),
    [
        (first_fit, "ortools"),
        (caravan, "numba"),
        (ortools_caravan, "ortools"),
        (ortools_equal, "ortools"),
        (cpsat, "ortools"),
        (pyvrp_caravan, "pyvrp"),
        (vroom_caravan, "vroom"),
    ],
)
@pytest.mark.parametrize("name", ["street", "ugly"])
def test_an_answer_keeps_every_rule(peer: Peer, module: str, name: str, request: pytest.FixtureRequest) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed (extra peers)")
    case: PeerCase = request.getfixturevalue(name)
    answer = run(peer, case)
    schedule, terms, violations = checked(case, answer.placed)
    assert not [v.sentence("en") for v in violations]
    assert terms.unserved_weight == unserved_weight(case, answer.placed)
    assert terms.crew_shifts == crew_shifts(case, answer.placed)
    assert len(schedule.visits) >= len(case.jobs) // 2
    assert (answer.relaxed_crew_shifts is not None) == bool(answer.relaxation)


def test_another_checker_accepts_a_peer(street: PeerCase) -> None:
    schedule, _, _ = checked(street, run(first_fit, street, 0.5).placed)
    assert reference_faults(street.snapshot, schedule) == []


@pytest.mark.parametrize("name", ["street", "ugly"])
def test_a_caravan_rides_together_all_shift(name: str, request: pytest.FixtureRequest) -> None:
    """All crews of a team begin every stop together and wait there for the slowest; no crew is in two teams."""
    case: PeerCase = request.getfixturevalue(name)
    best, _ = search(case, caravan_data(case), Budget(until=time.perf_counter() + 2, seed=1, workers=2))
    teams = teams_of(case, best)
    placed = {p.job: p for p in placed_of(case, teams)}
    owner: dict[tuple[int, int, int, int], int] = {}
    assert sum(len(team.stops) for team in teams) == len(placed)
    for number, team in enumerate(teams):
        clock, here = case.slot_lo[team.slot], 0
        for n, ((j, _), start) in enumerate(zip(team.stops, team.starts, strict=True)):
            p, place = placed[j], case.jobs[j].place
            leg = int(case.legs[team.street][here, place])
            assert p.slot == team.slot
            assert set(p.starts) == {start}
            assert start >= clock + leg + (case.buffer if n else 0)
            clock, here = start + max(part.minutes for part in p.option.parts), place
            for part, crews in zip(p.option.parts, p.crews, strict=True):
                for crew in crews:
                    assert owner.setdefault((team.street, team.slot, part.authority, crew), number) == number
        assert clock + int(case.legs[team.street][here, 0]) <= case.slot_hi[team.slot]


def test_caravans_count_the_crews_that_ride(street: PeerCase) -> None:
    best, _ = search(street, caravan_data(street), Budget(until=time.perf_counter() + 1, seed=1, workers=1))
    placed = placed_of(street, teams_of(street, best))
    assert int(best.totals[2]) == crew_shifts(street, placed)
    assert int(best.totals[1]) == len(placed)
    assert int(best.totals[0]) == sum(p.option.weight for p in placed)


def test_repair_keeps_routes_that_fit_and_mends_the_rest(street: PeerCase) -> None:
    best, _ = search(street, caravan_data(street), Budget(until=time.perf_counter() + 1, seed=1, workers=1))
    heaviest = [t for t in teams_of(street, best) if all(o == 0 for _, o in t.stops)]
    routes = [(t.slot, tuple(j for j, _ in t.stops)) for t in heaviest]
    mended = teams_of(street, repair(street, routes))
    kept = {(t.slot, t.stops[0][0]) for t in mended}
    assert {(slot, jobs[0]) for slot, jobs in routes} <= kept
    one_slot = [(routes[0][0], jobs) for _, jobs in routes]
    assert not checked(street, placed_of(street, teams_of(street, repair(street, one_slot))))[2]


def test_first_fit_serves_more_or_the_same_with_restarts(street: PeerCase) -> None:
    plain = one_pass(street, first_order(street), best_fit=False)
    assert unserved_weight(street, run(first_fit, street, 1.0).placed) <= unserved_weight(street, plain)


def test_a_case_with_pins_is_refused(street: PeerCase) -> None:
    pin = Pin(enterprise_id=street.index.enterprise_ids[0], day=street.snapshot.calendar.days[3])
    with pytest.raises(CannotExpress):
        build_case(street.snapshot.replace(pins=(pin,)))


def test_the_runner_writes_a_row_for_every_peer(tmp_path: Path) -> None:
    from scheduler.intake.tables import write_case

    write_case(generate_city(GenerateSpec(enterprises=12, seed=5)), tmp_path / "small")
    out = tmp_path / "peers.csv"
    peers = ["onevisit", "first_fit", "caravan"]
    call = f"--case {tmp_path / 'small'} --time-limit 1.5 --workers 1 --seeds 1 --out {out} --peers"
    main([*call.split(), *peers])
    with out.open(encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    assert [r["peer"] for r in rows] == peers
    assert {r["violations"] for r in rows} == {"0"}
    assert {r["instance"] for r in rows} == {"small"}
