"""One re-filling of a few street shifts by OR-Tools routing, the parts of a visit tied by equal start times.

A node for every crew's part, a vehicle for every crew that an authority may send to a street shift. The time axis
holds the street shifts one behind the other, a date apart, so that equal times are also equal street shifts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

APART = 10_000
"""Minutes between the begins of two street shifts on the time axis."""

W_CREW = 400
DROP = 1_500
"""Cost of leaving a part out: more than a crew shift and its ride, and little enough to be passed through.

A visit moves part by part, as OR-Tools moves one node at a time, so parts may be left out one by one; whether the
filling is taken is decided by the weight that it really serves.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refill:
    """Street shifts to fill again.

    Parameters
    ----------
    slot_lo, slot_hi : begin and end of every street shift.
    vehicles : (street shift, authority) of every crew that may come.
    job_node : job of every node but the office.
    node_authority, node_minutes : of every node but the office.
    node_place : row of `legs`, of every node but the office.
    job_windows : (street shift, first start, last start) of every job where it may be.
    routes : the crews' present routes by vehicle, as node numbers from 1; feasible.
    """

    slot_lo: list[int]
    slot_hi: list[int]
    vehicles: list[tuple[int, int]]
    job_node: list[int]
    node_authority: list[int]
    node_minutes: list[int]
    node_place: list[int]
    legs: npt.NDArray[np.int64]
    buffer: int
    job_windows: list[list[tuple[int, int, int]]]
    routes: list[list[int]]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refilled:
    """The crews' new routes by vehicle, and the start of every node that is served."""

    routes: list[list[int]]
    starts: dict[int, int]


def refill(r: Refill) -> Refilled | None:
    """Return a better filling, ``None`` when none was found."""
    manager = pywrapcp.RoutingIndexManager(len(r.job_node) + 1, len(r.vehicles), 0)
    routing = pywrapcp.RoutingModel(manager)
    places = [0, *r.node_place]
    ride = r.legs[np.ix_(places, places)]
    stay = np.array([0, *r.node_minutes])
    between = np.full(ride.shape, r.buffer)
    between[0, :] = between[:, 0] = 0
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(ride.tolist()))
    horizon = APART * len(r.slot_lo)
    callback = routing.RegisterTransitMatrix((ride + stay[:, None] + between).tolist())
    routing.AddDimension(callback, horizon, horizon, False, "time")
    time = routing.GetDimensionOrDie("time")
    _add_vehicles(r, routing, time)
    _add_nodes(r, manager, routing, time)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(1000 * r.seconds))
    operators = parameters.local_search_operators
    operators.use_path_lns = operators.use_full_path_lns = operators.use_inactive_lns = 3  # BOOL_TRUE
    routing.CloseModelWithParameters(parameters)
    first = routing.ReadAssignmentFromRoutes(r.routes, True)
    if first is None:
        return None
    found = routing.SolveFromAssignmentWithParameters(first, parameters)
    if found is None or found.ObjectiveValue() >= first.ObjectiveValue():
        return None
    return _read(r, manager, routing, time, found)


def _add_vehicles(r: Refill, routing: pywrapcp.RoutingModel, time: pywrapcp.RoutingDimension) -> None:
    for v, (slot, _) in enumerate(r.vehicles):
        routing.SetFixedCostOfVehicle(W_CREW, v)
        for index in (routing.Start(v), routing.End(v)):
            time.CumulVar(index).SetRange(APART * slot + r.slot_lo[slot], APART * slot + r.slot_hi[slot])


def _add_nodes(
    r: Refill,
    manager: pywrapcp.RoutingIndexManager,
    routing: pywrapcp.RoutingModel,
    time: pywrapcp.RoutingDimension,
) -> None:
    solver = routing.solver()
    first: dict[int, int] = {}
    for node, job in enumerate(r.job_node, 1):
        index = manager.NodeToIndex(node)
        windows = r.job_windows[job]
        slots = {slot for slot, _, _ in windows}
        authority = r.node_authority[node - 1]
        come = [v for v, (slot, a) in enumerate(r.vehicles) if a == authority and slot in slots]
        routing.VehicleVar(index).SetValues([-1, *come])
        lows = [APART * slot + lo for slot, lo, _ in windows]
        highs = [APART * slot + hi for slot, _, hi in windows]
        time.CumulVar(index).SetRange(lows[0], highs[-1])
        for high, low in zip(highs, lows[1:], strict=False):
            time.CumulVar(index).RemoveInterval(high + 1, low - 1)
        routing.AddDisjunction([index], DROP)
        if job in first:
            solver.Add(time.CumulVar(index) == time.CumulVar(first[job]))
        first.setdefault(job, index)


def _read(
    r: Refill,
    manager: pywrapcp.RoutingIndexManager,
    routing: pywrapcp.RoutingModel,
    time: pywrapcp.RoutingDimension,
    found: pywrapcp.Assignment,
) -> Refilled:
    routes, starts = [], {}
    for v in range(len(r.vehicles)):
        route = []
        index = found.Value(routing.NextVar(routing.Start(v)))
        while not routing.IsEnd(index):
            node = manager.IndexToNode(index)
            route.append(node)
            starts[node] = found.Min(time.CumulVar(index)) % APART
            index = found.Value(routing.NextVar(index))
        routes.append(route)
    return Refilled(routes=routes, starts=starts)
