"""Crews that ride together, on the command line: planned, checked, offered slots, re-planned."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from tests.api.conftest import SOON, Onevisit


def test_a_case_of_caravans_lives_like_any_other(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    riding, plan, events = tmp_path / "case", tmp_path / "plan", tmp_path / "events.csv"
    riding.mkdir()
    for path in case.iterdir():
        (riding / path.name).write_bytes(path.read_bytes())
    text = (riding / "case.toml").read_text("utf-8")
    flag = "start_together = false"
    assert flag in text
    (riding / "case.toml").write_text(text.replace(flag, f"{flag}\nride_together = true"), "utf-8")
    assert onevisit("solve", riding, "--out", plan, *SOON, "--format", "none").code == 0
    assert onevisit("check", riding, plan).code == 0
    with (plan / "visits.csv").open(encoding="utf-8-sig", newline="") as file:
        visits = sorted(csv.DictReader(file), key=lambda v: v["date"])
    shut = visits[0]
    assert onevisit("slots", riding, plan, visits[-1]["visit_id"]).code == 0
    events.write_text(f"event,visit_id\nno_access,{shut['visit_id']}\n", "utf-8")
    morrow = date.fromisoformat(shut["date"]) + timedelta(days=1)
    out = tmp_path / "out"
    said = onevisit("replan", riding, plan, events, "--today", morrow.isoformat(), "--out", out, "--iterations", "60")
    assert said.code == 0, said.err
    assert onevisit("check", out / "case", out / "schedule").code == 0
