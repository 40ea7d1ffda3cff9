"""Bad CSV files and workbooks, as plans and as registers to be imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.bodies import CSV, JSON, XLSX
from tests.api.service.bad.cases import Bad, Content, Place
from tests.api.service.bad.workbooks import bad_workbooks, workbook
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON

HEAD = ("item_id", "enterprise_id", "duration_min", "earliest", "latest", "priority", "legal_basis")
GOOD = ("X1", "E1", "30", "2026-10-08", "2026-12-18", "normal", "食品安全法")
FORMULAS = ("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+1+1", "-1+1", "\t=1", " =1")
"""Texts that a spreadsheet takes for formulas."""


def csv_of(rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> bytes:
    """Return rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def row_of(**cells: str) -> tuple[str, ...]:
    """Return a sound row of a plan with other cells."""
    return tuple(cells.get(name, value) for name, value in zip(HEAD, GOOD, strict=True))


_TEXT = csv_of([GOOD])
_BROKEN: Mapping[str, Content] = {
    "nothing": b"",
    "a mark and nothing": b"\xef\xbb\xbf",
    "line ends": b"\n\r\n\n",
    "commas": b",,,\n,,,\n",
    "a header": csv_of([]),
    "a header that is none": b"a,b,c\n1,2,3\n",
    "no header": csv_of([GOOD], GOOD),
    "a column missing": csv_of([GOOD[1:]], HEAD[1:]),
    "a column twice": csv_of([(*GOOD, "X2")], (*HEAD, "item_id")),
    "a column twice by another name": csv_of([(*GOOD, "X2")], (*HEAD, "事项编号")),
    "a cell too many": _TEXT + b"X2,E1,30,2026-10-08,2026-12-18,normal,x,y\n",
    "cells too few": _TEXT + b"X2,E1,30\n",
    "cut within a row": _TEXT + b"X2,E1,3",
    "an open quote": _TEXT + b'"X2,E1,30,2026-10-08,2026-12-18,normal,x\n',
    "a quote within a cell": _TEXT + b'X2,E1,"30"x,2026-10-08,2026-12-18,normal,x\n',
    "tabs": _TEXT.replace(b",", b"\t"),
    "semicolons": _TEXT.replace(b",", b";"),
    "UTF-16": _TEXT.decode().encode("utf-16"),
    "UTF-16 without a mark": _TEXT.decode().encode("utf-16-le"),
    "UTF-32": _TEXT.decode().encode("utf-32"),
    "GB18030 with the mark of UTF-8": b"\xef\xbb\xbf" + _TEXT.decode().encode("gb18030"),
    "GB18030 after UTF-8": _TEXT + "X2,E1,30,2026-10-08,2026-12-18,normal,法律\n".encode("gb18030"),
    "cut within a character": _TEXT[:-2],
    "half characters": _TEXT.decode().replace("食", "\ud800").encode("utf-8", "surrogatepass"),
    "bytes of no encoding": bytes(range(128, 256)) * 50,
    "NUL behind it": _TEXT + b"\0\0\0",
    "NUL in a cell": _TEXT.decode().replace("食", "\0").encode(),
    "a workbook": lambda: workbook([HEAD, GOOD]),
    "JSON": b'{"horizon_id": "2026Q4", "items": []}',
    "a cell of a million characters": lambda: csv_of([row_of(legal_basis="x" * 1_000_000)]),
    "an id of a million characters": lambda: csv_of([row_of(item_id="x" * 1_000_000)]),
    "a cell of 100,000 characters": lambda: csv_of([row_of(legal_basis="x" * 100_000)]),
    "a header of a million characters": lambda: csv_of([], ("x" * 1_000_000,)),
    "a million cells in a row": lambda: _TEXT + b"," * 1_000_000 + b"x",
    "100,000 columns": lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n",
    "20,001 rows": lambda: csv_of([row_of(item_id=f"X{n}") for n in range(20_001)]),
    "400,000 rows with every cell wrong": lambda: csv_of([]) + b"x;,x,x,x,x,x,=x\n" * 400_000,
    "a million rows too short": lambda: csv_of([]) + b"x,x\n" * 1_000_000,
    "a million empty rows": lambda: csv_of([]) + b",,,,,,\n" * 1_000_000,
}
"""Files that cannot be plans."""
_CELLS: Mapping[str, Sequence[str]] = {
    "legal_basis": (*FORMULAS, "x" * 2001),
    "item_id": (*FORMULAS[:5], "a;b", "a\nb", "a\x01b", "a\u200bb", "a\u2028b", "", "x" * 201),
    "enterprise_id": ("NOBODY", "../../etc/passwd", "E1' OR '1'='1", "e1", "", "E1;E2"),
    "duration_min": ("0", "-30", "1441", "30.5", "1e3", "9" * 400, "NaN", "inf", "30分钟", "٣٠x", "", "0x1E"),
    "earliest": (
        "2026-02-30",
        "0000-01-01",
        "1899-12-31",
        "26-10-08",
        "08.10.2026",
        "99999999",
        "2026-10-08T09:30",
        "",
    ),
    "latest": ("9999-12-31", "2026-10-01", "never", "2200-01-01"),
    "priority": ("urgent", "", "=1"),
}
"""Values that a cell of a plan may not hold, by column."""


def _plan(name: str, content: Content, media_type: str = CSV, **more: Any) -> Bad:
    expected = {"who": "department_a1", "params": {"horizon_id": HORIZON}, "status": 422, **more}
    return Bad(name=name, url="/plans", content=content, headers={"Content-Type": media_type}, **expected)


def csv_plans() -> Iterator[Bad]:
    """Yield plans as CSV."""
    for name, content in _BROKEN.items():
        yield _plan(f"CSV plan: {name}", content)
    for column, values in _CELLS.items():
        for value in values:
            content = csv_of([row_of(item_id="X0"), row_of(**{column: value})])
            yield _plan(f"CSV plan: {column} = {value[:30]!r}", content, place=("items", 3, column))
    foreign = csv_of([(*GOOD, "A2")], (*HEAD, "authority_id"))
    yield _plan("CSV plan: an item of another authority", foreign, place=("items", 2, "authority_id"))
    yield _plan("CSV plan: an id twice", csv_of([GOOD, GOOD]), place=("items", 3, "item_id"))
    yield _plan("CSV plan: no horizon", _TEXT, params=None, status=400)
    yield _plan("CSV plan: a horizon unknown", _TEXT, params={"horizon_id": "2099Q4"}, status=404)
    another = {"horizon_id": HORIZON, "authority_id": "A2"}
    yield _plan("CSV plan: for another authority", _TEXT, params=another, status=403)


def workbook_plans() -> Iterator[Bad]:
    """Yield plans as workbooks."""
    for name, make in bad_workbooks(HEAD, GOOD).items():
        yield _plan(f"workbook plan: {name}", make, XLSX)
    for formula in FORMULAS:
        for column in ("legal_basis", "item_id"):
            made = workbook([HEAD, row_of(**{column: formula})])
            yield _plan(f"workbook plan: {column} = {formula!r}", made, XLSX, place=("items", 2, column))


def media_types() -> Iterator[Bad]:
    """Yield bodies that say that they are what no route takes, or something else than they are."""
    routes: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("/plans", "department_a1", {"horizon_id": HORIZON}),
        ("/districts", "administrator", {}),
        ("/imports", "administrator", {"table": "districts"}),
    )
    for media_type in (
        "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
        "application/octet-stream", "application/vnd.ms-excel", "", "nonsense", "text/", "*/*",
        "application/json, text/csv", "text/csv\tx", "x" * 10_000,
    ):  # fmt: skip
        for url, who, params in routes:
            sent = {"url": url, "who": who, "params": params, "content": _TEXT, "status": 415}
            yield Bad(name=f"{url} as {media_type[:50]!r}", headers={"Content-Type": media_type}, **sent)
    yield _plan("plan: CSV that says it is a workbook", _TEXT, XLSX)
    yield _plan("plan: CSV that says it is JSON", _TEXT, JSON, status=400)
    yield _plan("plan: JSON that says it is CSV", b'{"horizon_id": "2026Q4", "items": [1]}')
    for media_type in (CSV, JSON, XLSX, "multipart/form-data", ""):
        where = {"params": {"horizon_id": HORIZON, "area_id": "S1"}, "headers": {"Content-Type": media_type}}
        yield Bad(name=f"/schedules as {media_type!r}", url="/schedules", content=_TEXT, status=415, **where)


def register_files() -> Iterator[Bad]:
    """Yield registers to be imported, each with one fault: the run must fail, and say where."""
    for table, row in NEW.items():
        cells = {name: _cell(value) for name, value in row.items()}
        for name, content, place in _faults(table, tuple(cells), tuple(cells.values())):
            yield _import(f"{table} as CSV: {name}", table, content, CSV, place)
            if name not in ("an open quote", "cells too few"):
                rows = list(csv.reader(io.StringIO(content.decode())))
                yield _import(f"{table} as workbook: {name}", table, workbook(rows, table), XLSX, place)
    for name, make in bad_workbooks(("district_id", "name"), ("D9", "南山区")).items():
        yield _import(f"workbook: {name}", "districts", make, XLSX)
    for name, file in _BROKEN.items():
        if "rows" in name and "20,001" not in name:
            continue
        yield _import(f"CSV: {name}", "districts", file, CSV)


def _import(name: str, table: str, content: Content, media_type: str, place: Place | None = None) -> Bad:
    headers = {"Content-Type": media_type}
    return Bad(
        name=f"import of {name}", url="/imports", params={"table": table}, content=content, headers=headers, place=place
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def _faults(table: str, head: tuple[str, ...], row: tuple[str, ...]) -> Iterator[tuple[str, bytes, Place]]:
    first = head[0]
    yield "no first column", csv_of([row[1:]], head[1:]), (table, 1, first)
    yield "a column twice", csv_of([(*row, row[0])], (*head, first)), (table, 1, first)
    yield "an empty cell", csv_of([row, ("", *row[1:])], head), (table, 3, first)
    yield "a formula", csv_of([row, ("=1+1", *row[1:])], head), (table, 3, first)
    yield "cells too few", csv_of([row, row[1:]], head), (table, 3, None)
    yield "an open quote", csv_of([row], head) + b'"x', (table, 3, None)
    for position, column in enumerate(head):
        if column in ("from", "to", "valid_from", "valid_to", "date", "lon", "crews", "max_visits", "start", "rule"):
            yield (
                f"{column} = 'x'",
                csv_of([row, (*row[:position], "x", *row[position + 1 :])], head),
                (table, 3, column),
            )
