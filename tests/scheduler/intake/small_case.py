"""A small valid case with every table and every column, and the forms in which it can be handed in."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from scheduler.errors import InvalidCase, Problem
from scheduler.intake.columns import TABLES, VALUES, Kind
from scheduler.intake.read import read_case
from scheduler.intake.tables import config_toml

Table = dict[str, list[str]]
Tables = dict[str, Table]

CONFIG: dict[str, Any] = {
    "format": "onevisit-case/1",
    "name": "小案例",
    "horizon": {
        "start": date(2026, 10, 12),
        "end": date(2026, 11, 30),
        "calendar": "weekdays",
        "closed": [date(2026, 11, 11)],
        "open": [date(2026, 10, 17)],
    },
    "shift": [{"id": "AM", "start": "09:00", "end": "12:00"}, {"id": "PM", "start": "14:00", "end": "17:30"}],
    "visit": {
        "overhead_min": 10,
        "start_together": False,
        "stretch_min": 0,
        "max_officers_on_site": 8,
        "max_visit_min": 120,
        "max_authorities": 3,
    },
    "travel": {"speed_kmh": 20.0, "detour": 1.3, "stop_min": 3, "buffer_min": 0},
    "street": {"max_days": 20, "max_visits": 0},
    "cap": [
        {"scope": "enterprise", "period": "quarter", "max_visits": 1},
        {"scope": "authority", "authority": "FIRE", "credit_class": "A", "period": "year", "max_visits": 2},
    ],
    "priority": {"mandatory": 1000, "high": 10, "normal": 1},
}

_TEXT = {
    "streets": """
street_id|name|district_id|lon|lat
S1|桂园街道|D1|114.1100|22.5450
S2|黄贝街道|D1|114.1350|22.5500""",
    "authorities": """
authority_id|name|level
FIRE|消防|district
MKT|市场监管|city""",
    "enterprises": """
enterprise_id|name|street_id|lon|lat|usci|industry|credit_class|closed_dates|closed_weekdays|open_from|open_to
E1|一号企业|S1|114.1110|22.5460|91110000600037341L|retail|A|2026-10-15;2026-10-16|6;7|08:30|18:00
E2|二号企业|S1|114.1120|22.5440||factory|B||||
E3|三号企业|S2|114.1360|22.5510||retail|||1||""",
    "crews": """
authority_id|area_id|crews|from|to|weekdays|shift_id
FIRE|S1|1||||
FIRE|D1|2|2026-10-12|2026-11-30|1;2;3;4;5|AM
MKT|*|3||||""",
    "items": """
item_id|authority_id|enterprise_id|duration_min|earliest|latest|priority|trigger|crews|cap_exempt|notice|item_code|legal_basis
I1|FIRE|E1|30|2026-10-12|2026-11-30|mandatory|routine|1|0|announced|F01|消防法
I2|MKT|E1|45|2026-10-12|2026-11-20|high|campaign|2|0|announced|M01|
I3|FIRE|E2|20|2026-10-20|2026-11-30|normal|follow_up|1|1|unannounced||
I4|MKT|E2|25|2026-10-12|2026-11-30|normal||||||
I5|MKT|E3|60|2026-10-12|2026-10-30|high|case|1|0||M02|食品安全法""",
    "history": """
enterprise_id|authority_id|date|visit_id|trigger|cap_exempt
E1|FIRE|2026-03-05|H1|routine|0
E1|MKT|2026-03-05|H1|routine|0
E2|MKT|2026-06-01||case|1""",
    "quiet": """
scope|id|rule|exempt_triggers
all||2026-11-16..2026-11-17|case
industry|factory|monthly:25-31|case;follow_up
street|S2|2026-10-26..2026-10-27|
enterprise|E1|monthly:1-2|
credit_class|A|monthly:3-4|""",
    "pins": """
enterprise_id|date|shift_id
E1|2026-10-20|AM
E3|2026-10-21|""",
    "preferred_pins": """
enterprise_id|date|shift_id
E2|2026-10-22|AM
E2|2026-10-23|""",
}


def config() -> dict[str, Any]:
    """Return a copy of the configuration to be changed."""
    return copy.deepcopy(CONFIG)


def tables() -> Tables:
    """Return a copy of the tables to be changed: by table, then column, the texts of all rows."""
    out: Tables = {}
    for name, text in _TEXT.items():
        header, *rows = [line.split("|") for line in text.strip("\n").split("\n")]
        out[name] = {column: [row[i] for row in rows] for i, column in enumerate(header)}
    return out


def csv_text(table: Mapping[str, list[str]]) -> str:
    """Return a table as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return out.getvalue()


def write_folder(
    folder: Path,
    case: Mapping[str, Table] | None = None,
    configuration: Mapping[str, Any] | None = None,
    *,
    encoding: str = "utf-8",
    names: Callable[[str], str] = str,
) -> Path:
    """Write a case folder with our own small writer and return it; `names` gives the file's stem for a table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.toml").write_text(config_toml(configuration or CONFIG), encoding="utf-8")
    for name, table in (tables() if case is None else case).items():
        (folder / f"{names(name)}.csv").write_bytes(csv_text(table).encode(encoding))
    return folder


def problems_of(source: Path | list[Path]) -> tuple[Problem, ...]:
    """Return the problems of a case that must be refused."""
    try:
        read_case(source)
    except InvalidCase as refused:
        return refused.problems
    raise AssertionError("the case was accepted")


def in_chinese(case: Tables) -> Tables:
    """Return the tables with the first Chinese header of every column and Chinese values of enumerations."""
    out: Tables = {}
    for name, table in case.items():
        by_name = {c.name: c for c in TABLES[name].columns}
        out[name] = {}
        for column, texts in table.items():
            spec = by_name[column]
            chinese = {v: k for k, v in reversed(VALUES.get(column, {}).items()) if not k.isascii()}
            out[name][spec.aliases[0]] = [chinese.get(t, t) for t in texts]
    return out


def write_workbook(
    path: Path,
    case: Tables | None = None,
    *,
    names: Callable[[str], str] = str,
    dates: str = "dates",
    touch: Callable[[xlsxwriter.Workbook], None] | None = None,
) -> Path:
    """Write the case as one workbook with numbers as numbers and return it.

    `dates` says how dates and times are stored: as ``dates``, as ``serials`` (numbers of days) or as ``text``.
    """
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": datetime(2026, 10, 1)})  # the same case gives the same bytes
    date_format, time_format = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "hh:mm"})
    _config_sheets(book)
    for name, table in (tables() if case is None else case).items():
        sheet = book.add_worksheet(names(name))
        kinds = {c.name: c.kind for c in TABLES[name].columns}
        for j, (column, texts) in enumerate(table.items()):
            sheet.write_string(0, j, column)
            for i, text in enumerate(texts, 1):
                kind = kinds.get(column, Kind.TEXT)
                if not text:
                    continue
                if kind in (Kind.NUMBER, Kind.WHOLE):
                    sheet.write_number(i, j, float(text))
                elif kind is Kind.DATE and dates == "dates":
                    sheet.write_datetime(i, j, datetime.fromisoformat(text), date_format)
                elif kind is Kind.DATE and dates == "serials":
                    sheet.write_number(i, j, (date.fromisoformat(text) - date(1899, 12, 30)).days)
                elif kind is Kind.CLOCK and dates == "dates":
                    sheet.write_datetime(i, j, time.fromisoformat(text), time_format)
                elif kind is Kind.CLOCK and dates == "serials":
                    at = time.fromisoformat(text)
                    sheet.write_number(i, j, (at.hour * 60 + at.minute) / 1440)
                else:
                    sheet.write_string(i, j, text)
    if touch:
        touch(book)
    book.close()
    return path


def _config_sheets(book: xlsxwriter.Workbook) -> None:
    rows: list[tuple[str, Any]] = [("key", "value")]
    for key, value in CONFIG.items():
        if isinstance(value, dict):
            rows += [(f"{key}.{k}", v) for k, v in value.items()]
        elif not isinstance(value, list):
            rows.append((key, value))
    sheet = book.add_worksheet("case")
    for i, (key, value) in enumerate(rows):
        if isinstance(value, list):
            value = ";".join(map(str, value))
        sheet.write_row(i, 0, [key, str(value) if isinstance(value, date) else value])
    shifts = book.add_worksheet("shifts")
    shifts.write_row(0, 0, ["id", "start", "end"])
    for i, shift in enumerate(CONFIG["shift"], 1):
        shifts.write_row(i, 0, [shift["id"], shift["start"], shift["end"]])
    caps = book.add_worksheet("caps")
    columns = ["scope", "period", "max_visits", "authority", "credit_class"]
    caps.write_row(0, 0, columns)
    for i, cap in enumerate(CONFIG["cap"], 1):
        caps.write_row(i, 0, [cap.get(c, "") for c in columns])
