from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from scenarios.generate.spec import GenerateError
from scenarios.generate.toronto import ConversionReport, convert_toronto, toronto_case
from scheduler.intake.tables import RawCase
from tests.shared_data import shared

BUILDINGS = """enterprise_id,name,category,ward,lon,lat,risk
B1,1 First St,PRIVATE,3,-79.40,43.70,high
B2,2 Second St,TCHC,3,-79.42,43.72,low
B3,3 Third St,TCHC,12,,,medium
B4,4 Fourth St,TCHC,,-79.42,43.72,medium
"""
INSPECTIONS = """item_id,department,enterprise_id,kind,date,duration_min_derived
I1,Toronto Fire Services,B1,fire,2017-10-02,200
I2,Municipal Licensing & Standards (RentSafeTO),B1,evaluation,2017-11-02,60
I3,Toronto Fire Services,B2,fire,2017-10-02,45
I4,Toronto Fire Services,B3,fire,2017-10-02,45
"""


def write(folder: Path, buildings: str = BUILDINGS, inspections: str = INSPECTIONS) -> tuple[Path, Path]:
    a, b = folder / "enterprises.csv", folder / "items.csv"
    a.write_text(buildings, encoding="utf-8")
    b.write_text(inspections, encoding="utf-8")
    return a, b


@pytest.fixture(scope="module")
def quarter() -> tuple[RawCase, ConversionReport]:
    folder = shared("data", "toronto_2017Q4")
    return convert_toronto(folder / "enterprises_2017Q4.csv", folder / "plan_items_2017Q4.csv")


def test_buildings_without_place_or_ward_are_dropped_with_their_items(tmp_path: Path) -> None:
    raw, report = convert_toronto(*write(tmp_path))
    assert report == ConversionReport(
        enterprises=2,
        items=3,
        dropped_enterprises=("B3", "B4"),
        dropped_items=("I4",),
        shortened_items=("I1",),
        real_visits=3,
    )
    assert list(raw.tables["enterprises"]["enterprise_id"]) == ["B1", "B2"]


def test_a_ward_is_a_street_at_the_mean_place_of_its_buildings(tmp_path: Path) -> None:
    streets = toronto_case(*write(tmp_path)).tables["streets"]
    assert streets.values.tolist() == [["W3", "Ward 3", "CITY", "-79.41", "43.71"]]


def test_durations_are_cut_to_what_a_shift_holds_and_high_risk_is_high_priority(tmp_path: Path) -> None:
    items = toronto_case(*write(tmp_path)).tables["items"]
    assert list(items["duration_min"]) == ["120", "60", "45"]
    assert list(items["priority"]) == ["high", "high", "normal"]
    assert list(items["authority_id"]) == ["TFS", "MLS", "TFS"]


def test_windows_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    head, *rows = INSPECTIONS.splitlines()
    mixed = "\n".join([head, *reversed(rows)]) + "\n"
    one = toronto_case(*write(tmp_path)).tables["items"].set_index("item_id").sort_index()
    other = toronto_case(*write(tmp_path, inspections=mixed)).tables["items"].set_index("item_id").sort_index()
    assert one.equals(other)


@pytest.mark.parametrize(
    ("buildings", "inspections", "what"),
    [
        (BUILDINGS.replace("ward,", "area,"), INSPECTIONS, r"enterprises\.csv lacks the columns ward"),
        (BUILDINGS, INSPECTIONS.replace("date,", ""), r"items\.csv lacks the columns date"),
        (BUILDINGS.replace("-79.40", "west"), INSPECTIONS, r"enterprises\.csv, row 2: lon cannot be 'west'"),
        (BUILDINGS, INSPECTIONS.replace("2017-11-02", "2 Nov"), r"items\.csv, row 3: date cannot be '2 Nov'"),
        (BUILDINGS, INSPECTIONS.replace(",200", ",0"), r"items\.csv, row 2: duration_min_derived cannot be '0'"),
        (BUILDINGS, INSPECTIONS.replace("2017-11-02", "2018-01-02"), "covers more than a quarter"),
        (BUILDINGS, INSPECTIONS.splitlines()[0] + "\n", r"items\.csv has no rows"),
    ],
)
def test_unreadable_data_is_reported_with_its_place(
    tmp_path: Path, buildings: str, inspections: str, what: str
) -> None:
    with pytest.raises(GenerateError, match=what):
        toronto_case(*write(tmp_path, buildings, inspections))


def test_real_quarter_gives_the_expected_counts(quarter: tuple[RawCase, ConversionReport]) -> None:
    raw, report = quarter
    assert (report.enterprises, report.items) == (3288, 4063)
    assert (len(report.dropped_enterprises), len(report.dropped_items)) == (21, 23)
    assert len(report.shortened_items) == 488
    assert report.real_visits == 4023
    assert {t: len(v) for t, v in raw.tables.items()} == {
        "streets": 25,
        "authorities": 3,
        "enterprises": 3288,
        "crews": 3,
        "items": 4063,
    }
    crews = dict(zip(raw.tables["crews"]["authority_id"], raw.tables["crews"]["crews"], strict=True))
    assert crews == {"MLS": "29", "TFS": "10", "TSSA": "2"}
    assert raw.config["visit"]["stretch_min"] == 15
    assert (raw.config["horizon"]["start"], raw.config["horizon"]["end"]) == (date(2017, 10, 1), date(2017, 12, 31))


def test_real_quarter_keeps_the_same_buildings_items_and_minutes_as_the_derived_case(
    quarter: tuple[RawCase, ConversionReport],
) -> None:
    raw, _ = quarter
    items = raw.tables["items"]
    ours = set(zip(items["item_id"], items["enterprise_id"], items["duration_min"], items["priority"], strict=True))
    with shared("data", "cases", "toronto_2017Q4_derived", "items.csv").open(encoding="utf-8", newline="") as file:
        theirs = {(r["item_id"], r["enterprise_id"], r["duration_min"], r["priority"]) for r in csv.DictReader(file)}
    assert ours == theirs


def test_real_quarter_windows_hold_the_real_date_in_six_three_one_tenths(
    quarter: tuple[RawCase, ConversionReport],
) -> None:
    items = quarter[0].tables["items"]
    with shared("data", "toronto_2017Q4", "plan_items_2017Q4.csv").open(encoding="utf-8", newline="") as file:
        real = {r["item_id"]: date.fromisoformat(r["date"]) for r in csv.DictReader(file)}
    kinds = {"quarter": 0, "month": 0, "week": 0}
    for item, a, b in zip(items["item_id"], items["earliest"], items["latest"], strict=True):
        earliest, latest = date.fromisoformat(a), date.fromisoformat(b)
        assert earliest <= real[item] <= latest
        whole = (earliest, latest) == (date(2017, 10, 1), date(2017, 12, 31))
        kinds["quarter" if whole else "week" if latest - earliest <= timedelta(days=14) else "month"] += 1
    assert [round(k / len(items), 1) for k in kinds.values()] == [0.6, 0.3, 0.1]
