"""CP-SAT, the whole case in one model, with first-fit as its hint.

An optional interval for every part of every task (a job with one of its options), a literal for every slot of a task,
arcs between the parts of one authority that one crew may serve one after the other, and the pools by authority and
slot: a crew begins at a part that no arc enters. Arcs are pruned to the nearest parts and those of the hint; nothing
else is left out, so that every answer is a schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from benchmarks.peers.answer import Budget, PeerAnswer, Placed
from benchmarks.peers.first_fit import first_order, one_pass, rank
from benchmarks.peers.jobs import Option, PeerCase, slots_in

NEAREST = 10
"""Parts behind a part that a crew may go to, besides those of the hint."""

MAX_SLOT_LITERALS = 600_000
"""Above so many the model would not be built, let alone solved, in the minutes that peers have."""

W_WEIGHT, W_DOOR, W_CREW, W_DAY = 20_000, 2_000, 400, 20
"""The weights of onevisit's annealing: CP-SAT has one linear objective."""

BUILD_SHARE = 0.8
"""Share of the time after which building is given up."""


@dataclass(slots=True)
class _Task:
    job: int
    option: Option
    here: cp_model.IntVar
    start: cp_model.IntVar
    slot: cp_model.IntVar
    at: dict[int, cp_model.IntVar]
    parts: list[cp_model.IntVar]


@dataclass(slots=True)
class _Node:
    """One crew's work at a part of a task."""

    task: _Task
    part: int
    crew: int
    first: cp_model.IntVar


class TooLarge(Exception):
    """The model was not built in the time."""


def cpsat(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return what CP-SAT makes of first-fit's answer; that answer itself when it finds no better."""
    passes = [one_pass(case, first_order(case), best_fit=b) for b in (True, False)]
    hint = min(passes, key=lambda placed: rank(case, placed))
    model = _Model(case)
    try:
        model.build(hint, budget)
    except TooLarge as reason:
        return PeerAnswer(placed=tuple(hint), note=f"{reason}; the answer is its hint")
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, budget.left() - 0.5)
    solver.parameters.num_workers = budget.workers
    solver.parameters.random_seed = budget.seed
    solver.parameters.repair_hint = True
    solver.parameters.cp_model_probing_level = 0  # presolve would take the whole minute
    solver.parameters.symmetry_level = 0
    status = solver.solve(model.model)
    size = f"{len(model.model.proto.variables)} variables, {len(model.model.proto.constraints)} constraints"
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return PeerAnswer(placed=tuple(hint), note=f"{size}; {solver.status_name(status)}: the answer is its hint")
    value, bound = solver.objective_value, solver.best_objective_bound
    note = f"{size}; {solver.status_name(status)}, objective {value:.0f}, bound {bound:.0f}"
    return PeerAnswer(placed=tuple(model.read(solver)), note=note)


class _Model:
    def __init__(self, case: PeerCase) -> None:
        self.case = case
        self.model = cp_model.CpModel()
        self.tasks: list[_Task] = []
        self.hinted: dict[int, int | None] = {}
        self.is_first: dict[int, bool] = {}
        self.at_hint: dict[int, bool] = {}
        self.nodes: dict[tuple[int, int], list[_Node]] = {}
        self.arcs: dict[tuple[int, int], list[tuple[int, int, cp_model.IntVar]]] = {}

    def build(self, hint: list[Placed], budget: Budget) -> None:
        """Build the model and hint it.

        Raises
        ------
        TooLarge : out of time, or too many literals.
        """
        deadline = budget.left() * (1 - BUILD_SHARE)
        literals = sum(o.slots.bit_count() for j in range(len(self.case.jobs)) for o in self._options(j))
        if literals > MAX_SLOT_LITERALS:
            raise TooLarge(f"{literals} literals of slots are too many to build in the time")
        hinted = {p.job: p for p in hint}
        for j in range(len(self.case.jobs)):
            self._add_job(j, hinted.get(j))
            if budget.left() < deadline:
                raise TooLarge("the model was not built in the time")
        follows = _follows(self.case, hint)
        for (street, authority), nodes in self.nodes.items():
            self.arcs[street, authority] = self._add_routes(street, authority, nodes, follows)
            if budget.left() < deadline:
                raise TooLarge("the model was not built in the time")
        self._add_pools()
        self._add_objective()

    def _options(self, j: int) -> list[Option]:
        """The options that are the heaviest in some slot, each with those slots only."""
        out, seen = [], 0
        for option in self.case.jobs[j].options:
            fresh = option.slots & ~seen
            if fresh:
                out.append(replace(option, slots=fresh))
                seen |= fresh
        return out

    def _add_job(self, j: int, hinted: Placed | None) -> None:
        job, m = self.case.jobs[j], self.model
        tasks = []
        home = int(self.case.legs[job.street][0, job.place])
        options = self._options(j)
        if hinted is not None and not any(
            o.items == hinted.option.items and o.slots >> hinted.slot & 1 for o in options
        ):
            options.append(hinted.option)
        for option in options:
            here = m.new_bool_var("")
            slots = slots_in(option.slots)
            at = {s: m.new_bool_var("") for s in slots}
            m.add(sum(at.values()) == here)
            slot = m.new_int_var_from_domain(cp_model.Domain.from_values(slots), "")
            m.add(slot == sum(s * x for s, x in at.items())).only_enforce_if(here)
            start = m.new_int_var(0, 1440, "")
            for shift in range(self.case.num_shifts):
                literals = [x for s, x in at.items() if s % self.case.num_shifts == shift]
                lo = max(self.case.slot_lo[shift] + home, job.open_from)
                hi = min(self.case.slot_hi[shift] - home, job.open_to) - option.stay
                for x in literals:
                    m.add_linear_constraint(start, lo, hi).only_enforce_if(x)
            task = _Task(job=j, option=option, here=here, start=start, slot=slot, at=at, parts=[])
            for part in option.parts:
                slack = 0 if self.case.together else option.stay - part.minutes
                begin = start if slack == 0 else m.new_int_var(0, 1440, "")
                if slack:
                    m.add(begin >= start)
                    m.add(begin <= start + slack)
                task.parts.append(begin)
            self._add_nodes(task)
            tasks.append(task)
            mine = hinted is not None and hinted.option.items == option.items and hinted.slot in at
            self.hinted[id(task)] = hinted.slot if mine else None
            m.add_hint(here, mine)
            for s, x in at.items():
                self.at_hint[x.index] = mine and s == hinted.slot
                m.add_hint(x, self.at_hint[x.index])
            if not mine:
                m.add_hint(slot, slots[0])
                for begin in {id(v): v for v in (start, *task.parts)}.values():
                    m.add_hint(begin, 0)
            else:
                m.add_hint(slot, hinted.slot)
                m.add_hint(start, min(hinted.starts))
                for begin, at_minute in zip(task.parts, hinted.starts, strict=True):
                    if begin is not start:
                        m.add_hint(begin, at_minute)
        m.add_at_most_one([t.here for t in tasks])
        self.tasks += tasks

    def _add_nodes(self, task: _Task) -> None:
        street = self.case.jobs[task.job].street
        for k, part in enumerate(task.option.parts):
            for crew in range(part.crews):
                node = _Node(task=task, part=k, crew=crew, first=self.model.new_bool_var(""))
                self.nodes.setdefault((street, part.authority), []).append(node)

    def _add_routes(
        self, street: int, authority: int, nodes: list[_Node], follows: set[tuple[int, int, int, int, int]]
    ) -> list[tuple[int, int, cp_model.IntVar]]:
        """Arcs between the parts of an authority: a part that is served has one arc into it, or is a crew's first."""
        case, m, legs = self.case, self.model, self.case.legs[street]
        arcs = []
        into: list[list[cp_model.IntVar]] = [[] for _ in nodes]
        entered = [False] * len(nodes)
        for i, a in enumerate(nodes):
            out = []
            for k, hinted in self._next(nodes, i, legs, authority, follows):
                b = nodes[k]
                arc = m.new_bool_var("")
                way = int(legs[case.jobs[a.task.job].place, case.jobs[b.task.job].place])
                way += case.buffer + a.task.option.parts[a.part].minutes
                m.add(b.task.parts[b.part] >= a.task.parts[a.part] + way).only_enforce_if(arc)
                m.add(a.task.slot == b.task.slot).only_enforce_if(arc)
                m.add_implication(arc, a.task.here)
                hinted = hinted and self.hinted[id(a.task)] is not None and self.hinted[id(b.task)] is not None
                m.add_hint(arc, hinted)
                entered[k] = entered[k] or hinted
                out.append(arc)
                into[k].append(arc)
                arcs.append((i, k, arc))
            m.add_at_most_one(out)
        for i, node in enumerate(nodes):
            m.add(node.first + sum(into[i]) == node.task.here)
            self.is_first[id(node)] = self.hinted[id(node.task)] is not None and not entered[i]
            m.add_hint(node.first, self.is_first[id(node)])
        return arcs

    def _next(
        self, nodes: list[_Node], i: int, legs: npt.NDArray[np.int64], authority: int,
        follows: set[tuple[int, int, int, int, int]],
    ) -> list[tuple[int, bool]]:  # fmt: skip
        """Return the nodes that an arc from node i leads to: the nearest, and those behind it in the hint."""
        a = nodes[i]
        here = self.case.jobs[a.task.job].place
        near, out = [], []
        for k, b in enumerate(nodes):
            if b.task.job == a.task.job or not a.task.option.slots & b.task.option.slots:
                continue
            if (authority, a.task.job, a.crew, b.task.job, b.crew) in follows:
                out.append((k, True))
            else:
                near.append((int(legs[here, self.case.jobs[b.task.job].place]), k))
        near.sort()
        return out + [(k, False) for _, k in near[:NEAREST]]

    def _add_pools(self) -> None:
        """R23 by authority and slot: crews that begin there fit into the pools of street, district and city."""
        case, m = self.case, self.model
        begins: dict[tuple[int, int, int], list[tuple[cp_model.IntVar, int]]] = {}
        for (street, authority), nodes in self.nodes.items():
            for node in nodes:
                for s, x in node.task.at.items():
                    both = m.new_bool_var("")
                    m.add_bool_or([both, ~node.first, ~x])
                    here = int(self.is_first[id(node)] and self.hinted[id(node.task)] == s)
                    m.add_hint(both, here)
                    begins.setdefault((authority, s, street), []).append((both, here))
        over: dict[tuple[int, int, int], list[tuple[cp_model.IntVar, int]]] = {}
        for (authority, s, street), crews in begins.items():
            district = case.street_district[street]
            beyond = self._beyond(crews, int(case.crews_street[authority, street, s]))
            over.setdefault((authority, s, district), []).append(beyond)
        city: dict[tuple[int, int], list[tuple[cp_model.IntVar, int]]] = {}
        for (authority, s, district), crews in over.items():
            beyond = self._beyond(crews, int(case.crews_district[authority, district, s]))
            city.setdefault((authority, s), []).append(beyond)
        for (authority, s), crews in city.items():
            m.add(sum(v for v, _ in crews) <= int(case.crews_city[authority, 0, s]))

    def _beyond(self, crews: list[tuple[cp_model.IntVar, int]], own: int) -> tuple[cp_model.IntVar, int]:
        """Return the crews that a pool of its own does not hold, with its hint."""
        beyond, hint = self.model.new_int_var(0, 10_000, ""), max(0, sum(h for _, h in crews) - own)
        self.model.add(beyond >= sum(v for v, _ in crews) - own)
        self.model.add_hint(beyond, hint)
        return beyond, hint

    def _add_objective(self) -> None:
        """Weight left out, doors and crew shifts; joint days by street and date. Travel is left to the other tiers."""
        m, days = self.model, {}
        for task in self.tasks:
            for s, x in task.at.items():
                days.setdefault((self.case.jobs[task.job].street, s // self.case.num_shifts), []).append(x)
        used = []
        for literals in days.values():
            day = m.new_bool_var("")
            for x in literals:
                m.add_implication(x, day)
            m.add_hint(day, any(self.at_hint[x.index] for x in literals))
            used.append(day)
        served = sum(t.option.weight * t.here for t in self.tasks)
        doors = sum(t.here for t in self.tasks)
        crews = sum(n.first for nodes in self.nodes.values() for n in nodes)
        m.minimize(W_DOOR * doors + W_CREW * crews + W_DAY * sum(used) - W_WEIGHT * served)

    def read(self, solver: cp_model.CpSolver) -> list[Placed]:
        """Return the schedule of a solution: crews are the chains of its arcs, numbered within their street shift."""
        numbers: dict[tuple[int, int], list[int]] = {}
        for key, nodes in self.nodes.items():
            after = {i: k for i, k, arc in self.arcs[key] if solver.boolean_value(arc)}
            taken: dict[int, int] = {}
            for i, node in enumerate(nodes):
                if not solver.boolean_value(node.first):
                    continue
                slot = solver.value(node.task.slot)
                crew = taken[slot] = taken.get(slot, -1) + 1
                at: int | None = i
                while at is not None:
                    numbers.setdefault((id(nodes[at].task), nodes[at].part), []).append(crew)
                    at = after.get(at)
        return [
            Placed(
                job=t.job,
                option=t.option,
                slot=solver.value(t.slot),
                starts=tuple(solver.value(begin) for begin in t.parts),
                crews=tuple(tuple(numbers[id(t), k]) for k in range(len(t.parts))),
            )
            for t in self.tasks
            if solver.boolean_value(t.here)
        ]


def _follows(case: PeerCase, hint: list[Placed]) -> set[tuple[int, int, int, int, int]]:
    """Return (authority, job, its crew, next job, its crew) of the hint, crews counted within the part."""
    routes: dict[tuple[int, int, int, int], list[tuple[int, int, int]]] = {}
    for p in hint:
        for part, start, crews in zip(p.option.parts, p.starts, p.crews, strict=True):
            for q, crew in enumerate(crews):
                key = case.jobs[p.job].street, p.slot, part.authority, crew
                routes.setdefault(key, []).append((start, p.job, q))
    return {(key[2], a[1], a[2], b[1], b[2]) for key, stops in routes.items() for a, b in pairwise(sorted(stops))}
