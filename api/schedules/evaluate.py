"""Schedules that people bring, and those of ours, judged by the rules: what is broken, what they amount to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.access.caller import Caller
from api.cases.area import Area
from api.cases.service import parents_of, snapshot_of
from api.errors import invalid
from api.schedules.job import pack_case, store_draft
from api.store.work import Store
from scheduler.diff import ScheduleDiff, compare_schedules
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso
from scheduler.export.folder import read_schedule_folder
from scheduler.export.wording import clock
from scheduler.intake.problems import problem
from scheduler.intake.rows import is_formula
from scheduler.rules import check
from scheduler.score import score
from scheduler.texts import Lang

SHOWN = 500


def judge(snapshot: PlanningSnapshot, schedule: Schedule, lang: Lang) -> dict[str, Any]:
    """Return every broken rule (the first :data:`SHOWN` in words) and the terms."""
    found = check(snapshot, schedule)
    return {
        "ok": not found,
        "num_violations": len(found),
        "violations": [{"code": v.code, "sentence": v.sentence(lang), "ids": list(v.ids)} for v in found[:SHOWN]],
        "terms": score(snapshot, schedule).as_dict(),
    }


def take_in(
    store: Store,
    caller: Caller,
    horizon_id: str,
    area: Area,
    folder: Path,
    temporary: Path,
    request_id: str | None,
    lang: Lang,
) -> dict[str, Any]:
    """Store a schedule folder that a person brings as a draft, and return its id and how it was judged.

    Raises
    ------
    InvalidSchedule : it cannot be read; nothing is stored.
    Refusal : it holds texts that a spreadsheet would take for formulas.
    """
    with store.reading() as connection:
        snapshot = snapshot_of(connection, horizon_id, area)
        parents = parents_of(connection, horizon_id, area)
    schedule, stated = read_schedule_folder(snapshot, folder)
    formulas = [problem("formula_text", t, None, c, text) for t, c, text in _texts(schedule) if is_formula(text)]
    if formulas:
        raise invalid(formulas)
    found = judge(snapshot, schedule, lang)
    summary = {
        "name": snapshot.name,
        "terms": found["terms"],
        "bounds": {},
        "gap": {},
        "status": "uploaded",
        "num_items": len(snapshot.items),
        "num_unserved": len(schedule.unserved),
        "stated": stated.get("terms"),
    }
    schedule_id = store.new_id()
    archive = pack_case(snapshot, temporary)
    with store.writing(caller.account_id, request_id) as work:
        store_draft(
            work,
            schedule_id,
            store.new_id(),
            archive,
            snapshot,
            schedule,
            summary,
            horizon_id=horizon_id,
            area=area,
            parents=parents,
            origin="upload",
            num_violations=found["num_violations"],
        )
    return {"schedule_id": schedule_id, **found}


def _texts(schedule: Schedule) -> Iterator[tuple[str, str, str]]:
    """Yield what a schedule says in words of its writer, with table and column: we write it into tables too."""
    for v in schedule.visits:
        for column in ("visit_id", "enterprise_id", "street_id", "shift_id"):
            yield "visits", column, getattr(v, column)
        yield from (("visits", "authority_ids", text) for text in v.authority_ids)
        yield from (("visits", "item_ids", text) for text in v.item_ids)
    for c in schedule.crew_shifts:
        for column in ("crew_id", "authority_id", "street_id", "shift_id"):
            yield "crew_shifts", column, getattr(c, column)
        yield from (("stops", "visit_id", stop.visit_id) for stop in c.stops)
    for u in schedule.unserved:
        yield "unserved", "item_id", u.item_id
        for said in (*u.reasons, *((u.relaxation,) if u.relaxation else ())):
            yield from (("unserved", name, text) for name, text in said.facts)


def compare(a: Mapping[str, Any], b: Mapping[str, Any], old: Schedule, new: Schedule) -> dict[str, Any]:
    """Return what differs in the newer of two schedules; `a` and `b` are their rows."""
    diff: ScheduleDiff = compare_schedules(old, new)
    changed = [
        {
            "enterprise_id": e.enterprise_id,
            "added": [_when(v) for v in e.added],
            "removed": [_when(v) for v in e.removed],
            "moved": [{"from": _when(p.old), "to": _when(p.new)} for p in e.moved],
            "regrouped": [{"from": _when(p.old), "to": _when(p.new)} for p in e.regrouped],
        }
        for e in diff.enterprises
    ]
    return {
        "a": {"schedule_id": a["schedule_id"], "terms": a["summary"].get("terms")},
        "b": {"schedule_id": b["schedule_id"], "terms": b["summary"].get("terms")},
        "counts": diff.counts,
        "newly_served": list(diff.newly_served),
        "no_longer_served": list(diff.no_longer_served),
        "crew_shifts": {"a": diff.crew_shifts[0], "b": diff.crew_shifts[1], "kept": diff.crew_shifts_kept},
        "enterprises": changed,
    }


def _when(v: Any) -> dict[str, Any]:
    return {
        "visit_id": v.visit_id,
        "date": iso(v.day),
        "shift_id": v.shift_id,
        "start": clock(v.start),
        "end": clock(v.end),
        "authority_ids": list(v.authority_ids),
    }
