from __future__ import annotations

import pytest

from scenarios.generate.spec import GenerateError, GenerateSpec, Level
from scenarios.generate.streets import all_streets, chosen_streets, enterprises_per_street
from tests.shared_data import shared

STREETS_PER_DISTRICT = {
    "罗湖区": 10,
    "福田区": 10,
    "南山区": 8,
    "宝安区": 10,
    "龙岗区": 11,
    "大鹏新区": 3,
    "盐田区": 4,
    "龙华区": 6,
    "坪山区": 6,
    "光明区": 6,
}


def test_there_are_74_streets_in_ten_districts_with_783_communities() -> None:
    counts: dict[str, int] = {}
    for s in all_streets():
        counts[s.district] = counts.get(s.district, 0) + 1
    assert counts == STREETS_PER_DISTRICT
    assert len({s.street_code for s in all_streets()}) == 74
    assert len({s.district_code for s in all_streets()}) == 10
    assert sum(s.communities for s in all_streets()) == 783
    assert all(22.45 <= s.lat <= 22.85 and 113.75 <= s.lon <= 114.62 for s in all_streets())


def test_street_facts_agree_with_the_statistics_codes() -> None:
    facts = {}
    for line in shared("data", "shenzhen_streets.csv").read_text(encoding="utf-8").splitlines()[1:]:
        code, _, district, name, kind, communities = line.split(",")
        if kind == "street":
            facts[code] = (district, name, int(communities))
    assert facts == {s.street_code: (s.district, s.street, s.communities) for s in all_streets()}


@pytest.mark.parametrize("place", ["马田街道", "马田", "440311006"])
def test_street_is_found_by_name_short_name_and_code(place: str) -> None:
    assert [s.street for s in chosen_streets(GenerateSpec(places=(place,)))] == ["马田街道"]


@pytest.mark.parametrize(("place", "streets"), [("光明区", 6), ("龙岗", 11), ("大鹏", 3), ("440307-DP", 3)])
def test_district_is_found_by_name_short_name_and_code(place: str, streets: int) -> None:
    assert len(chosen_streets(GenerateSpec(level=Level.DISTRICT, places=(place,)))) == streets


def test_a_place_named_twice_counts_once() -> None:
    assert len(chosen_streets(GenerateSpec(places=("马田", "马田街道", "公明")))) == 2


def test_unknown_place_is_reported_with_the_known_ones() -> None:
    with pytest.raises(GenerateError) as caught:
        chosen_streets(GenerateSpec(level=Level.DISTRICT, places=("浦东",)))
    assert "浦东" in caught.value.say("zh")
    assert "光明区" in caught.value.say("en")


def test_total_is_shared_out_exactly_and_by_communities() -> None:
    spec = GenerateSpec(level=Level.CITY, total_enterprises=10_000)
    counts = enterprises_per_street(spec, all_streets())
    assert sum(counts) == 10_000
    of = {s.street: c for s, c in zip(all_streets(), counts, strict=True)}
    assert of["西乡街道"] > 6 * of["碧岭街道"]


def test_every_street_gets_an_enterprise_even_from_a_tiny_total() -> None:
    counts = enterprises_per_street(GenerateSpec(level=Level.CITY, total_enterprises=75), all_streets())
    assert min(counts) == 1
    assert sum(counts) == 75


@pytest.mark.parametrize(
    "wrong",
    [
        {"enterprises": 0},
        {"total_enterprises": -1},
        {"num_authorities": 0},
        {"area_km2": 0.0},
        {"quarter": 5},
        {"year": 1999},
        {"seed": -1},
        {"stretch_min": -1},
        {"max_days": -1},
        {"max_visits": -1},
    ],
)
def test_parameter_out_of_range_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(GenerateError, match=next(iter(wrong))):
        GenerateSpec(**wrong)  # type: ignore[arg-type]
