"""Caravans by PyVRP: a vehicle type for every team and slot, a routing profile for every set of authorities."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.answer import Budget, PeerAnswer
from benchmarks.peers.jobs import PeerCase
from benchmarks.peers.teams import APART, W_CREW, W_WEIGHT, Route, StreetModel, by_street

MAX_VEHICLES = 1000
"""Vehicles of a street, teams of rare sets aside; more take longer than they bring (see benchmarks/README.md)."""

FAR = 1_000_000
"""Distance to a client that a team cannot serve."""


def pyvrp_caravan(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return PyVRP's caravans, repaired.

    Raises
    ------
    ImportError : pyvrp is not installed.
    """
    import pyvrp  # noqa: F401

    return by_street(
        case,
        budget,
        solve_street,
        max_vehicles=MAX_VEHICLES,
        threads=1,
        relaxation="crews shared by teams of a slot not counted; dates of a job as one span; streets apart",
        note="iterated local search with its own settings",
    )


def solve_street(model: StreetModel, budget: Budget) -> list[Route]:
    """Return PyVRP's routes of a street; it takes one thread."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    buffer = model.buffer * (np.arange(len(model.legs))[:, None] > 0) * (np.arange(len(model.legs)) > 0)
    order = [0, *(job.place for job in model.jobs)]
    ride = model.legs[np.ix_(order, order)]
    times = (model.legs + buffer)[np.ix_(order, order)]
    np.fill_diagonal(times, 0)
    distances = []
    for k in range(len(model.sets)):
        matrix = ride.copy()
        barred = [n for n, fits in enumerate(model.fits, 1) if k not in fits]
        matrix[:, barred] = FAR
        matrix[barred, :] = FAR
        np.fill_diagonal(matrix, 0)
        distances.append(matrix)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in order],
        clients=[
            pyvrp.Client(
                n,
                service_duration=job.stay,
                tw_early=APART * job.windows[0][0] + job.windows[0][1],
                tw_late=APART * job.windows[-1][0] + job.windows[-1][2],
                prize=W_WEIGHT * job.weight,
                required=False,
            )
            for n, job in enumerate(model.jobs, 1)
        ],
        depots=[pyvrp.Depot(0)],
        vehicle_types=[
            pyvrp.VehicleType(
                fixed_cost=W_CREW * model.members(k),
                tw_early=APART * slot + model.slot_lo[slot],
                tw_late=APART * slot + model.slot_hi[slot],
                unit_distance_cost=model.members(k),
                profile=k,
            )
            for slot, k in model.vehicles
        ],
        distance_matrices=distances,
        duration_matrices=[times] * len(distances),
    )
    result = pyvrp.solve(data, MaxRuntime(max(0.1, budget.left())), seed=budget.seed, display=False)
    routes = []
    for route in result.best.routes():
        jobs = tuple(model.jobs[a.idx].job for a in route if a.is_client())
        if jobs:
            routes.append((model.vehicles[route.vehicle_type()][0], jobs))
    return routes
