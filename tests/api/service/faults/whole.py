"""What must hold in a database after any fault."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, func, select

from api.operations.backup import findings
from api.schedules.rows import read_schedule
from api.store.audit import verify
from api.store.schema import (
    audit,
    crew_shifts,
    plan_items,
    plans,
    publications,
    runs,
    schedules,
    unserved,
    visits,
)
from api.store.work import Store


def assert_whole(store: Store, accepted: Iterable[str] = (), *, at_rest: bool = True) -> None:
    """Assert that no accepted plan is lost, none is half written, and one version of a street is in force.

    Parameters
    ----------
    accepted : plans for which a client has a receipt.
    at_rest : no run is at work or left by its worker.
    """
    assert [f for f in findings(store) if at_rest or not f.startswith("runs without a worker")] == []
    with store.reading() as connection:
        assert verify(connection).whole
        log = _rows(connection, audit)
        _assert_plans(connection, set(accepted), log)
        _assert_publications(connection, log)
        _assert_runs(connection, log, at_rest=at_rest)
    store.engine.dispose()


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(r) for r in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()]


def _objects(log: Iterable[dict[str, Any]], action: str) -> list[str]:
    return [e["object"].rpartition("/")[2] for e in log if e["action"] == action]


def _assert_plans(connection: Connection, accepted: set[str], log: list[dict[str, Any]]) -> None:
    stored = {p["plan_id"]: p for p in _rows(connection, plans)}
    submitted = _objects(log, "plans.submit")
    assert accepted <= set(submitted) <= set(stored)
    imported = {p["approval_no"] for p in stored.values() if p["code"] == "import"}
    assert {i.removeprefix("import ") for i in imported if i} <= set(_objects(log, "case.import"))
    query = select(plan_items.c.plan_id, func.count()).group_by(plan_items.c.plan_id)
    counts = dict(tuple(row) for row in connection.execute(query))
    assert counts == {i: p["num_items"] for i, p in stored.items()}
    live = Counter(
        (p["horizon_id"], p["authority_id"], p["code"]) for p in stored.values() if p["state"] in ("draft", "approved")
    )
    assert set(live.values()) <= {1}


def _assert_publications(connection: Connection, log: list[dict[str, Any]]) -> None:
    states = {s["schedule_id"]: s["state"] for s in _rows(connection, schedules)}
    by_street: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(connection, publications):
        by_street[row["horizon_id"], row["street_id"]].append(row)
    inforce = set()
    for rows in by_street.values():
        assert [r["version"] for r in rows] == list(range(1, len(rows) + 1))
        inforce.add(rows[-1]["schedule_id"])
    assert {i for i, state in states.items() if state == "published"} == inforce
    published = _objects(log, "schedules.publish")
    assert len(published) == len(set(published))
    assert set(published) == {i for i, state in states.items() if state != "draft"}


def _assert_runs(connection: Connection, log: list[dict[str, Any]], *, at_rest: bool) -> None:
    ended, imported, drafts = Counter(_objects(log, "runs.end")), Counter(_objects(log, "case.import")), Counter()
    for schedule in _rows(connection, schedules):
        whole = read_schedule(connection, schedule)
        of = schedule["schedule_id"]
        for table, parts in ((visits, whole.visits), (crew_shifts, whole.crew_shifts), (unserved, whole.unserved)):
            query = select(func.count()).select_from(table).where(table.c.schedule_id == of)
            assert connection.execute(query).scalar_one() == len(parts)
        assert schedule["summary"]["terms"]["doors"] == len(whole.visits)
        assert schedule["summary"]["num_unserved"] == len(whole.unserved)
        drafts[schedule["run_id"]] += 1
    for run in _rows(connection, runs):
        run_id, state = run["run_id"], run["state"]
        assert run["attempts"] <= 2
        has_result = state in ("succeeded", "cancelled") and run["started_at"] is not None
        assert (drafts[run_id], imported[run_id]) == (
            (has_result, 0) if run["kind"] == "plan" else (0, has_result and run["request"]["table"] is None)
        )
        assert ended[run_id] <= 1
        assert not at_rest or state in ("succeeded", "failed", "cancelled")
        if state in ("succeeded", "failed", "cancelled"):
            assert run["ended_at"]
            assert run["lease_until"] is None
        if state == "failed":
            assert run["problem"]["en"]["code"]
        if run["kind"] == "plan" and has_result:
            assert (
                connection.execute(
                    select(schedules.c.run_id).where(schedules.c.schedule_id == run["schedule_id"])
                ).scalar_one()
                == run_id
            )
