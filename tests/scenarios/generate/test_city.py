from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from stdnum.cn import uscc

from scenarios.generate.city import generate_city
from scenarios.generate.dates import inspection_dates, quarter_span
from scenarios.generate.spec import CrewSupply, GenerateError, GenerateSpec, Level
from scheduler.domain.calendar import CalendarKind
from scheduler.intake.columns import TABLES
from scheduler.intake.tables import RawCase, config_toml

SMALL_CITY = GenerateSpec(level=Level.CITY, enterprises=20)


def column(raw: RawCase, table: str, name: str) -> list[str]:
    return [str(v) for v in raw.tables[table][name]]


def same(a: RawCase, b: RawCase) -> bool:
    return (
        a.config == b.config
        and list(a.tables) == list(b.tables)
        and all(a.tables[t].equals(b.tables[t]) for t in a.tables)
    )


@pytest.mark.parametrize("ugly", [False, True])
def test_same_spec_gives_the_same_tables(ugly: bool) -> None:
    spec = GenerateSpec(level=Level.DISTRICT, places=("大鹏",), enterprises=60, ugly=ugly)
    assert same(generate_city(spec), generate_city(spec))


def test_another_seed_gives_other_enterprises() -> None:
    a, b = (generate_city(GenerateSpec(enterprises=50, seed=s)) for s in (1, 2))
    assert column(a, "enterprises", "lon") != column(b, "enterprises", "lon")


def test_crew_supply_changes_crews_alone() -> None:
    a, b = (generate_city(GenerateSpec(enterprises=80, crews=c)) for c in CrewSupply)
    assert not a.tables["crews"].equals(b.tables["crews"])
    assert all(a.tables[t].equals(b.tables[t]) for t in a.tables if t != "crews")


@pytest.mark.parametrize("spec", [SMALL_CITY, GenerateSpec(ugly=True), GenerateSpec(num_authorities=34)])
def test_every_reference_resolves(spec: GenerateSpec) -> None:
    raw = generate_city(spec)
    streets = set(column(raw, "streets", "street_id"))
    districts = set(column(raw, "streets", "district_id"))
    bodies = set(column(raw, "authorities", "authority_id"))
    enterprises = set(column(raw, "enterprises", "enterprise_id"))
    assert set(column(raw, "enterprises", "street_id")) == streets
    assert set(column(raw, "items", "enterprise_id")) == enterprises  # nobody is without an item
    assert set(column(raw, "items", "authority_id")) <= bodies
    assert set(column(raw, "crews", "authority_id")) == bodies
    assert set(column(raw, "crews", "area_id")) <= streets | districts | {"*"}
    for table in raw.tables:
        assert set(raw.tables[table].columns) <= set(TABLES[table].column_names)


@pytest.mark.parametrize("ids", [("enterprises", "enterprise_id"), ("enterprises", "usci"), ("enterprises", "name")])
def test_ids_codes_and_names_are_unique(ids: tuple[str, str]) -> None:
    values = column(generate_city(SMALL_CITY), *ids)
    assert len(set(values)) == len(values) == 74 * 20


def test_credit_codes_have_right_check_digits_and_the_region_of_the_street() -> None:
    raw = generate_city(SMALL_CITY)
    for code, street in zip(column(raw, "enterprises", "usci"), column(raw, "enterprises", "street_id"), strict=True):
        assert uscc.is_valid(code)
        assert code[2:8] == street[:6]
        assert code[8:10] == "XX"  # marks codes of enterprises that do not exist


def test_names_are_marked_as_fictional() -> None:
    assert all("（示例）" in n for n in column(generate_city(GenerateSpec(enterprises=100)), "enterprises", "name"))


def test_city_has_434_bodies_of_three_levels() -> None:
    raw = generate_city(SMALL_CITY)
    assert Counter(column(raw, "authorities", "level")) == {"city": 18, "district": 120, "street": 296}
    city_bodies = [a for a in column(raw, "authorities", "authority_id") if a.startswith("4403-")]
    areas = dict(zip(column(raw, "crews", "authority_id"), column(raw, "crews", "area_id"), strict=True))
    assert {areas[a] for a in city_bodies} == {"*"}
    assert len(raw.tables["streets"]) == 74


def test_district_shares_twelve_bodies_over_its_streets() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=40))
    assert len(raw.tables["streets"]) == 8
    assert len(raw.tables["authorities"]) == 12
    assert set(column(raw, "crews", "area_id")) == {"440305"}


@pytest.mark.parametrize("number", [3, 7, 12, 13, 30, 34])
def test_number_of_bodies_is_what_was_asked(number: int) -> None:
    raw = generate_city(GenerateSpec(num_authorities=number, enterprises=60))
    assert len(raw.tables["authorities"]) == number
    assert set(column(raw, "items", "authority_id")) <= set(column(raw, "authorities", "authority_id"))


@pytest.mark.parametrize("number", [2, 35])
def test_impossible_number_of_bodies_is_refused(number: int) -> None:
    with pytest.raises(GenerateError, match="num_authorities"):
        generate_city(GenerateSpec(num_authorities=number))


def test_windows_are_six_tenths_quarter_three_month_one_fortnight() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=400))
    spans = [
        (date.fromisoformat(b) - date.fromisoformat(a)).days
        for a, b in zip(column(raw, "items", "earliest"), column(raw, "items", "latest"), strict=True)
    ]
    n = len(spans)
    assert n / 3200 == pytest.approx(3.05, abs=0.15)
    assert sum(s == 91 for s in spans) / n == pytest.approx(0.6, abs=0.03)
    assert sum(20 <= s < 91 for s in spans) / n == pytest.approx(0.3, abs=0.03)
    assert sum(9 <= s < 20 for s in spans) / n == pytest.approx(0.1, abs=0.02)


def test_every_window_holds_an_inspection_date_and_lies_in_the_horizon() -> None:
    raw = generate_city(GenerateSpec(enterprises=200))
    span = quarter_span(2026, 4)
    dates = inspection_dates(*span)[1]
    windows = set(zip(column(raw, "items", "earliest"), column(raw, "items", "latest"), strict=True))
    for a, b in windows:
        assert span[0] <= date.fromisoformat(a) <= date.fromisoformat(b) <= span[1]
        assert any(date.fromisoformat(a) <= d <= date.fromisoformat(b) for d in dates)


def test_durations_are_20_to_90_minutes_in_steps_of_five_and_differ_by_industry() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=200))
    industry = dict(
        zip(column(raw, "enterprises", "enterprise_id"), column(raw, "enterprises", "industry"), strict=True)
    )
    of: dict[str, list[int]] = {}
    for e, minutes in zip(column(raw, "items", "enterprise_id"), column(raw, "items", "duration_min"), strict=True):
        of.setdefault(industry[e], []).append(int(minutes))
    everything = [m for ms in of.values() for m in ms]
    assert (min(everything), max(everything)) == (20, 90)
    assert all(m % 5 == 0 for m in everything)
    assert sum(of["retail"]) / len(of["retail"]) + 15 < sum(of["chemicals"]) / len(of["chemicals"])


def test_fourth_quarter_of_2026_has_62_dates_with_the_make_up_day() -> None:
    kind, dates = inspection_dates(*quarter_span(2026, 4))
    assert kind is CalendarKind.CN
    assert len(dates) == 62
    assert date(2026, 10, 10) in dates  # a Saturday worked for the National Day holiday
    assert date(2026, 10, 1) not in dates


def test_year_without_announced_holidays_falls_back_to_weekdays() -> None:
    raw = generate_city(GenerateSpec(year=2031, quarter=1, enterprises=20))
    horizon: dict[str, Any] = raw.config["horizon"]
    assert horizon["calendar"] == "weekdays"
    assert (horizon["start"], horizon["end"]) == (date(2031, 1, 1), date(2031, 3, 31))


def weekly_crew_shifts(raw: RawCase) -> Counter[str]:
    total: Counter[str] = Counter()
    crews = raw.tables["crews"]
    for a, n, weekday in zip(crews["authority_id"], crews["crews"], crews["weekdays"], strict=True):
        total[a] += int(n) * (1 if weekday else 10)
    return total


def test_scarce_authorities_are_three_quarters_to_19_twentieths_used() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=400))
    need: Counter[str] = Counter()
    for a, minutes in zip(column(raw, "items", "authority_id"), column(raw, "items", "duration_min"), strict=True):
        need[a] += int(minutes) + 22
    supply = weekly_crew_shifts(raw)
    use = {a.split("-")[1]: need[a] / 195 / (supply[a] * 62 / 5) for a in need}
    for scarce in ("XFJY", "YJGL", "STHJ", "WSJK"):
        assert 0.72 <= use[scarce] <= 0.95
    assert use["SCJG"] < 0.55
    assert max(use.values()) <= 0.95


def test_plenty_of_crews_is_a_crew_for_every_fourth_item_at_all_times() -> None:
    raw = generate_city(GenerateSpec(crews=CrewSupply.PLENTY))
    items = Counter(column(raw, "items", "authority_id"))
    crews = dict(zip(column(raw, "crews", "authority_id"), column(raw, "crews", "crews"), strict=True))
    assert all(int(crews[a]) >= items[a] / 4 for a in items)
    assert set(column(raw, "crews", "weekdays")) == {""}


def test_ugly_case_has_every_kind_of_trouble() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=200, ugly=True, start_together=True))
    caps = raw.config["cap"]
    assert [(c["scope"], c["period"]) for c in caps] == [
        ("enterprise", "quarter"),
        ("authority", "year"),
        ("authority", "half_year"),
    ]
    assert raw.config["visit"]["max_officers_on_site"] == 12
    assert raw.config["visit"]["max_visit_min"] == 150
    assert raw.config["visit"]["start_together"] is True
    assert raw.config["travel"]["buffer_min"] == 5
    assert set(column(raw, "items", "crews")) == {"1", "2", "3"}
    assert set(column(raw, "items", "cap_exempt")) == {"0", "1"}
    assert set(column(raw, "items", "notice")) == {"announced", "unannounced"}
    assert set(column(raw, "quiet", "scope")) == {"industry", "street", "credit_class"}
    assert {"", "1"} == set(column(raw, "enterprises", "closed_weekdays"))
    assert {"", "10:00"} == set(column(raw, "enterprises", "open_from"))
    assert 400 < len(raw.tables["history"]) < 1600


def test_body_has_as_many_crews_at_some_time_as_its_largest_item_needs() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=200, ugly=True))
    most: Counter[str] = Counter()
    for a, n in zip(column(raw, "items", "authority_id"), column(raw, "items", "crews"), strict=True):
        most[a] = max(most[a], int(n))
    crews = raw.tables["crews"]
    at: Counter[tuple[str, str, str]] = Counter()
    for a, n, day, shift in zip(
        crews["authority_id"], crews["crews"], crews["weekdays"], crews["shift_id"], strict=True
    ):
        at[a, day, shift] += int(n)
    for a, needed in most.items():
        peak = max((n for (b, day, _), n in at.items() if b == a and day), default=0)
        assert at[a, "", ""] + peak >= needed


def test_history_is_before_the_horizon_and_its_doors_hold_together() -> None:
    raw = generate_city(GenerateSpec(level=Level.DISTRICT, enterprises=200, ugly=True))
    history = raw.tables["history"]
    assert max(history["date"]) < "2026-10-01"
    assert min(history["date"]) >= "2026-01-01"
    doors: dict[str, set[tuple[str, str]]] = {}
    for visit, enterprise, day in zip(history["visit_id"], history["enterprise_id"], history["date"], strict=True):
        doors.setdefault(visit, set()).add((enterprise, day))
    assert all(len(d) == 1 for d in doors.values())
    assert len(doors) < len(history)  # some were joint


def test_history_of_a_first_quarter_lies_in_the_year_before() -> None:
    raw = generate_city(GenerateSpec(year=2026, quarter=1, enterprises=100, ugly=True))
    assert {d[:4] for d in raw.tables["history"]["date"]} == {"2025"}


def test_case_file_names_the_source_as_synthetic() -> None:
    text = config_toml(generate_city(GenerateSpec(enterprises=10)).config)
    assert "合成数据" in text
    assert 'calendar = "CN"' in text


def test_limits_of_a_street_are_in_the_case_only_when_asked_for() -> None:
    assert "street" not in generate_city(GenerateSpec(enterprises=20)).config
    raw = generate_city(GenerateSpec(enterprises=20, max_days=4))
    assert raw.config["street"] == {"max_days": 4, "max_visits": 0}
