"""Caravans by OR-Tools routing: a vehicle for every team and slot, the pools as constraints on teams that are out."""

from __future__ import annotations

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.peers.answer import Budget, PeerAnswer
from benchmarks.peers.jobs import PeerCase
from benchmarks.peers.teams import APART, W_CREW, W_WEIGHT, Route, StreetModel, by_street

MAX_VEHICLES = 500
"""Vehicles of a street, teams of rare sets aside; more take longer than they bring (see benchmarks/README.md)."""


def ortools_caravan(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return OR-Tools' caravans, repaired where streets share crews."""
    return by_street(
        case,
        budget,
        solve_street,
        max_vehicles=MAX_VEHICLES,
        threads=1,
        relaxation="streets apart: crews shared by streets not counted",
        note="greedy start, guided local search, pools as constraints",
    )


def solve_street(model: StreetModel, budget: Budget) -> list[Route]:
    """Return the routes of a street; OR-Tools takes one thread, the seed shuffles the order of its vehicles."""
    vehicles = sorted(model.vehicles, key=lambda v: (v[0] * (1 + budget.seed % 7) % len(model.slot_lo), v))
    manager = pywrapcp.RoutingIndexManager(len(model.jobs) + 1, len(vehicles), 0)
    routing = pywrapcp.RoutingModel(manager)
    places, stays = [0, *(j.place for j in model.jobs)], [0, *(j.stay for j in model.jobs)]
    ride = [[int(model.legs[a, b]) for b in places] for a in places]
    times = [[w + stays[i] + (model.buffer if i and k else 0) for k, w in enumerate(row)] for i, row in enumerate(ride)]
    by_members: dict[int, int] = {}
    for v, (_, k) in enumerate(vehicles):
        members = model.members(k)
        if members not in by_members:
            by_members[members] = routing.RegisterTransitMatrix([[members * w for w in row] for row in ride])
        routing.SetArcCostEvaluatorOfVehicle(by_members[members], v)
        routing.SetFixedCostOfVehicle(W_CREW * members, v)
    horizon = APART * len(model.slot_lo)
    routing.AddDimension(routing.RegisterTransitMatrix(times), 1440, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    for v, (slot, _) in enumerate(vehicles):
        for index in (routing.Start(v), routing.End(v)):
            time.CumulVar(index).SetRange(APART * slot + model.slot_lo[slot], APART * slot + model.slot_hi[slot])
    for n, job in enumerate(model.jobs):
        index = manager.NodeToIndex(n + 1)
        slots = {s for s, _, _ in job.windows}
        come = [v for v, (slot, k) in enumerate(vehicles) if slot in slots and k in model.fits[n]]
        routing.VehicleVar(index).SetValues([-1, *come])
        lows, highs = [APART * s + lo for s, lo, _ in job.windows], [APART * s + hi for s, _, hi in job.windows]
        time.CumulVar(index).SetRange(lows[0], highs[-1])
        # The vehicles' own times keep the slots; cutting gaps out of a time costs milliseconds each.
        for high, low in zip(highs, lows[1:], strict=False) if job.hours else ():
            time.CumulVar(index).RemoveInterval(high + 1, low - 1)
        routing.AddDisjunction([index], W_WEIGHT * job.weight)
    _add_pools(model, routing, vehicles)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(1000 * budget.left())))
    routing.CloseModelWithParameters(parameters)
    first = routing.ReadAssignmentFromRoutes(_first_routes(model, vehicles), True)
    if first is None:
        return []
    parameters.time_limit.FromMilliseconds(max(1, int(1000 * budget.left())))
    found = routing.SolveFromAssignmentWithParameters(first, parameters)
    return _routes(model, manager, routing, vehicles, first if found is None else found)


def _first_routes(model: StreetModel, vehicles: list[tuple[int, int]]) -> list[list[int]]:
    """Return routes to begin with: jobs with least choice first, each behind the team that waits least crews for it.

    OR-Tools' own first solutions (parallel and local cheapest insertion) serve next to nothing within a minute here.
    """
    routes: list[list[int]] = [[] for _ in vehicles]
    ends = [(model.slot_lo[slot], 0) for slot, _ in vehicles]
    left = model.pools.copy()
    for n in sorted(range(len(model.jobs)), key=lambda n: len(model.jobs[n].windows)):
        job, best = model.jobs[n], None
        windows = {s: (lo, hi) for s, lo, hi in job.windows}
        for v, (slot, k) in enumerate(vehicles):
            if slot not in windows or k not in model.fits[n]:
                continue
            clock, here = ends[v]
            start = max(windows[slot][0], clock + int(model.legs[here, job.place]) + (model.buffer if here else 0))
            if start > windows[slot][1]:
                continue
            fresh = not routes[v]
            if fresh and any(left[a, slot] < crews for a, crews in model.sets[k]):
                continue
            key = (model.members(k) * (2 if fresh else 1), start)
            if best is None or key < best[0]:
                best = key, v, start
        if best is not None:
            _, v, start = best
            slot, k = vehicles[v]
            if not routes[v]:
                for a, crews in model.sets[k]:
                    left[a, slot] -= crews
            routes[v].append(n + 1)
            ends[v] = start + job.stay, job.place
    return routes


def _add_pools(model: StreetModel, routing: pywrapcp.RoutingModel, vehicles: list[tuple[int, int]]) -> None:
    """Teams that are out in a slot have no more crews of an authority than there are."""
    solver = routing.solver()
    out: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for v, (slot, k) in enumerate(vehicles):
        for authority, crews in model.sets[k]:
            out.setdefault((slot, authority), []).append((v, crews))
    for (slot, authority), teams in out.items():
        if sum(crews for _, crews in teams) > model.pools[authority, slot]:
            used = [routing.ActiveVehicleVar(v) for v, _ in teams]
            crews = [c for _, c in teams]
            solver.Add(solver.ScalProd(used, crews) <= int(model.pools[authority, slot]))


def _routes(
    model: StreetModel,
    manager: pywrapcp.RoutingIndexManager,
    routing: pywrapcp.RoutingModel,
    vehicles: list[tuple[int, int]],
    found: pywrapcp.Assignment | None,
) -> list[Route]:
    routes = []
    for v, (slot, _) in enumerate(vehicles if found is not None else []):
        index, jobs = found.Value(routing.NextVar(routing.Start(v))), []
        while not routing.IsEnd(index):
            jobs.append(model.jobs[manager.IndexToNode(index) - 1].job)
            index = found.Value(routing.NextVar(index))
        if jobs:
            routes.append((slot, tuple(jobs)))
    return routes
