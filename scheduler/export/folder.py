"""The schedule folder: the exchange format of a schedule, written exactly and read with patience.

Three things go beyond the five files' contract, all of them optional for other writers: ``unserved.csv`` has a column
``facts`` (JSON) with the figures of reasons and relaxation; ``summary.json`` has ``format`` and ``schedule`` (state,
version, digest). With them a schedule read back equals the one written. Without them, reason codes that are not ours
and the free texts of another writer are kept as facts (``unserved_texts.STATED_CODE`` and
``STATED_TEXT``) and are written again as they came.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scheduler.domain.schedule import (
    TERMS,
    CrewShift,
    JointVisit,
    Reason,
    ReasonCode,
    Relaxation,
    RelaxationKind,
    Schedule,
    ScheduleState,
    Stop,
    Unserved,
)
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import InvalidSchedule
from scheduler.export.table_file import (
    Findings,
    TableRow,
    day_of,
    int_of,
    json_object,
    list_of,
    minute_of,
    read_table,
    read_text,
    text_of,
)
from scheduler.export.unserved_texts import STATED_CODE, STATED_TEXT, explanation, reason_codes, relaxation
from scheduler.export.wording import clock
from scheduler.texts import Lang

FORMAT = "onevisit-schedule/1"

VISIT_COLUMNS = (
    "visit_id", "enterprise_id", "street_id", "date", "shift_id", "start", "end", "authority_ids", "item_ids",
)  # fmt: skip
CREW_COLUMNS = ("crew_id", "authority_id", "street_id", "date", "shift_id", "depart", "return", "travel_min")
STOP_COLUMNS = ("crew_id", "seq", "visit_id", "arrive", "start", "leave")
UNSERVED_COLUMNS = ("item_id", "reasons", "explanation", "cheapest_relaxation")

_CODES = {code.value: code for code in ReasonCode}
_KINDS = {kind.value: kind for kind in RelaxationKind}
_STATES = {state.value: state for state in ScheduleState}


def write_schedule_folder(
    folder: Path, snapshot: PlanningSnapshot, schedule: Schedule, summary: Mapping[str, Any], lang: Lang
) -> None:
    """Write the five files of a schedule folder; the folder is made when absent.

    The summary is as :func:`scheduler.export.summary.make_summary` returns it; its ``case_digest`` and ``schedule``
    are set to those of the schedule. The language is that of the sentences about unserved items.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_table(folder / "visits.csv", VISIT_COLUMNS, map(_visit_cells, schedule.visits))
    _write_table(folder / "crew_shifts.csv", CREW_COLUMNS, map(_crew_cells, schedule.crew_shifts))
    stops = ((c.crew_id, n, s) for c in schedule.crew_shifts for n, s in enumerate(c.stops, 1))
    cells = ((c, str(n), s.visit_id, clock(s.arrive), clock(s.start), clock(s.leave)) for c, n, s in stops)
    _write_table(folder / "stops.csv", STOP_COLUMNS, cells)
    unserved = (_unserved_cells(snapshot, u, lang) for u in schedule.unserved)
    _write_table(folder / "unserved.csv", (*UNSERVED_COLUMNS, "facts"), unserved)
    whole = {
        "format": FORMAT,
        **summary,
        "case_digest": schedule.snapshot_digest,
        "schedule": {"state": schedule.state.value, "version": schedule.version},
    }
    text = json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def read_schedule_folder(snapshot: PlanningSnapshot, folder: Path) -> tuple[Schedule, dict[str, Any]]:
    """Return the schedule of a folder and its summary.

    The schedule may break rules and name what the snapshot does not know: ids are kept as they are, and
    ``scheduler.rules.check`` judges. Only what cannot be read at all is an error.

    Raises
    ------
    InvalidSchedule : with every problem, each with table, row, column, value and what was expected.
    """
    findings = Findings()
    if not folder.is_dir():
        findings.add("missing_folder", "schedule", ("一个排程文件夹", "a schedule folder"), value=folder.name)
        raise InvalidSchedule(tuple(findings.problems))
    visits = [_visit(r, findings) for r in _table(folder, "visits", VISIT_COLUMNS, findings, unique="visit_id")]
    crews = _crews(folder, findings)
    unserved_rows = _table(folder, "unserved", UNSERVED_COLUMNS, findings, unique="item_id")
    unserved = [_unserved(r, findings) for r in unserved_rows]
    summary = _summary(folder / "summary.json", findings)
    if findings.problems:
        raise InvalidSchedule(tuple(findings.problems))
    state, version = _life(summary)
    digest = summary.get("case_digest")
    schedule = Schedule(
        # A writer who gives no digest is taken to mean the case that the schedule is read for.
        snapshot_digest=digest if isinstance(digest, str) and digest else snapshot.digest(),
        visits=tuple(sorted(visits, key=lambda v: v.visit_id)),
        crew_shifts=tuple(sorted(crews, key=lambda c: c.crew_id)),
        unserved=tuple(sorted(unserved, key=lambda u: u.item_id)),
        state=state,
        version=version,
    )
    return schedule, summary


def _write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _visit_cells(v: JointVisit) -> tuple[str, ...]:
    day = date.fromordinal(v.day).isoformat()
    lists = ";".join(v.authority_ids), ";".join(v.item_ids)
    return (v.visit_id, v.enterprise_id, v.street_id, day, v.shift_id, clock(v.start), clock(v.end), *lists)


def _crew_cells(c: CrewShift) -> tuple[str, ...]:
    day = date.fromordinal(c.day).isoformat()
    times = clock(c.depart), clock(c.back), str(c.travel_min)
    return (c.crew_id, c.authority_id, c.street_id, day, c.shift_id, *times)


def _unserved_cells(snapshot: PlanningSnapshot, u: Unserved, lang: Lang) -> tuple[str, ...]:
    facts = {
        "reasons": [{"code": r.code.value, "facts": dict(r.facts)} for r in u.reasons],
        "relaxation": u.relaxation and {"kind": u.relaxation.kind.value, "facts": dict(u.relaxation.facts)},
    }
    return (
        u.item_id,
        ";".join(reason_codes(u)),
        explanation(snapshot, u, lang),
        relaxation(snapshot, u, lang),
        json.dumps(facts, ensure_ascii=False, separators=(",", ":")),
    )


def _table(folder: Path, name: str, columns: Sequence[str], findings: Findings, *, unique: str) -> list[TableRow]:
    rows = read_table(folder / f"{name}.csv", columns, findings)
    first: dict[str, int] = {}
    for row in rows:
        key = row.cells.get(unique, "")
        if key and first.setdefault(key, row.number) != row.number:
            expected = (f"不与第 {first[key]} 行重复", f"not the same as in row {first[key]}")
            findings.add("duplicate", name, expected, row=row.number, column=unique, value=key)
    return rows


def _visit(row: TableRow, findings: Findings) -> JointVisit:
    return JointVisit(
        visit_id=text_of(row, "visit_id", findings),
        enterprise_id=text_of(row, "enterprise_id", findings),
        street_id=text_of(row, "street_id", findings),
        day=day_of(row, "date", findings),
        shift_id=text_of(row, "shift_id", findings),
        start=minute_of(row, "start", findings),
        end=minute_of(row, "end", findings),
        authority_ids=tuple(sorted(list_of(row, "authority_ids"))),
        item_ids=tuple(sorted(list_of(row, "item_ids"))),
    )


def _crews(folder: Path, findings: Findings) -> list[CrewShift]:
    rows = _table(folder, "crew_shifts", CREW_COLUMNS, findings, unique="crew_id")
    known = {row.cells.get("crew_id", "") for row in rows}
    stops: dict[str, dict[int, Stop]] = {}
    stop_rows = read_table(folder / "stops.csv", STOP_COLUMNS, findings)
    for row in stop_rows:
        crew_id, seq = text_of(row, "crew_id", findings), int_of(row, "seq", findings, least=0)
        if crew_id and rows and crew_id not in known:
            expected = ("crew_shifts.csv 中有的 crew_id", "a crew_id of crew_shifts.csv")
            findings.add("unknown_reference", "stops", expected, row=row.number, column="crew_id", value=crew_id)
        route = stops.setdefault(crew_id, {})
        if crew_id and seq in route:
            expected = ("同一班组内不重复的序号", "a number used once by the crew")
            findings.add("duplicate", "stops", expected, row=row.number, column="seq", value=str(seq))
        route[seq] = Stop(
            visit_id=text_of(row, "visit_id", findings),
            arrive=minute_of(row, "arrive", findings),
            start=minute_of(row, "start", findings),
            leave=minute_of(row, "leave", findings),
        )
    return [_crew(row, stops, findings) for row in rows]


def _crew(row: TableRow, stops: Mapping[str, Mapping[int, Stop]], findings: Findings) -> CrewShift:
    crew_id = text_of(row, "crew_id", findings)
    route = stops.get(crew_id, {})
    if crew_id and not route:
        expected = ("stops.csv 中至少一行", "at least one row in stops.csv")
        findings.add("no_stop", row.table, expected, row=row.number, column="crew_id", value=crew_id)
    return CrewShift(
        crew_id=crew_id,
        authority_id=text_of(row, "authority_id", findings),
        street_id=text_of(row, "street_id", findings),
        day=day_of(row, "date", findings),
        shift_id=text_of(row, "shift_id", findings),
        depart=minute_of(row, "depart", findings),
        back=minute_of(row, "return", findings),
        travel_min=int_of(row, "travel_min", findings, least=0),
        stops=tuple(route[seq] for seq in sorted(route)),
    )


def _unserved(row: TableRow, findings: Findings) -> Unserved:
    item_id = text_of(row, "item_id", findings)
    text_of(row, "reasons", findings)
    codes = list_of(row, "reasons")
    exact = _exact(item_id, row.cells.get("facts", ""))
    if exact is not None and reason_codes(exact) == codes:
        return exact
    reasons = []
    for position, code in enumerate(codes):
        facts = {} if code in _CODES else {STATED_CODE: code}
        if position == 0 and row.cells.get("explanation"):
            facts[STATED_TEXT] = row.cells["explanation"]
        reason = Reason(code=_CODES.get(code, ReasonCode.CAPACITY), facts=tuple(sorted(facts.items())))
        reasons.append(reason)
    text = row.cells.get("cheapest_relaxation", "")
    change = None
    if text:
        facts = {} if text in _KINDS else {STATED_TEXT: text}
        change = Relaxation(kind=_KINDS.get(text, RelaxationKind.SEVERAL), facts=tuple(facts.items()))
    return Unserved(item_id=item_id, reasons=tuple(reasons), relaxation=change)


def _exact(item_id: str, text: str) -> Unserved | None:
    # The column is optional: one of another writer that happens to have its name is passed over.
    try:
        facts = json.loads(text)
        reasons = tuple(Reason(code=_CODES[r["code"]], facts=_pairs(r["facts"])) for r in facts["reasons"])
        change = facts["relaxation"]
        if change is not None:
            change = Relaxation(kind=_KINDS[change["kind"]], facts=_pairs(change["facts"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Unserved(item_id=item_id, reasons=reasons, relaxation=change)


def _pairs(facts: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in facts.items()))


def _summary(path: Path, findings: Findings) -> dict[str, Any]:
    text = read_text(path, "summary", findings)
    summary = json_object(text, "summary", findings) if text is not None else None
    if summary is None:
        return {}
    for name, may_be_null in (("terms", False), ("bounds", True)):
        figures = summary.get(name)
        if figures is None and name == "bounds":
            continue
        if not isinstance(figures, dict):
            expected = (f"五个指标 {', '.join(TERMS)}", f"the five terms {', '.join(TERMS)}")
            findings.add("bad_number", "summary", expected, column=name, value=json.dumps(figures, ensure_ascii=False))
            continue
        for term in TERMS:
            value = figures.get(term)
            if not (value is None and may_be_null) and not _is_figure(value):
                shown = json.dumps(value, ensure_ascii=False)
                findings.add("bad_number", "summary", ("数值", "a number"), column=f"{name}.{term}", value=shown)
    # Python writes NaN and Infinity, which are no JSON: elsewhere than in terms and bounds they are read as absent.
    plain: dict[str, Any] = json.loads(text or "{}", parse_constant=lambda _: None)
    return plain


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _life(summary: Mapping[str, Any]) -> tuple[ScheduleState, int]:
    life = summary.get("schedule")
    if not isinstance(life, dict):
        return ScheduleState.DRAFT, 0
    state, version = life.get("state"), life.get("version")
    known = _STATES.get(state, ScheduleState.DRAFT) if isinstance(state, str) else ScheduleState.DRAFT
    return known, version if isinstance(version, int) and version >= 0 else 0
