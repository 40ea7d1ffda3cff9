"""The rules R01 to R33 of ``docs/model.md``, checked on a schedule without the solver.

The planner enforces each rule where its code stands in ``solver/``, ``scheduler/availability.py``,
``scheduler/planning/`` or ``scheduler/explain/``. The checkers here take no code from those places, so that an error in
one does not hide in the other.
"""

from __future__ import annotations

from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.ledger import Ledger, read_ledger
from scheduler.rules import crews, riding, streets, totals, visits
from scheduler.rules.rule import Rule, Violation

RULES: tuple[Rule, ...] = (
    visits.inspection_date,
    visits.items_once,
    visits.window,
    visits.closure,
    visits.quiet_period,
    visits.notice,
    visits.authorities,
    visits.visit_length,
    visits.opening_hours,
    visits.longest_visit,
    visits.officers_on_site,
    visits.right_street,
    crews.crew_in_street_shift,
    crews.legs,
    crews.arrival,
    crews.start_together,
    crews.part,
    crews.one_part,
    crews.crews_of_visit,
    crews.spans_parts,
    crews.back_in_time,
    crews.travel,
    crews.crew_pools,
    totals.cap_on_doors,
    totals.cap_on_authority,
    totals.pins,
    totals.unserved_list,
    totals.reasons,
    streets.visits_of_street_shift,
    streets.joint_days_of_street,
    totals.least_gap,
    riding.ride_together,
    visits.authorities_of_visit,
)
"""Every rule, in the order of its code."""


def check(snapshot: PlanningSnapshot, schedule: Schedule, ledger: Ledger | None = None) -> tuple[Violation, ...]:
    """Return every place where a schedule breaks a rule, in the order of the rules; empty when it keeps them all.

    `ledger` is that of the two, where it is known already.
    """
    ledger = ledger or read_ledger(snapshot, schedule)
    return tuple(v for rule in RULES for v in rule.violations(ledger))


__all__ = ["RULES", "Rule", "Violation", "check"]
