"""Merge by CP-SAT, for enterprises with more items than enumeration bears."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ortools.sat.python import cp_model

from solver.errors import SolverError
from solver.merge.problem import MergeProblem, MergeSolution, SlotClass, weight_of

MAX_WORK = 4.0
"""Deterministic seconds of CP-SAT for one enterprise, so that equal problems end equally on every machine."""

Visits = tuple[tuple[int, int], ...]
"""(item bit set, slot bit set) of every visit of a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Solve:
    """What one solve tells: a plan, its weight, a proven upper bound of any plan's, and the work that it took."""

    found: int
    bound: int
    visits: Visits
    work: float


def solve_by_cp_sat(problem: MergeProblem, classes: list[SlotClass], max_work: float = MAX_WORK) -> MergeSolution:
    """Return the optimum, one solve for each number of visits until the greatest weight is reached.

    That one more visit gains nothing proves little, two more may gain: then the greatest weight is worked out first.
    Solves that the work does not suffice for count with their proven upper bounds: once it is used up, any further
    visit is taken to reach the greatest weight.

    Raises
    ------
    SolverError : CP-SAT said something else than a plan, or that it ran out of work.
    """
    servable = 0
    for cls in classes:
        servable |= cls.items
    greatest = weight_of(problem, servable)
    table = [0]
    visits: Visits = ()
    found = 0
    most, work, known = _most_visits(problem, servable), max_work, False

    def solve(num_visits: int) -> int:
        nonlocal visits, found, work
        if work <= 0:
            return greatest
        best = _best_with(problem, classes, num_visits, greatest, max(work / 4, max_work / 30), visits)
        work -= best.work
        if best.found > found:
            visits, found = best.visits, best.found
        return best.bound

    while table[-1] < greatest:
        if work <= 0 and not known:
            known, work = True, 2 * max_work  # of which one solve gets a quarter
            greatest = max(found, solve(most))
            work = 0.0
        bound = max(table[-1], solve(len(table)))
        if len(table) >= most:
            greatest = bound
        elif bound == table[-1] and not known:
            known, greatest = True, solve(most)
        if bound >= greatest:
            table = [*(w for w in table if w < greatest), greatest]
        else:
            table.append(bound)
    return MergeSolution(weight_by_doors=tuple(table), visits=visits, found=found)


def _most_visits(problem: MergeProblem, servable: int) -> int:
    """Return a number of visits beyond which caps and items allow no further one."""
    items = [item for i, item in enumerate(problem.items) if servable >> i & 1]
    exempt = sum(item.exempt for item in items)
    counted = len(items) - exempt
    for cap in problem.caps:
        if cap.authority is None:
            counted = min(counted, sum(left for _, left in cap.left))
    return exempt + counted


def _best_with(
    problem: MergeProblem, classes: list[SlotClass], num_visits: int, greatest: int, work: float, known: Visits
) -> _Solve:
    m = cp_model.CpModel()
    ids = range(len(problem.items))
    inside = [[m.new_bool_var(f"x{i}_{k}") for k in range(num_visits)] for i in ids]
    at = [[m.new_bool_var(f"y{k}_{c}") for c in range(len(classes))] for k in range(num_visits)]
    for i in ids:
        m.add_at_most_one(inside[i])
    for k in range(num_visits):
        m.add_at_most_one(at[k])
        _add_visit_rules(m, problem, classes, [inside[i][k] for i in ids], at[k])
    _add_caps(m, problem, classes, inside, at)
    m.maximize(sum(problem.items[i].weight * x for i in ids for x in inside[i]))
    for k in range(num_visits):
        hinted, slots = known[k] if k < len(known) else (0, 0)
        for i in ids:
            m.add_hint(inside[i][k], hinted >> i & 1)
        for c in range(len(classes)):
            m.add_hint(at[k][c], hinted > 0 and classes[c].slots == slots)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2  # without it, proofs for enterprises of one-slot items take minutes
    solver.parameters.max_deterministic_time = work
    status = solver.solve(m)
    took = solver.response_proto.deterministic_time
    if status == cp_model.UNKNOWN:
        return _Solve(found=0, bound=greatest, visits=(), work=took)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SolverError(f"merge of {len(problem.items)} items: {solver.status_name(status)}")
    chosen = []
    for k in range(num_visits):
        items = sum(1 << i for i in ids if solver.boolean_value(inside[i][k]))
        if items:
            cls = next(c for c in range(len(classes)) if solver.boolean_value(at[k][c]))
            chosen.append((items, classes[cls].slots))
    found = round(solver.objective_value)
    proven = found if status == cp_model.OPTIMAL else math.floor(solver.best_objective_bound + 1e-6)
    return _Solve(found=found, bound=max(found, min(proven, greatest)), visits=tuple(chosen), work=took)


def _add_visit_rules(
    m: cp_model.CpModel,
    problem: MergeProblem,
    classes: list[SlotClass],
    inside: list[cp_model.IntVar],
    at: list[cp_model.IntVar],
) -> None:
    """Add what one visit must keep: its items' class, the longest part, officers on site, authorities, notice."""
    for i, x in enumerate(inside):
        m.add(x <= sum(at[c] for c, cls in enumerate(classes) if cls.items >> i & 1))
    authorities = sorted({item.authority for item in problem.items})
    taking_part = []
    for a in authorities:
        mine = [i for i in range(len(inside)) if problem.items[i].authority == a]
        total = sum(problem.items[i].duration * inside[i] for i in mine)
        limits = sum(cls.max_part * at[c] for c, cls in enumerate(classes))
        there = m.new_bool_var("")
        m.add_max_equality(there, [inside[i] for i in mine])
        m.add(total + problem.overhead * there <= limits)
        taking_part.append(there)
    if problem.max_authorities is not None:
        m.add(sum(taking_part) <= problem.max_authorities)
    if problem.max_crews is not None:
        on_site = []
        for a in authorities:
            mine = [i for i in range(len(inside)) if problem.items[i].authority == a]
            crews = m.new_int_var(0, max(problem.items[i].crews for i in mine), "")
            for i in mine:
                m.add(crews >= problem.items[i].crews * inside[i])
            on_site.append(crews)
        m.add(sum(on_site) <= problem.max_crews)
    notices = sorted({item.notice for item in problem.items})
    if len(notices) > 1:
        kind = m.new_int_var(min(notices), max(notices), "")
        for i, x in enumerate(inside):
            m.add(kind == problem.items[i].notice).only_enforce_if(x)


def _add_caps(
    m: cp_model.CpModel,
    problem: MergeProblem,
    classes: list[SlotClass],
    inside: list[list[cp_model.IntVar]],
    at: list[list[cp_model.IntVar]],
) -> None:
    """Add frequency caps: a visit counts in the period of its class when an item in it is not exempt."""
    for c, cap in enumerate(problem.caps):
        counting = [
            i for i, item in enumerate(problem.items) if not item.exempt and cap.authority in (None, item.authority)
        ]
        if not counting:
            continue
        for p, (_, left) in enumerate(cap.left):
            uses = []
            for k, choice in enumerate(at):
                here = sum(choice[j] for j, cls in enumerate(classes) if cls.periods[c] == p)
                use = m.new_bool_var("")
                for i in counting:
                    m.add(use >= inside[i][k] + here - 1)
                uses.append(use)
            m.add(sum(uses) <= left)
