"""Caravans by VROOM: a vehicle for every team and slot, authorities as skills, dates as time windows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from benchmarks.peers.answer import Budget, PeerAnswer
from benchmarks.peers.jobs import PeerCase
from benchmarks.peers.teams import APART, W_CREW, Route, StreetModel, by_street

EXPLORATION = 3
"""Of 1 to 5; higher levels do not stop in time here."""

MAX_VEHICLES = 2000
"""Vehicles of a street, teams of rare sets aside; more take longer than they bring (see benchmarks/README.md)."""


def vroom_caravan(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return VROOM's caravans, repaired.

    Raises
    ------
    ImportError : pyvroom is not installed.
    """
    import vroom  # noqa: F401

    return by_street(
        case,
        budget,
        solve_street,
        max_vehicles=MAX_VEHICLES,
        threads=budget.workers,
        relaxation="crews shared by teams of a slot not counted; streets apart",
        note=f"exploration level {EXPLORATION}",
    )


def solve_street(model: StreetModel, budget: Budget) -> list[Route]:
    """Return VROOM's routes of a street; it takes no seed."""
    import vroom

    problem = vroom.Input()
    legs = model.legs + model.buffer * (np.arange(len(model.legs))[:, None] > 0) * (np.arange(len(model.legs)) > 0)
    np.fill_diagonal(legs, 0)
    problem.set_durations_matrix("car", legs)
    for v, (slot, k) in enumerate(model.vehicles):
        members = model.members(k)
        problem.add_vehicle(
            vroom.Vehicle(
                v,
                start=0,
                end=0,
                skills={100 * a + q for a, crews in model.sets[k] for q in range(crews)},
                time_window=(APART * slot + model.slot_lo[slot], APART * slot + model.slot_hi[slot]),
                costs=vroom.VehicleCosts(fixed=W_CREW * members, per_hour=3600 * members),
            )
        )
    weights = sorted({job.weight for job in model.jobs})
    for n, job in enumerate(model.jobs):
        problem.add_job(
            vroom.Job(
                n,
                location=job.place,
                default_service=job.stay,
                skills={100 * a + q for a, crews in job.needs for q in range(crews)},
                priority=1 + 99 * weights.index(job.weight) // len(weights),
                time_windows=[(APART * s + lo, APART * s + hi + 1) for s, lo, hi in job.windows],
            )
        )
    solution = problem.solve(
        exploration_level=EXPLORATION,
        nb_threads=budget.workers,
        timeout=timedelta(milliseconds=max(1, int(1000 * budget.left()))),
    )
    routes: dict[int, list[int]] = {}
    table = solution.routes
    for vehicle, kind, n in zip(table["vehicle_id"], table["type"], table["id"], strict=True):
        if kind == "job":
            routes.setdefault(int(vehicle), []).append(model.jobs[int(n)].job)
    return [(model.vehicles[v][0], tuple(jobs)) for v, jobs in routes.items()]
