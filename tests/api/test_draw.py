"""A draw on the command line: committed to in September, drawn in October, verified by a citizen."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.api.conftest import Onevisit


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def roster(case: Path, tmp_path: Path) -> Path:
    """A roster with a dozen officers for each authority."""
    folder = tmp_path / "roster"
    folder.mkdir()
    authorities = [a["authority_id"] for a in rows_of(case / "authorities.csv")]
    officers = [
        {"officer_id": f"{a}-{n}", "authority_id": a, "name": f"人员{n}", "certificate_no": f"{a}{n:03d}",
         "valid_from": "2025-01-01", "valid_to": "2027-12-31"}
        for a in authorities
        for n in range(12)
    ]  # fmt: skip
    write_rows(folder / "officers.csv", officers)
    return folder


def test_a_quarter_is_drawn_and_anybody_can_verify_it(
    onevisit: Onevisit, case: Path, schedule: Path, roster: Path, tmp_path: Path
) -> None:
    # --- 2026-09-21: the coordinator commits to a seed, before anybody knows the roster -----------------------------
    said = onevisit("draw", "commit", "--purpose", "2026 Q4", "--out", tmp_path / "seed.json", "--json")
    assert said.code == 0
    commitment = json.loads(said.out)["commitment"]
    assert (tmp_path / "seed.json").stat().st_mode & 0o077 == 0
    again = onevisit("draw", "commit", "--purpose", "2026 Q4", "--out", tmp_path / "seed.json")
    assert (again.code, "not overwritten" in again.err) == (1, True)

    # --- 2026-09-28: targets of a campaign are drawn, and become items that the case takes ---------------------------
    strata = tmp_path / "strata.csv"
    strata.write_text("credit_class,industry,ratio\nD,,1\n,,0.25\n", "utf-8")
    authority = rows_of(case / "authorities.csv")[0]["authority_id"]
    options = "--authority", authority, "--id", "C1", "--duration-min", "30", "--seed-file", tmp_path / "seed.json"
    said = onevisit("draw", "targets", case, strata, *options, "--out", tmp_path / "targets")
    assert said.code == 0, said.err
    drawn = rows_of(tmp_path / "targets/items.csv")
    classes = {e["enterprise_id"]: e["credit_class"] for e in rows_of(case / "enterprises.csv")}
    assert {e for e, c in classes.items() if c == "D"} <= {i["enterprise_id"] for i in drawn}
    items = rows_of(case / "items.csv")
    wider = tmp_path / "wider"
    wider.mkdir()
    for path in case.iterdir():
        (wider / path.name).write_bytes(path.read_bytes())
    write_rows(wider / "items.csv", items + [dict.fromkeys(items[0], "") | i for i in drawn])
    assert onevisit("validate", wider).code == 0
    assert onevisit("draw", "verify", tmp_path / "targets", case, "--commitment", commitment).code == 0

    # --- 2026-10-01: the roster is known, a lottery number has appeared, officers are drawn --------------------------
    public = "--public", "2026-09-30 lottery 08 13 21 34 55"
    options = "--seed-file", tmp_path / "seed.json", *public, "--out", tmp_path / "teams"
    said = onevisit("draw", "officers", case, schedule, roster, *options)
    assert said.code == 0, said.err
    teams = rows_of(tmp_path / "teams/teams.csv")
    crews = {c["crew_id"]: c for c in rows_of(schedule / "crew_shifts.csv")}
    assert {t["crew_id"] for t in teams} == set(crews)
    assert len(teams) == 2 * len(crews)
    assert all(t["authority_id"] == crews[t["crew_id"]]["authority_id"] for t in teams)

    # --- 2026-10-08: a citizen draws again, then finds a record in which somebody has been exchanged -----------------
    options = "--schedule", schedule, "--roster", roster, "--commitment", commitment
    assert onevisit("draw", "verify", tmp_path / "teams", case, *options).code == 0
    record = json.loads((tmp_path / "teams/draw.json").read_text("utf-8"))
    crew_id, team = sorted(record["teams"].items())[0]
    record["teams"][crew_id] = [team[0], f"{team[1].rsplit('-', 1)[0]}-99"]
    (tmp_path / "teams/draw.json").write_text(json.dumps(record), "utf-8")
    said = onevisit("draw", "verify", tmp_path / "teams", case, *options)
    assert said.code == 1
    assert crew_id in said.out


def test_a_roster_that_is_too_small_says_who_is_lacking_and_when(
    onevisit: Onevisit, case: Path, schedule: Path, roster: Path, tmp_path: Path
) -> None:
    onevisit("draw", "commit", "--purpose", "x", "--out", tmp_path / "seed.json")
    crew = rows_of(schedule / "crew_shifts.csv")[0]
    kept = [o for o in rows_of(roster / "officers.csv") if o["authority_id"] != crew["authority_id"]]
    write_rows(roster / "officers.csv", kept)
    options = "--seed-file", tmp_path / "seed.json", "--out", tmp_path / "teams"
    said = onevisit("draw", "officers", case, schedule, roster, *options)
    assert said.code == 1
    assert f"{crew['authority_id']} lacks 2" in said.out
    assert crew["date"] in said.out
    assert not (tmp_path / "teams").exists()


def test_every_wrong_row_of_a_roster_and_of_strata_is_reported(
    onevisit: Onevisit, case: Path, schedule: Path, roster: Path, tmp_path: Path
) -> None:
    onevisit("draw", "commit", "--purpose", "x", "--out", tmp_path / "seed.json")
    rows = rows_of(roster / "officers.csv")
    rows[0]["authority_id"], rows[1]["valid_to"], rows[2]["valid_from"] = "NOBODY", "2020-01-01", "soon"
    write_rows(roster / "officers.csv", rows)
    (roster / "absences.csv").write_text("officer_id,from,to\nX1,2026-10-09,2026-10-08\n", "utf-8")
    options = "--seed-file", tmp_path / "seed.json", "--out", tmp_path / "teams"
    said = onevisit("draw", "officers", case, schedule, roster, *options)
    assert said.code == 1
    for code in ("unknown_reference row 2", "certificate_reversed row 3", "bad_date row 4", "dates_reversed row 2"):
        assert code in said.err
    strata = tmp_path / "strata.csv"
    strata.write_text("credit_class,industry,ratio\nZ,,2\n", "utf-8")
    options = "--authority", "A", "--id", "C1", "--duration-min", "30", *options
    said = onevisit("draw", "targets", case, strata, *options)
    assert (said.code, said.err.count("row 2")) == (1, 2)
    strata.write_text("credit_class,industry,ratio\nB,,0.1\n,,0.1\nB,*,0.2\n", "utf-8")
    said = onevisit("draw", "targets", case, strata, *options)
    assert (said.code, said.err.count("duplicate_id row 4")) == (1, 1)
