"""The service under load: `python -m benchmarks.load` starts a server and puts department clients, or a city, to it.

Server and clients share this machine. `clients`: so many departments at once, each in a loop that submits a plan of
200 items and reads five pages of 100 items, thinking a while between requests. `import`: a city's case in one call.
Rows go to load.csv; nothing is timed in tests.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.record import HERE, circumstances, write
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.intake.tables import write_case

RESULTS = HERE / "load.csv"
ITEMS, PAGE, READS = 200, 100, 5
HORIZON = "2026Q4"


def main(arguments: Sequence[str] | None = None) -> None:
    """Put one load to a new server, print its rows and append them to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("what", choices=("clients", "import"))
    parser.add_argument("--database", help="address of an empty database; SQLite in a temporary folder without it")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=1.0, help="mean seconds between two requests of a client")
    parser.add_argument("--processes", type=int, default=2, help="of the server")
    parser.add_argument("--enterprises", type=int, default=1500, help="in each of the 74 streets of the import")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), args.database, args.processes) as (url, key):
        rows = asyncio.run(clients(url, key, args)) if args.what == "clients" else import_city(url, key, args)
    kind = "postgresql" if args.database else "sqlite"
    for row in rows:
        load = {"clients": args.clients, "think_s": args.think} if args.what == "clients" else {}
        row = {"what": args.what, "database": kind, "processes": args.processes, **load, **row}
        print(", ".join(f"{k}={v}" for k, v in row.items()))
        write(args.out, {**row, **circumstances()})


@contextmanager
def server(folder: Path, database: str | None, processes: int) -> Iterator[tuple[str, str]]:
    """Yield the address of a new server and its administrator's key."""
    command = [sys.executable, "-m", "api", "--lang", "en", "serve", "--data-dir", str(folder / "data"), "--port", "0"]
    command += ["--processes", str(processes)]
    environment = {**os.environ, "ONEVISIT_RATE_LIMIT": "", **({"ONEVISIT_DATABASE_URL": database} if database else {})}
    log = (folder / "log").open("w+b")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        key = process.stdout.readline().strip()
        while "Serving at " not in (said := (folder / "log").read_text("utf-8")):
            if process.poll() is not None:
                raise SystemExit(f"the server has ended: {said}")
            time.sleep(0.1)
        yield said.split("Serving at ")[1].split()[0], key
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        log.close()


# --- many departments ------------------------------------------------------------------------------------------------


async def clients(url: str, key: str, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row for each kind of request."""
    times: dict[str, list[float]] = {"submit 200 items": [], "read 100 items": []}
    errors: dict[str, int] = dict.fromkeys(times, 0)
    keys = await _world(url, key, args.clients)
    until = time.monotonic() + args.seconds
    await asyncio.gather(*(_department(url, n, k, args.think, until, times, errors) for n, k in enumerate(keys)))
    return [
        {
            "request": name,
            "seconds": args.seconds,
            "requests": len(values),
            "per_s": round(len(values) / args.seconds, 1),
            "p50_ms": _percentile(values, 0.5),
            "p95_ms": _percentile(values, 0.95),
            "p99_ms": _percentile(values, 0.99),
            "errors": errors[name],
        }
        for name, values in times.items()
    ]


def _percentile(values: list[float], share: float) -> int:
    return round(1000 * sorted(values)[max(0, math.ceil(share * len(values)) - 1)])


async def _world(url: str, key: str, departments: int) -> list[str]:
    """Make a street of 2,000 enterprises, a horizon, and a department with a key for each client; return the keys."""
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as admin:

        async def post(path: str, **body: Any) -> Any:
            answer = await admin.post(path, json=body)
            assert answer.status_code < 300, answer.text
            return answer.json()

        await post("/districts", district_id="D1", name="光明")
        await post("/streets", street_id="S1", name="马田", district_id="D1", lon=113.9, lat=22.75)
        rows = ["enterprise_id,name,street_id,lon,lat"]
        rows += [f"E{n:05d},企业{n},S1,{113.88 + n % 50 / 1000},{22.73 + n // 50 / 1000}" for n in range(2000)]
        sent = await admin.post(
            "/imports?table=enterprises", content="\n".join(rows).encode(), headers={"Content-Type": "text/csv"}
        )
        await _ended(admin, sent.json()["run_id"])
        caps = [{"scope": "authority", "authority": "*", "period": "year", "max_visits": 2}]
        shifts = [{"id": "AM", "start": "09:00", "end": "12:00"}, {"id": "PM", "start": "14:00", "end": "17:30"}]
        span = {"start": "2026-10-01", "end": "2026-12-31", "closing_date": "2099-12-31"}
        await post("/horizons", horizon_id=HORIZON, name=HORIZON, **span, shifts=shifts, caps=caps)
        keys = []
        for n in range(departments):
            await post("/authorities", authority_id=f"A{n:02d}", name=f"部门{n}")
            await post("/crews", authority_id=f"A{n:02d}", area_id="S1", crews=2)
            account = await post("/accounts", name=f"部门{n}", role="department", authority_id=f"A{n:02d}")
            keys.append((await post(f"/accounts/{account['account_id']}/keys", label="load"))["key"])
        return keys


async def _department(
    url: str, n: int, key: str, think: float, until: float, times: dict[str, list[float]], errors: dict[str, int]
) -> None:
    rng = random.Random(n)
    await asyncio.sleep(rng.uniform(0, 2 * think))
    at = n % (READS + 1)  # of its loop, so that the departments stand anywhere in theirs from the first second on
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        while time.monotonic() < until:
            if at == 0:
                body = {"horizon_id": HORIZON, "items": [_item(n, k, rng) for k in range(ITEMS)]}
                await _timed("submit 200 items", client.post("/plans", json=body), 201, times, errors)
                await asyncio.sleep(rng.uniform(0, 2 * think))
            cursor: str | None = None
            for _ in range(READS - max(0, at - 1)):
                params = {"limit": str(PAGE), "horizon_id": HORIZON, **({"cursor": cursor} if cursor else {})}
                answer = await _timed("read 100 items", client.get("/plan-items", params=params), 200, times, errors)
                cursor = answer and answer["next_cursor"]
                await asyncio.sleep(rng.uniform(0, 2 * think))
            at = 0


def _item(n: int, k: int, rng: random.Random) -> dict[str, Any]:
    first = rng.randint(1, 60)
    return {
        "item_id": f"A{n:02d}-{k}",
        "enterprise_id": f"E{rng.randrange(2000):05d}",
        "duration_min": rng.choice((20, 30, 40)),
        "earliest": f"2026-{10 + first // 31:02d}-{1 + first % 30:02d}",
        "latest": "2026-12-31",
        "priority": "normal",
    }


async def _timed(name: str, request: Any, wanted: int, times: dict[str, list[float]], errors: dict[str, int]) -> Any:
    began = time.monotonic()
    try:
        answer = await request
    except httpx2.HTTPError:
        errors[name] += 1
        return None
    times[name].append(time.monotonic() - began)
    if answer.status_code != wanted:
        errors[name] += 1
        return None
    return answer.json()


async def _ended(client: httpx2.AsyncClient, run_id: str) -> Any:
    while True:
        run = (await client.get(f"/runs/{run_id}")).json()
        if run["state"] in ("succeeded", "failed", "cancelled"):
            assert run["state"] == "succeeded", run["problem"]
            return run
        await asyncio.sleep(0.2)


# --- a city in one call ----------------------------------------------------------------------------------------------


def import_city(url: str, key: str, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the row of one import, timed from the first byte sent until the run has ended."""
    with tempfile.TemporaryDirectory() as folder:
        case, archive = Path(folder) / "case", Path(folder) / "case.zip"
        write_case(generate_city(GenerateSpec(level=Level.CITY, enterprises=args.enterprises, seed=1)), case)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for path in sorted(case.iterdir()):
                out.write(path, path.name)
        size = archive.stat().st_size
        head = {"Authorization": f"Bearer {key}", "Content-Type": "application/zip"}
        began = time.monotonic()
        with archive.open("rb") as file:
            sent = httpx2.post(
                f"{url}/imports?horizon_id={HORIZON}&approve=true", content=file, headers=head, timeout=600
            )
        accepted = time.monotonic() - began
        waits, run = [], sent.json()
        while run["state"] in ("queued", "running"):
            asked = time.monotonic()
            run = httpx2.get(f"{url}/runs/{run['run_id']}", headers=head, timeout=60).json()
            waits.append(time.monotonic() - asked)
            time.sleep(0.25)
        assert run["state"] == "succeeded", run["problem"]
        row = {
            "request": "import a city",
            "seconds": round(time.monotonic() - began, 1),
            "accepted_s": round(accepted, 1),
            "items": run["result"]["stored"]["items"]["new"],
            "enterprises": run["result"]["stored"]["enterprises"]["new"],
            "archive_mb": round(size / 1e6, 1),
            "p99_ms_meanwhile": _percentile(waits, 0.99),
        }
        return [row]


if __name__ == "__main__":
    main()
