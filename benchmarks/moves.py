"""How long moves take on a schedule: ``python -m benchmarks.moves CASE SCHEDULE [--visits N] [--seed S] [--http]``.

With ``--http`` a new server (one process, SQLite) is asked by one client, one request after the other; schedule and
case are those of a district.
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx2

from benchmarks.load import HORIZON, server
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.export.folder import read_schedule_folder
from scheduler.intake.read import read_case
from scheduler.moves.check import check_move
from scheduler.moves.index import MoveIndex
from scheduler.moves.slots import offer_slots


def main(argv: Sequence[str] | None = None) -> int:
    """Print the milliseconds of building the index, of moves and of slots, over random visits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("schedule", type=Path)
    parser.add_argument("--visits", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--http", action="store_true")
    args = parser.parse_args(argv)
    snapshot = read_case(args.case).snapshot
    schedule, _ = read_schedule_folder(snapshot, args.schedule)
    asked = _asked(snapshot, schedule, args.visits, args.seed)
    if args.http:
        _over_http(args.case, args.schedule, snapshot.streets[0].district_id, asked)
        return 0
    began = perf_counter()
    index = MoveIndex(snapshot, schedule)
    print(f"index: {1000 * (perf_counter() - began):.0f} ms")
    check_move(index, *asked[0])
    _tell("check_move with a start", [_timed(partial(check_move, index, *a)) for a in asked])
    _tell("check_move without one", [_timed(partial(check_move, index, *a[:3])) for a in asked])
    today = snapshot.calendar.start - 1
    _tell("offer_slots, k = 5", [_timed(partial(offer_slots, index, a[0], 5, today)) for a in asked])
    return 0


Question = tuple[str, int, str, int]
"""(visit, day, shift, start)."""


def _asked(snapshot: PlanningSnapshot, schedule: Schedule, count: int, seed: int) -> list[Question]:
    """Return random visits, each with a random date, shift and start."""
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        visit = rng.choice(schedule.visits)
        day, shift = rng.choice(snapshot.calendar.days), rng.choice(snapshot.calendar.shifts)
        out.append((visit.visit_id, day, shift.shift_id, shift.start_min + rng.randrange(shift.length_min)))
    return out


def _over_http(case: Path, schedule: Path, district_id: str, asked: Sequence[Question]) -> None:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), None, 1) as (url, key):
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.Client(base_url=url, headers=headers, timeout=300) as client:

            def sent(method: str, path: str, status: int, **more: Any) -> Any:
                answer = client.request(method, path, **more)
                assert answer.status_code == status, answer.text[:500]
                return answer.json()

            archives = {"content": _zip(case), "headers": {"Content-Type": "application/zip"}}
            run = sent("POST", f"/imports?horizon_id={HORIZON}&approve=true", 202, **archives)
            while run["state"] in ("queued", "running"):
                sleep(0.5)
                run = sent("GET", f"/runs/{run['run_id']}", 200)
            archives["content"] = _zip(schedule)
            params = {"horizon_id": HORIZON, "level": "district", "area_id": district_id}
            place = f"/schedules/{sent('POST', '/schedules', 201, params=params, **archives)['schedule_id']}"
            bodies = [
                {"visit": visit, "date": iso(day), "shift_id": shift, "start": clock(start)}
                for visit, day, shift, start in asked
            ]
            check = [partial(sent, "POST", f"{place}/move-check", 200, json=b) for b in bodies]
            print(f"first move-check, with the schedule read and indexed: {_timed(check[0]):.0f} ms")
            _tell("move-check over HTTP", [_timed(c) for c in check])
            whole = {"k": 5, "after": "2026-09-30"}  # the whole horizon, as without the service
            slots = [partial(sent, "GET", f"{place}/slots", 200, params={"visit_id": a[0], **whole}) for a in asked]
            _tell("slots over HTTP, k = 5", [_timed(s) for s in slots])
            stay = {"visit": asked[0][0], "date": iso(asked[0][1]), "shift_id": asked[0][2]}
            best = sent("GET", f"{place}/slots", 200, params={**whole, "visit_id": stay["visit"]})["items"][0]
            body = {**stay, "date": best["date"], "shift_id": best["shift_id"], "lost_item_ids": best["lost_item_ids"]}
            print(f"a move over HTTP: {_timed(partial(sent, 'POST', f'{place}/moves', 201, json=body)):.0f} ms")


def _zip(folder: Path) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.*")):
            archive.write(path, path.name)
    return data.getvalue()


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return 1000 * (perf_counter() - began)


def _tell(what: str, ms: list[float]) -> None:
    ms.sort()
    p50, p95 = ms[len(ms) // 2], ms[int(0.95 * (len(ms) - 1))]
    print(f"{what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {ms[-1]:.1f} ms, {len(ms)} visits")


if __name__ == "__main__":
    raise SystemExit(main())
