"""``onevisit remote``: runs, imports and schedules; a run is followed, stopped, left, and what came of it fetched."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.api.conftest import Onevisit, Said
from tests.api.service.processes import ENVIRON
from tests.api.service.remote.conftest import IMPORTED, SOON, City
from tests.api.service.wire import Wire


def _json(said: Said) -> Any:
    return json.loads(said.out)


def test_a_street_is_planned_downloaded_published_and_a_stale_schedule_refused(
    onevisit: Onevisit, city: City, tmp_path: Path
) -> None:
    said = onevisit("remote", "run", "--horizon", IMPORTED, "--area", city.street, *SOON, "--seed", 3)
    assert said.code == 0, said.err
    assert "Crew shifts" in said.out
    newest = _json(onevisit("remote", "schedules", "--horizon", IMPORTED, "--json"))["items"][-1]
    schedule, out = newest["schedule_id"], tmp_path / "plan"
    assert schedule in said.out
    assert newest["summary"]["seed"] == 3

    said = onevisit("remote", "check", schedule)
    assert (said.code, "No rule is broken" in said.out) == (0, True)
    for formats in ("none", "all"):
        said = onevisit("remote", "download", schedule, "--out", out, "--formats", formats)
        assert said.code == 0, said.err
    assert (out / "daysheets").is_dir()
    assert onevisit("check", city.case, out).code == 0

    later = _json(onevisit("remote", "run", "--horizon", IMPORTED, "--area", city.street, *SOON, "--json"))
    assert later["ok"] is True
    said = onevisit("remote", "publish", schedule)
    assert (said.code, "published as version 1" in said.out) == (0, True)
    assert (onevisit("remote", "publish", schedule).code) == 1

    dropped = next(p for p in city.plans(IMPORTED) if p["authority_id"] == city.authority)
    assert onevisit("remote", "withdraw", dropped["plan_id"], "--reason", "x").code == 0
    said = onevisit("remote", "publish", later["schedule"]["schedule_id"])
    assert said.code == 1
    assert f"Plan items: {dropped['num_items']} removed" in said.out
    assert f"street {city.street}: version 1 was published" in said.out
    found = _json(onevisit("remote", "publish", later["schedule"]["schedule_id"], "--json"))
    assert (found["ok"], found["error"]["code"]) == (False, "stale")
    assert found["published_since"] == {city.street: 1}

    with (out / "visits.csv").open(encoding="utf-8-sig") as file:
        visit = min(csv.DictReader(file), key=lambda v: v["date"])
    told = tmp_path / "outcomes.csv"
    told.write_text(f"visit_id,date,outcome\n{visit['visit_id']},{visit['date']},no_access\n", "utf-8")
    for words in ("1 new", "1 there already"):
        said = onevisit("remote", "outcomes", told, "--horizon", IMPORTED)
        assert (said.code, words in said.out) == (0, True)
    told.write_text(f"visit_id,date,outcome\nnobody,{visit['date']},done\n", "utf-8")
    said = onevisit("remote", "outcomes", told, "--horizon", IMPORTED)
    assert (said.code, "the schedule has no visit nobody" in said.err) == (1, True)
    first = (date.fromisoformat(visit["date"]) + timedelta(days=1)).isoformat()
    said = onevisit("remote", "replan", "--horizon", IMPORTED, "--area", city.street, "--from", first)
    assert said.code == 0, said.err
    assert "1 did not" in said.out
    newest = _json(onevisit("remote", "schedules", "--horizon", IMPORTED, "--json"))["items"][-1]
    assert (newest["origin"], newest["from_date"]) == ("replan", first)
    assert onevisit("remote", "publish", newest["schedule_id"]).code == 0


def test_a_download_that_is_cut_is_begun_anew(onevisit: Onevisit, city: City, wire: Wire, tmp_path: Path) -> None:
    said = onevisit("remote", "run", "--horizon", IMPORTED, "--area", city.street, *SOON, "--json")
    schedule = _json(said)["schedule"]["schedule_id"]
    wire.lose(1)
    said = onevisit("remote", "download", schedule, "--out", tmp_path / "plan", "--formats", "none")
    assert (said.code, wire.lost) == (0, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["plan"]


def test_nothing_is_written_where_something_else_is(onevisit: Onevisit, city: City, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    said = onevisit("remote", "download", "any", "--out", tmp_path)
    assert (said.code, [p.name for p in tmp_path.iterdir()]) == (1, ["mine.txt"])
    said = onevisit("remote", "download", "none", "--out", tmp_path / "new" / "plan")
    assert said.code == 1
    assert "there is no schedules/none" in said.err
    assert list((tmp_path / "new").iterdir()) == []


@contextmanager
def _searching(city: City, server: str) -> Iterator[subprocess.Popen[str]]:
    """Start a long run in a process of its own, and wait until it searches."""
    command = [sys.executable, "-m", "api", "remote", "run", "--horizon", IMPORTED, "--area", city.street]
    environ = {**ENVIRON, "ONEVISIT_SERVER": server, "ONEVISIT_KEY": city.server.key}
    with subprocess.Popen(
        [*command, "--time-limit", "300", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    ) as process:
        _read_until(process, "Searching")
        yield process


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return
    raise AssertionError(said)


def test_a_run_is_followed_over_a_connection_that_is_cut_and_stopped_softly(city: City, wire: Wire) -> None:
    with _searching(city, wire.url) as process:
        wire.cut()
        _read_until(process, "connection lost")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    found = json.loads(out)
    assert found["run"]["state"] == "cancelled"
    assert found["schedule"]["summary"]["status"] == "stopped"


def test_the_second_interrupt_leaves_and_the_run_ends_by_itself(onevisit: Onevisit, city: City) -> None:
    with _searching(city, city.server.url) as process:
        process.send_signal(signal.SIGINT)
        _read_until(process, "asked to stop")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    run_id = err.split("onevisit remote watch ")[1].split()[0]
    run = city.ask("GET", f"/runs/{run_id}")
    assert run["stopping"] or run["state"] == "cancelled"
    said = onevisit("remote", "watch", run_id, "--json")
    assert (said.code, _json(said)["run"]["state"]) == (0, "cancelled")


def test_a_register_is_imported_and_its_faults_are_told(onevisit: Onevisit, city: City, tmp_path: Path) -> None:
    said = onevisit("remote", "import", city.case / "crews.csv", "--table", "crews")
    assert (said.code, said.out.splitlines()[0]) == (0, "Imported:")
    assert "unchanged" in said.out
    bad = (city.case / "crews.csv").read_text("utf-8").splitlines()
    bad[1] = ",".join(["NOBODY", *bad[1].split(",")[1:]])
    (tmp_path / "crews.csv").write_text("\n".join(bad) + "\n", "utf-8")
    said = onevisit("remote", "import", tmp_path / "crews.csv", "--table", "crews", "--lang", "zh", "--json")
    assert said.code == 1
    problem = _json(said)["problems"][0]
    assert (problem["row"], problem["column"]) == (2, "authority_id")
    assert problem["expected"]["en"].startswith("an identifier in")
    assert problem["expected"]["zh"].endswith("表中的编号")
