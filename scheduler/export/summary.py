"""The summary of a run: terms with proven bounds and gaps, status, effort and burden, as ``summary.json`` holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from scheduler.burden import BeforeAfter, Burden
from scheduler.domain.schedule import TERMS, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.unserved_texts import reason_codes
from scheduler.planning.outcome import PlanOutcome, PlanStatus
from scheduler.score import score


def make_summary(
    snapshot: PlanningSnapshot,
    outcome: PlanOutcome,
    *,
    wall_s: float,
    peak_mb: float | None,
    seed: int,
    versions: Mapping[str, str],
    delay: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the summary of an outcome as plain JSON values.

    Parameters
    ----------
    snapshot : what was planned from.
    outcome : the checked schedule with its score and bounds.
    wall_s : seconds from the start of the program to the schedule.
    peak_mb : greatest resident memory in megabytes, ``None`` when it is not known.
    seed : of the search.
    versions : of the project, Python and the solvers, by name.
    delay : how the schedule fares when it is simulated (``delay_rows.delay_summary``), where that was done.

    Returns
    -------
    ``terms``, ``bounds`` and ``gap`` have one entry a term; a gap is (value - bound) / bound, ``None`` without a
    positive bound. ``unserved_reasons`` counts items by the codes of their reasons. ``before_after`` holds three
    burdens (see :class:`scheduler.burden.BeforeAfter`) or ``None``. ``tiers`` is there when their order is not the
    usual one, ``delay`` when it is given.
    """
    return {
        "name": snapshot.name,
        "terms": outcome.score.as_dict(),
        "bounds": {term: outcome.bounds.get(term) for term in TERMS},
        "gap": {term: _rounded(outcome.gap(term), 6) for term in TERMS},
        "status": outcome.status.value,
        "wall_s": round(wall_s, 2),
        "search_s": round(outcome.search_s, 2),
        "iterations": outcome.iterations,
        "peak_mb": _rounded(peak_mb, 1),
        "seed": seed,
        "versions": dict(sorted(versions.items())),
        "case_digest": snapshot.digest(),
        "num_items": len(snapshot.items),
        "num_unserved": len(outcome.schedule.unserved),
        "unserved_reasons": _reason_counts(outcome.schedule),
        "before_after": None if outcome.before_after is None else asdict(outcome.before_after),
        **tiers_of(snapshot),
        **({} if delay is None else {"delay": dict(delay)}),
    }


def tiers_of(snapshot: PlanningSnapshot) -> dict[str, Any]:
    """Return the order of the tiers, where it is not the usual one."""
    tiers = snapshot.policy.tiers
    return {} if tiers == TERMS else {"tiers": list(tiers)}


def summary_after_move(
    summary: Mapping[str, Any],
    snapshot: PlanningSnapshot,
    schedule: Schedule,
    delay: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the summary of a schedule after a move, from that of the schedule before it.

    Of the bounds that of ``unserved_weight`` alone is kept: pins only raise it, and the others were proven for a
    served weight that may have changed. What the search said of itself stays; today's practice is not compared again.

    Parameters
    ----------
    snapshot : with the pins of the move, where there are any.
    delay : how the schedule fares now, where it was simulated.
    """
    found = summary_of(snapshot, schedule, delay)
    terms = found["terms"]
    proven = (summary.get("bounds") or {}).get("unserved_weight")
    bound = {"unserved_weight": proven}
    gap = {"unserved_weight": _rounded((terms["unserved_weight"] - proven) / proven, 6) if proven else None}
    rest = {k: v for k, v in summary.items() if k != "delay"}
    return {
        **rest,
        **found,
        "bounds": {term: bound.get(term) for term in TERMS},
        "gap": {term: gap.get(term) for term in TERMS},
    }


def summary_of(
    snapshot: PlanningSnapshot, schedule: Schedule, delay: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a summary says of a schedule of which nothing is proven.

    Parameters
    ----------
    delay : how the schedule fares, where it was simulated.
    """
    return {
        "name": snapshot.name,
        "terms": score(snapshot, schedule).as_dict(),
        "bounds": dict.fromkeys(TERMS),
        "gap": dict.fromkeys(TERMS),
        "status": PlanStatus.FEASIBLE.value,
        "case_digest": snapshot.digest(),
        "num_items": len(snapshot.items),
        "num_unserved": len(schedule.unserved),
        "unserved_reasons": _reason_counts(schedule),
        "before_after": None,
        **tiers_of(snapshot),
        **({} if delay is None else {"delay": dict(delay)}),
    }


def _reason_counts(schedule: Schedule) -> dict[str, int]:
    counts: dict[str, int] = {}
    for unserved in schedule.unserved:
        for code in sorted(set(reason_codes(unserved))):
            counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items()))


def before_after_of(summary: Mapping[str, Any]) -> BeforeAfter | None:
    """Return the burdens that a summary holds, or ``None`` when it holds none (another writer's need not)."""
    stored = summary.get("before_after")
    try:
        burdens = {name: _burden(stored[name]) for name in ("before", "before_all", "after")} if stored else {}
    except (KeyError, TypeError, ValueError):
        return None
    return BeforeAfter(**burdens) if burdens else None


def _burden(figures: Mapping[str, Any]) -> Burden:
    return Burden(**{f.name: int(figures[f.name]) for f in fields(Burden)})


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
