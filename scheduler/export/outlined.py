"""An outline as a folder: the period of every item, the load of every pool, the near period's case, and the rest's."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scheduler.domain.calendar import Period
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso, period_name
from scheduler.export.bundle import require_ours, written_whole
from scheduler.export.case import case_of_snapshot
from scheduler.intake.tables import write_case
from scheduler.outline.outline import Outline

OUTLINED = ("loads.csv", "near", "outline.csv", "summary.json")
REST = "rest"
_LOADS = ("authority_id", "area_id", "period", "asked_min", "there_min")


def check_outlined_folder(out: Path) -> None:
    """Say whether an outline may be written to a folder: it is absent, empty or holds one; call it before long work.

    Raises
    ------
    OutputRefused : it is a file, or holds what is not ours.
    """
    require_ours(out, OUTLINED, optional=(REST,))


def outline_values(outline: Outline, period: Period) -> dict[str, Any]:
    """Return the figures of an outline as plain values."""
    counts = [0] * len(outline.periods)
    for number in outline.period_of.values():
        counts[number] += 1
    return {
        "by": period.value,
        "unserved_weight": outline.unserved,
        "doors": outline.doors,
        "impossible": len(outline.impossible),
        "periods": [
            {
                "period": period_name(period, p.key),
                "first": iso(p.first),
                "last": iso(p.last),
                "items": counts[k],
                "asked_min": sum(load.asked for load in outline.loads if load.period == k),
                "there_min": sum(load.there for load in outline.loads if load.period == k),
            }
            for k, p in enumerate(outline.periods)
        ],
    }


def write_outlined(
    out: Path,
    outline: Outline,
    period: Period,
    figures: Mapping[str, Any],
    whole: PlanningSnapshot,
    near: PlanningSnapshot,
    *,
    with_rest: bool,
) -> None:
    """Write the folder; it appears whole, or stays as it was.

    Parameters
    ----------
    whole : what the outline was made of; written too (`with_rest`) where it is not the case that was read.

    Raises
    ------
    OutputRefused : the folder holds what is not ours.
    OutputFailed : the system did not let it be written.
    """
    out = out.resolve()
    check_outlined_folder(out)
    names = [period_name(period, p.key) for p in outline.periods]
    with written_whole(out) as new:
        _write(new / OUTLINED[0], _LOADS, _loads(outline, names))
        write_case(case_of_snapshot(near), new / OUTLINED[1])
        _write(new / OUTLINED[2], ("item_id", "period", "why_none"), _rows(outline, whole, names))
        text = json.dumps(figures, ensure_ascii=False, indent=1) + "\n"
        (new / OUTLINED[3]).write_text(text, "utf-8")
        if with_rest:
            write_case(case_of_snapshot(whole), new / REST)


def _rows(outline: Outline, whole: PlanningSnapshot, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for item in whole.items:
        number = outline.period_of.get(item.item_id)
        why = "" if number is not None else "impossible" if item.item_id in outline.impossible else "no_room"
        yield item.item_id, "" if number is None else names[number], why


def _loads(outline: Outline, names: Sequence[str]) -> Iterator[tuple[str, str, str, int, int]]:
    for load in outline.loads:
        yield load.authority_id, load.area_id, names[load.period], load.asked, load.there


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
