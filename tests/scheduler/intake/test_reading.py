"""Valid cases: every form in which the same case comes gives the same snapshot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from scheduler.domain.plans import Notice, Trigger
from scheduler.domain.policy import StreetRules
from scheduler.export.case import case_of_snapshot
from scheduler.intake.datum import wgs84_to_gcj02
from scheduler.intake.read import read_case, read_raw
from scheduler.intake.tables import RawCase, raw_case, write_case
from tests.scheduler.intake.small_case import (
    CONFIG,
    config,
    in_chinese,
    tables,
    write_folder,
    write_workbook,
)
from tests.shared_data import shared

CASES = (
    "street_100",
    "street_400",
    "street_1500",
    "district_8x200_ugly",
    "district_8x400",
    "toronto_2017Q4_derived",
)


@pytest.fixture
def expected(tmp_path: Path) -> str:
    return read_case(write_folder(tmp_path / "expected")).snapshot.digest()


@pytest.mark.parametrize("name", CASES)
def test_every_shared_case_is_read(name: str) -> None:
    folder = shared("data", "cases", name)
    read = read_case(folder)
    assert len(read.snapshot.items) == sum(1 for _ in (folder / "items.csv").open(encoding="utf-8")) - 1
    assert read.snapshot.calendar.days


@pytest.mark.parametrize("name", CASES)
def test_a_shared_case_written_again_has_the_same_digest(name: str, tmp_path: Path) -> None:
    snapshot = read_case(shared("data", "cases", name)).snapshot
    write_case(case_of_snapshot(snapshot), tmp_path / "again")
    assert read_case(tmp_path / "again").snapshot.digest() == snapshot.digest()


def test_every_field_of_the_small_case_is_read(tmp_path: Path) -> None:
    read = read_case(write_folder(tmp_path / "case"))
    s = read.snapshot
    assert read.warnings == ()
    e1, i3, i4 = s.enterprises[0], s.items[2], s.items[3]
    assert (e1.usci, e1.closed_weekdays, e1.open_from, e1.open_to) == ("91110000600037341L", (6, 7), 510, 1080)
    assert e1.closed_days == (date(2026, 10, 15).toordinal(), date(2026, 10, 16).toordinal())
    assert (i3.trigger, i3.cap_exempt, i3.notice, i3.legal_basis) == (
        Trigger.FOLLOW_UP,
        True,
        Notice.UNANNOUNCED,
        None,
    )
    assert (i4.trigger, i4.crews, i4.cap_exempt, i4.notice) == (Trigger.ROUTINE, 1, False, Notice.ANNOUNCED)
    assert date(2026, 10, 17).toordinal() in s.calendar.days
    assert date(2026, 11, 11).toordinal() not in s.calendar.days
    assert (s.policy.visit.max_officers, s.policy.visit.max_visit_min) == (8, 120)
    assert s.policy.visit.max_authorities == 3
    assert s.policy.street == StreetRules(max_days=20)
    assert len(s.policy.quiet_periods) == 5
    assert len(s.history) == 3
    assert [(p.enterprise_id, p.shift_id, p.kind.value) for p in s.pins] == [
        ("E1", "AM", "fixed"),
        ("E2", "AM", "preferred"),
        ("E2", None, "preferred"),
        ("E3", None, "fixed"),
    ]


def test_limits_of_zero_mean_none(tmp_path: Path) -> None:
    c = config()
    c["visit"] |= {"max_officers_on_site": 0, "max_visit_min": 0, "max_authorities": 0}
    c["street"] = {"max_days": 0, "max_visits": 0}
    policy = read_case(write_folder(tmp_path / "case", None, c)).snapshot.policy
    visit = policy.visit
    assert (visit.max_officers, visit.max_visit_min, visit.max_authorities) == (None, None, None)
    assert policy.street == StreetRules()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_encodings_of_chinese_spreadsheets_are_read(encoding: str, tmp_path: Path, expected: str) -> None:
    folder = write_folder(tmp_path / "case", encoding=encoding)
    assert read_case(folder).snapshot.digest() == expected


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_headers_values_and_file_names_are_read(encoding: str, tmp_path: Path, expected: str) -> None:
    from scheduler.intake.columns import TABLES

    folder = write_folder(
        tmp_path / "case", in_chinese(tables()), encoding=encoding, names=lambda n: TABLES[n].aliases[0]
    )
    read = read_case(folder)
    assert read.warnings == ()
    assert read.snapshot.digest() == expected


@pytest.mark.parametrize("dates", ["dates", "serials", "text"])
def test_a_workbook_is_read_like_the_folder(dates: str, tmp_path: Path, expected: str) -> None:
    read = read_case(write_workbook(tmp_path / "case.xlsx", dates=dates))
    assert read.warnings == ()
    assert read.snapshot.digest() == expected


def test_a_workbook_with_chinese_sheets_is_read(tmp_path: Path, expected: str) -> None:
    from scheduler.intake.columns import TABLES

    path = write_workbook(
        tmp_path / "本季计划.xlsx", in_chinese(tables()), names=lambda n: TABLES[n].aliases[0], dates="text"
    )
    assert read_case(path).snapshot.digest() == expected


def test_single_files_are_read_in_any_order(tmp_path: Path, expected: str) -> None:
    folder = write_folder(tmp_path / "case")
    files = sorted(folder.iterdir(), reverse=True)
    assert read_case(files).snapshot.digest() == expected


def test_order_of_rows_and_columns_does_not_matter(tmp_path: Path, expected: str) -> None:
    turned = {n: {c: list(reversed(v)) for c, v in reversed(t.items())} for n, t in reversed(list(tables().items()))}
    assert read_case(write_folder(tmp_path / "case", turned)).snapshot.digest() == expected


def test_coordinates_declared_as_gcj02_are_converted(tmp_path: Path) -> None:
    plain = read_case(write_folder(tmp_path / "plain")).snapshot
    shifted, c = tables(), config() | {"coordinates": {"datum": "GCJ-02"}}
    for name in ("streets", "enterprises"):
        lon, lat = (np.array([float(v) for v in shifted[name][k]]) for k in ("lon", "lat"))
        lon, lat = wgs84_to_gcj02(lon, lat)
        shifted[name] |= {"lon": [repr(float(v)) for v in lon], "lat": [repr(float(v)) for v in lat]}
    read = read_case(write_folder(tmp_path / "shifted", shifted, c)).snapshot
    for a, b in zip(plain.enterprises, read.enterprises, strict=True):
        assert abs(a.lon - b.lon) < 1e-6
        assert abs(a.lat - b.lat) < 1e-6


def test_numeric_identifiers_of_a_workbook_are_text(tmp_path: Path) -> None:
    def digits(book):  # type: ignore[no-untyped-def]
        sheet = book.get_worksheet_by_name("authorities")
        sheet.write_number(1, 0, 1001)
        sheet.write_number(2, 0, 1002)
        for name, column in (("crews", 0), ("items", 1), ("history", 1)):
            sheet = book.get_worksheet_by_name(name)
            for i, text in enumerate(tables()[name]["authority_id"], 1):
                sheet.write_number(i, column, 1001 if text == "FIRE" else 1002)
        book.get_worksheet_by_name("caps").write_number(2, 3, 1001)

    snapshot = read_case(write_workbook(tmp_path / "case.xlsx", touch=digits)).snapshot
    assert [a.authority_id for a in snapshot.authorities] == ["1001", "1002"]


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("earliest", "2026/10/12"),
        ("earliest", "2026年10月12日"),
        ("earliest", "20261012"),
        ("earliest", "46307"),
        ("earliest", "2026-10-12 00:00:00"),
        ("duration_min", "30.0"),
        ("duration_min", " 30 "),
        ("duration_min", "３０"),
        ("priority", "必查"),
        ("trigger", "Routine"),
        ("cap_exempt", "否"),
        ("notice", "提前告知"),
    ],
)
def test_other_ways_to_write_a_cell_mean_the_same(column: str, written: str, tmp_path: Path, expected: str) -> None:
    case = tables()
    case["items"][column][0] = written
    assert read_case(write_folder(tmp_path / "case", case)).snapshot.digest() == expected


def test_optional_tables_may_be_absent(tmp_path: Path) -> None:
    case = {k: v for k, v in tables().items() if k not in ("history", "quiet", "pins", "preferred_pins")}
    s = read_case(write_folder(tmp_path / "case", case)).snapshot
    assert (s.history, s.policy.quiet_periods, s.pins) == ((), (), ())


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    from scheduler.intake.columns import TABLES

    case = {
        n: {c.name: t[c.name] for c in TABLES[n].columns if c.required or n == "quiet"} for n, t in tables().items()
    }
    s = read_case(write_folder(tmp_path / "case", case)).snapshot
    assert s.items[0].trigger is Trigger.ROUTINE
    assert s.enterprises[0].usci is None


def test_a_priority_of_the_cases_own_is_accepted(tmp_path: Path) -> None:
    case, c = tables(), config()
    c["priority"]["高"] = 7
    case["items"]["priority"][0] = "高"
    s = read_case(write_folder(tmp_path / "case", case, c)).snapshot
    assert s.items[0].priority == "高"


def test_a_raw_case_is_read_without_files(expected: str) -> None:
    assert read_raw(raw_case(CONFIG, tables())).snapshot.digest() == expected


def test_a_raw_case_of_typed_values_is_read(expected: str) -> None:
    case: dict[str, dict[str, list[object]]] = {n: dict(t) for n, t in tables().items()}  # type: ignore[arg-type]
    case["items"]["duration_min"] = [30, 45, 20, 25, 60.0]
    case["items"]["cap_exempt"] = [False, False, True, None, False]
    case["items"]["earliest"] = [date.fromisoformat(str(v)) for v in case["items"]["earliest"]]
    case["items"]["trigger"][0] = Trigger.ROUTINE
    case["enterprises"]["closed_weekdays"] = [(6, 7), None, [1]]
    assert read_raw(raw_case(CONFIG, case)).snapshot.digest() == expected


def test_writing_a_case_replaces_it_whole(tmp_path: Path) -> None:
    raw = raw_case(CONFIG, tables())
    write_case(raw, tmp_path / "case")
    fewer = RawCase(config=CONFIG, tables={k: v for k, v in raw.tables.items() if k != "pins"})
    write_case(fewer, tmp_path / "case")
    assert not (tmp_path / "case" / "pins.csv").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["case"]


def test_writing_a_case_leaves_a_folder_of_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "thesis.docx").write_text("x")
    with pytest.raises(FileExistsError, match=r"thesis\.docx"):
        write_case(raw_case(CONFIG, tables()), tmp_path / "case")
    assert [p.name for p in (tmp_path / "case").iterdir()] == ["thesis.docx"]


def test_awkward_texts_survive_writing_and_reading(tmp_path: Path) -> None:
    case, c = tables(), config()
    c["name"] = 'a "quoted" name \\ with \t tab'
    case["enterprises"]["name"][0] = '"甲", 乙\n丙'
    write_case(raw_case(c, case), tmp_path / "case")
    s = read_case(tmp_path / "case").snapshot
    assert s.name == c["name"]
    assert s.enterprises[0].name == '"甲", 乙\n丙'
