"""The pins of a case folder written back, so that a later solve keeps what was settled."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from scheduler.domain.plans import Pin
from scheduler.explain.facts import iso
from scheduler.intake.columns import PINS
from scheduler.intake.sources import collect


def pins_file_of(case: Path) -> Path | None:
    """Return the CSV file of a case folder that holds its pins, or would; ``None`` where a workbook has them."""
    if not case.is_dir():
        return None
    place = collect(case).seen.get(PINS.name, f"{PINS.name}.csv")
    return case / place if place.lower().endswith(".csv") else None


def write_pins(path: Path, pins: Iterable[Pin]) -> None:
    """Replace a table of pins, all of it or nothing: it is written aside, then renamed."""
    aside = path.with_name(f".{path.name}.new")
    try:
        with aside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(PINS.column_names)
            writer.writerows((p.enterprise_id, iso(p.day), p.shift_id or "") for p in pins)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
