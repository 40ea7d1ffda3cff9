"""A draw and its roster as files: what ``onevisit draw verify`` reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from scheduler.draw.roster import Roster
from scheduler.explain.facts import iso
from scheduler.intake.columns import ROSTER, Kind

RECORD, TEAMS, ITEMS = "draw.json", "teams.csv", "items.csv"


def write_draw(
    folder: Path, record: Mapping[str, Any], name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write the record of a draw, and what was drawn as a table, into a folder."""
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (folder / RECORD).write_text(text + "\n", "utf-8")
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def write_roster(folder: Path, roster: Roster) -> None:
    """Write the tables of a roster into a folder; the intake reads them as an equal one."""
    for name, table in ROSTER.items():
        dates = {k for k, c in enumerate(table.columns) if c.kind is Kind.DATE}
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.column_names)
            for row in getattr(roster, name):  # its fields are in the order of the columns
                writer.writerow([iso(v) if k in dates else v for k, v in enumerate(astuple(row))])
