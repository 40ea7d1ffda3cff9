"""No cell that is exported is a formula: not in a CSV file, in a workbook, or in one of either in an archive."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from sqlalchemy import insert

from api.bodies import ZIP
from api.imports.endpoints import TABLES
from api.store.schema import enterprises
from tests.api.service.bad.archives import SCHEDULE, zipped
from tests.api.service.carrying import carry_out_all
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON, Service, item

REGISTERS: tuple[str, ...] = TABLES.__args__
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")
_FORMULA = re.compile(r"\s*[=@\t\r]|\s*[+-].")
ODD = ("-", "+", "'=1+1", "1=1", "a@b.cn", "–1", "·=", '"=1"', "a\tb", "(=1)", "0-1")
"""Texts that are taken in, as no spreadsheet takes them for formulas."""


def _is_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


@pytest.mark.parametrize("text", ["=1", "@x", "+1+1", "-1+1", "\t=1", " =1", "-x"])
def test_a_formula_is_told_from_a_number(text: str) -> None:
    assert _is_formula(text)
    assert not any(map(_is_formula, ("-1", "-113.95", "+2", *ODD)))


@pytest.fixture
def filled(make_service: Callable[..., Service]) -> Service:
    """A service with every register filled, a schedule of ours, and one with the words of another writer."""
    service = make_service()
    admin = service.administrator
    for table, row in ((t, r) for t, r in NEW.items() if t not in ("pins", "bodies")):
        assert admin.post(f"/{table}", json=row).status_code == 201, table
    for number, text in enumerate(ODD):
        row = {**NEW["enterprises"], "enterprise_id": f"O{number}", "name": text, "industry": text, "usci": None}
        assert admin.post("/enterprises", json=row).status_code == 201, text
    items = [item(f"X{n}", f"O{n}", legal_basis=text, item_code=text) for n, text in enumerate(ODD)]
    items.append(item("Z1", "E1", crews=9))  # more than there are: left out, with the reasons
    plan_id = service.submit(service.department_a1, items)["plan"]["plan_id"]
    assert service.department_a1.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}).status_code == 200
    assert admin.post("/pins", json={"enterprise_id": "O0", "date": "2026-11-02"}).status_code == 201
    assert admin.post("/bodies", json=NEW["bodies"]).status_code == 201  # from now on the lists are in force
    run = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 20}, "with_before": True}
    assert admin.post("/runs", json=run).status_code == 202
    carry_out_all(service)
    brought = {"params": {"horizon_id": HORIZON, "area_id": "S1"}, "headers": {"Content-Type": ZIP}}
    assert admin.post("/schedules", content=zipped(SCHEDULE), **brought).status_code == 201
    return service


def _cells(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts of all cells of a file with their places; of an archive those of its files."""
    if name.endswith(".csv"):
        for n, row in enumerate(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")), 1):
            yield from ((f"{name}:{n}", cell) for cell in row)
    elif name.endswith(".xlsx"):
        for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
            for cell in (c for row in sheet.iter_rows() for c in row if c.value is not None):
                assert cell.data_type != "f", (name, sheet.title, cell.coordinate, cell.value)
                if cell.data_type in ("s", "inlineStr"):
                    yield f"{name}:{sheet.title}!{cell.coordinate}", str(cell.value)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.namelist():
                yield from _cells(part, archive.read(part))


def _check(name: str, data: bytes) -> dict[str, str]:
    cells = dict(_cells(name, data))
    assert {place: text for place, text in cells.items() if _is_formula(text)} == {}
    return cells


@ON_ONE_DATABASE
def test_no_exported_cell_is_a_formula(filled: Service) -> None:
    admin = filled.administrator
    found: dict[str, Any] = {}
    for table in REGISTERS:
        for ending in ("csv", "xlsx"):
            answer = admin.get(f"/exports/registers/{table}", params={"format": ending})
            assert answer.status_code == 200
            found[f"{table}.{ending}"] = _check(f"{table}.{ending}", answer.content)
    case = admin.get("/exports/case", params={"horizon_id": HORIZON, "area_id": "S1"})
    found["case"] = _check("case.zip", case.content)
    schedules = admin.get("/schedules").json()["items"]
    assert [s["origin"] for s in schedules] == ["run", "upload"]
    for schedule in schedules:
        for language in ("zh", "en"):
            place = f"/schedules/{schedule['schedule_id']}/export"
            answer = admin.get(place, params={"formats": "xlsx"}, headers={"Accept-Language": language})
            assert answer.status_code == 200
            found[f"{schedule['origin']} {language}"] = _check("schedule.zip", answer.content)
    assert all(len(cells) > 1 for cells in found.values())
    texts = {text for cells in found.values() for text in cells.values()}
    assert set(ODD) <= texts
    assert {"=1", "=cmd"}.isdisjoint(texts)


@ON_ONE_DATABASE
def test_a_formula_from_behind_our_back_is_text_in_a_workbook(service: Service) -> None:
    row = {**NEW["enterprises"], "enterprise_id": "=1+1", "name": "=cmd|' /C calc'!A0", "industry": "@x"}
    with service.store.writing("test") as work:
        work.connection.execute(insert(enterprises).values({**row, "closed_dates": None, "closed_weekdays": None}))
    book = service.administrator.get("/exports/registers/enterprises", params={"format": "xlsx"})
    texts = dict(_cells("enterprises.xlsx", book.content)).values()
    assert {"=1+1", "=cmd|' /C calc'!A0", "@x"} <= set(texts)
