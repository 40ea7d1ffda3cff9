"""Figures of runs for Prometheus, out of the database, so that every server tells the same."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric, SummaryMetricFamily
from sqlalchemy import Connection, func, select

from api.runs.queue import ENDED, QUEUED, RUNNING, SUCCEEDED
from api.store.schema import runs

_KINDS = ("plan", "import")


def run_figures(connection: Connection) -> list[Metric]:
    """Return the runs by kind and state, the seconds that plans took, and the gap of the last plan."""
    return [_by_state(connection), _seconds(connection), *_gap(connection)]


def _by_state(connection: Connection) -> Metric:
    query = select(runs.c.kind, runs.c.state, func.count()).group_by(runs.c.kind, runs.c.state)
    counts = {(kind, state): count for kind, state, count in connection.execute(query)}
    found = GaugeMetricFamily("onevisit_runs", "Runs in the database", labels=("kind", "state"))
    for kind in _KINDS:
        for state in (QUEUED, RUNNING, *ENDED):
            found.add_metric((kind, state), counts.get((kind, state), 0))
    return found


def _seconds(connection: Connection) -> Metric:
    seconds = runs.c.result["search_s"].as_float()
    query = select(func.count(), func.sum(seconds)).where(runs.c.kind == "plan", runs.c.state == SUCCEEDED)
    count, total = connection.execute(query).one()
    found = SummaryMetricFamily("onevisit_solve_seconds", "Seconds that plans took")
    found.add_metric((), count, total or 0.0)
    return found


def _gap(connection: Connection) -> Iterator[Metric]:
    gap = runs.c.result[("gap", "crew_shifts")].as_float()
    query = select(gap).where(runs.c.kind == "plan", runs.c.state == SUCCEEDED, gap.is_not(None))
    last = connection.scalar(query.order_by(runs.c.ended_at.desc()).limit(1))
    if last is not None:
        yield GaugeMetricFamily("onevisit_gap_crew_shifts", "Gap of crew shifts of the last plan", last)
