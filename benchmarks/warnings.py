"""How long warnings take beside many entries: ``python -m benchmarks.warnings [--entries N] [--database URL]``.

Entries of the past are put into an empty database (SQLite in a temporary folder unless another is named), then so many
more come in, each in a transaction of its own as a scan does; then the sweep of a morning is timed, with missing scans
of the day before.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import insert

from api.clock import instant
from api.store import migrate
from api.store.database import open_engine
from api.store.fieldwork_tables import entries
from api.store.schema import (
    authorities,
    caps,
    districts,
    enterprises,
    horizons,
    publications,
    schedules,
    streets,
    uploads,
    visits,
)
from api.store.work import Store
from api.supervision.warnings.raising import raise_for
from api.supervision.warnings.sweeping import sweep

DISTRICTS, STREETS, AUTHORITIES = 10, 74, 434
TODAY = date(2026, 10, 30)
HORIZON = "2026Q4"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the milliseconds of a scan with and without its warnings, and of the sweep of a morning."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--enterprises", type=int, default=40_000)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--missing", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database")
    args = parser.parse_args(argv)
    draw = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(args.database or f"sqlite:///{Path(folder) / 'warnings.db'}")
        migrate.upgrade(engine)
        now = datetime(TODAY.year, TODAY.month, TODAY.day, 2, 0, tzinfo=UTC)
        store = Store(engine=engine, now=lambda: now)
        _fill(store, draw, args.entries, args.enterprises)
        bare = [_scan(store, row, warn=False) for row in _rows(draw, args.events, args.enterprises, "B", 0)]
        warned = [_scan(store, row, warn=True) for row in _rows(draw, args.events, args.enterprises, "C", 0)]
        _tell(f"a scan beside {args.entries:,} entries, without warnings", bare)
        _tell("the same with its warnings", warned)
        _publish(store, draw, args.missing, args.enterprises)
        for name in ("the first sweep", "one in which nothing is new"):
            began = perf_counter()
            looked = sweep(store)
            print(f"{name}: {perf_counter() - began:.2f} s {looked}")
        engine.dispose()
    return 0


def _fill(store: Store, draw: random.Random, num_entries: int, num_enterprises: int) -> None:
    with store.writing("benchmark") as work:
        run = work.connection.execute
        run(insert(districts), [{"district_id": f"D{n}", "name": f"D{n}"} for n in range(DISTRICTS)])
        place = {"lon": 114.0, "lat": 22.7}
        of = [
            {"street_id": f"S{n}", "name": f"S{n}", "district_id": f"D{n % DISTRICTS}", **place} for n in range(STREETS)
        ]
        run(insert(streets), of)
        run(insert(authorities), [{"authority_id": f"A{n}", "name": f"A{n}"} for n in range(AUTHORITIES)])
        run(insert(enterprises), [_enterprise(n) for n in range(num_enterprises)])
        horizon = {"horizon_id": HORIZON, "name": HORIZON, "start": "2026-10-01", "end": "2026-12-31", "settings": {}}
        run(insert(horizons).values(**horizon, closing_date="2026-09-25"))
        one = {"horizon_id": HORIZON, "credit_class": None}
        run(insert(caps), [
            {**one, "scope": "enterprise", "authority": None, "period": "quarter", "max_visits": 2},
            {**one, "scope": "authority", "authority": "*", "period": "year", "max_visits": 2},
        ])  # fmt: skip
        rows = list(_rows(draw, num_entries, num_enterprises, "N", 300))
        for k in range(0, len(rows), 5000):
            run(insert(entries), rows[k : k + 5000])


def _enterprise(number: int) -> dict[str, Any]:
    place = {"street_id": f"S{number % STREETS}", "lon": 114.0, "lat": 22.7}
    return {"enterprise_id": f"E{number}", "name": f"E{number}", "credit_class": "B", **place}


def _rows(draw: random.Random, number: int, num_enterprises: int, prefix: str, days: int) -> Iterator[dict[str, Any]]:
    """Yield entries of the last so many days, or of today."""
    for n in range(number):
        enterprise, authority = draw.randrange(num_enterprises), draw.randrange(AUTHORITIES)
        on = TODAY - timedelta(days=draw.randint(1, days) if days else 0)
        entered = datetime(on.year, on.month, on.day, 1, draw.randrange(60), tzinfo=UTC)
        yield {
            "entry_id": f"{prefix}{n}",
            "enterprise_id": f"E{enterprise}",
            "street_id": f"S{enterprise % STREETS}",
            "authority_id": f"A{authority}",
            "date": on.isoformat(),
            "path": "planned",
            "scan_status": "scanned",
            "state": "closed",
            "entered_at": instant(entered),
            "left_at": instant(entered + timedelta(minutes=40)),
            "officer_ids": f"P{authority}a;P{authority}b",
            "item_ids": "X",
            "trigger": draw.choice(("routine", "routine", "routine", "case")),
            "cap_exempt": False,
            "flags": [],
        }


def _scan(store: Store, row: dict[str, Any], *, warn: bool) -> float:
    """Return the milliseconds of a transaction that stores an entry."""
    began = perf_counter()
    with store.writing("benchmark") as work:
        work.connection.execute(insert(entries).values(**row))
        work.record("benchmark.scan", row["entry_id"])
        if warn:
            raise_for(work, row["enterprise_id"])
    return 1000 * (perf_counter() - began)


def _publish(store: Store, draw: random.Random, number: int, num_enterprises: int) -> None:
    """Publish visits of yesterday that nobody has scanned at."""
    yesterday, made = (TODAY - timedelta(days=1)).isoformat(), store.instant()
    with store.writing("benchmark") as work:
        run = work.connection.execute
        upload = {"upload_id": "U", "name": "case", "media_type": "x", "size": 0, "digest": "0", "created_at": made}
        run(insert(uploads).values(**upload))
        about = {"horizon_id": HORIZON, "level": "city", "area_id": "*", "origin": "run", "state": "published"}
        case = {"case_upload_id": "U", "case_digest": "0", "parents": [], "summary": {}, "num_violations": 0}
        run(insert(schedules).values(schedule_id="C", **about, **case, created_at=made, created_by="x"))
        one = {"horizon_id": HORIZON, "version": 1, "schedule_id": "C", "at": made, "by": "x", "from_date": yesterday}
        run(insert(publications), [{**one, "street_id": f"S{n}"} for n in range(STREETS)])
        time = {"date": yesterday, "shift_id": "AM", "start": "09:00", "end": "10:00"}
        at = [(n, draw.randrange(num_enterprises)) for n in range(number)]
        run(insert(visits), [
            {
                "schedule_id": "C", "visit_id": f"V{n}", "enterprise_id": f"E{e}", **time,
                "street_id": f"S{e % STREETS}", "authority_ids": f"A{n % 50}", "item_ids": f"I{n}",
            }
            for n, e in at
        ])  # fmt: skip


def _tell(name: str, times: Sequence[float]) -> None:
    ordered = sorted(times)
    p95 = ordered[int(0.95 * len(ordered))]
    print(f"{name}: median {median(ordered):.1f} ms, p95 {p95:.1f} ms, largest {ordered[-1]:.1f} ms")


if __name__ == "__main__":
    raise SystemExit(main())
