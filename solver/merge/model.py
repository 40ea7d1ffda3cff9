"""Merge by CP-SAT, for enterprises with more items than enumeration bears."""

from __future__ import annotations

from ortools.sat.python import cp_model

from solver.errors import SolverError
from solver.merge.problem import MergeProblem, MergeSolution, SlotClass, weight_of


def solve_by_cp_sat(problem: MergeProblem, classes: list[SlotClass]) -> MergeSolution:
    """Return the exact optimum, one solve for each number of visits until the greatest weight is reached.

    That one more visit gains nothing proves little, two more may gain: then the greatest weight is worked out first.

    Raises
    ------
    SolverError : CP-SAT did not prove an optimum.
    """
    weights = [0]
    visits: tuple[tuple[int, int], ...] = ()
    servable = 0
    for cls in classes:
        servable |= cls.items
    greatest = weight_of(problem, servable)
    proven = False
    while weights[-1] < greatest:
        weight, chosen = _best_with(problem, classes, len(weights))
        if weight == weights[-1] and not proven:
            greatest, _ = _best_with(problem, classes, _most_visits(problem, servable))
            proven = True
            if weight == greatest:
                break
        weights.append(weight)
        visits = chosen
    return MergeSolution(weight_by_doors=tuple(weights), visits=visits)


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
    problem: MergeProblem, classes: list[SlotClass], num_visits: int
) -> tuple[int, tuple[tuple[int, int], ...]]:
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
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2  # without it, proofs for enterprises of one-slot items take minutes
    status = solver.solve(m)
    if status != cp_model.OPTIMAL:
        raise SolverError(f"merge of {len(problem.items)} items: {solver.status_name(status)}")
    chosen = []
    for k in range(num_visits):
        items = sum(1 << i for i in ids if solver.boolean_value(inside[i][k]))
        if items:
            cls = next(c for c in range(len(classes)) if solver.boolean_value(at[k][c]))
            chosen.append((items, classes[cls].slots))
    return round(solver.objective_value), tuple(chosen)


def _add_visit_rules(
    m: cp_model.CpModel,
    problem: MergeProblem,
    classes: list[SlotClass],
    inside: list[cp_model.IntVar],
    at: list[cp_model.IntVar],
) -> None:
    """Add what one visit must keep: its items' class, the longest part, officers on site, notice."""
    for i, x in enumerate(inside):
        m.add(x <= sum(at[c] for c, cls in enumerate(classes) if cls.items >> i & 1))
    authorities = sorted({item.authority for item in problem.items})
    for a in authorities:
        mine = [i for i in range(len(inside)) if problem.items[i].authority == a]
        total = sum(problem.items[i].duration * inside[i] for i in mine)
        limits = sum(cls.max_part * at[c] for c, cls in enumerate(classes))
        there = m.new_bool_var("")
        m.add_max_equality(there, [inside[i] for i in mine])
        m.add(total + problem.overhead * there <= limits)
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
