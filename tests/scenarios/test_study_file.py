"""Files of scenarios: both forms, every fault with its place, grids and series written out for a base."""

from __future__ import annotations

import json

import pytest

from scenarios.library import LIBRARY
from scenarios.scenario import BadScenarios, carry_out_all
from scenarios.study_file import MAX_SCENARIOS, InvalidStudy, NamedFile, parse_study, read_files, unfold
from scheduler.domain.plans import Trigger
from tests.builders import a_pool, a_snapshot, a_street, an_enterprise, an_item

TOML = """
library = ["today"]

[[scenario]]
name = "fast"
title = { zh = "更快", en = "faster" }
[[scenario.edit]]
kind = "travel"
speed_kmh = 30

[[grid]]
name = "g"
[[grid.axis]]
edit = { kind = "crews", authority = "A1" }
field = "to"
values = [4, 5, 6]
[[grid.axis]]
edit = { kind = "visit" }
field = "stretch_min"
values = [0, 15]

[[sensitivity]]
name = "buffer"
edit = { kind = "travel" }
field = "buffer_min"
values = [0, 5, 10]
"""


@pytest.fixture
def base():
    items = (an_item("I1", "A1"), an_item("I2", "A2"), an_item("I3", "A1", "E2", trigger=Trigger.CASE))
    return a_snapshot(items, crew_pools=(a_pool("A1", "S1", 4), a_pool("A2", "S1", 1)))


def _read(text, name="s.toml"):
    return read_files([NamedFile(name=name, data=text.encode())])


def test_a_grid_has_every_combination_but_the_base_s_and_a_series_one_at_a_time(base) -> None:
    scenarios = unfold(base, _read(TOML))
    assert [s.name for s in scenarios] == [
        "today", "fast", "g-4-15", "g-5-0", "g-5-15", "g-6-0", "g-6-15", "buffer-5", "buffer-10",
    ]  # fmt: skip
    by_name = {s.name: s for s in scenarios}
    assert len(by_name["g-5-0"].edits) == 1  # a level as now is no edit
    assert "(as now)" in by_name["g-5-0"].heading().en
    assert len(carry_out_all(base, scenarios)) == 9


def test_json_says_the_same_as_toml(base) -> None:
    import tomllib

    values = tomllib.loads(TOML)
    assert _read(json.dumps(values), "s.json") == _read(TOML)


def test_a_file_may_be_one_scenario() -> None:
    [study] = _read('name = "one"\n[[edit]]\nkind = "no_merging"\n')
    assert [s.name for s in study.scenarios] == ["one"]


def test_every_fault_is_told_with_its_place() -> None:
    text = TOML.replace('"travel"\nspeed_kmh = 30', '"travel"\nspeed_kmh = -3\nextra = 1').replace(
        "[0, 15]", "[0, -15]"
    )
    with pytest.raises(InvalidStudy) as caught:
        read_files([NamedFile(name="a.toml", data=text.encode()), NamedFile(name="b.toml", data=b"name = ")])
    problems = {(p.table, p.column, p.value) for p in caught.value.problems}
    assert ("a.toml", "scenario[1].edit[1].speed_kmh", "-3") in problems
    assert ("a.toml", "scenario[1].edit[1].extra", "1") in problems
    assert any(c is not None and c.startswith("grid[1].axis[2]") for _, c, _ in problems)
    assert any(t == "b.toml" for t, _, _ in problems)


@pytest.mark.parametrize(
    ("values", "place", "zh"),
    [
        ({"name": "x", "edit": [{"kind": "travle"}]}, "edit[1]", "kind"),
        ({"name": "x", "edit": []}, "edit", "至少"),
        ({"name": "base", "edit": [{"kind": "no_merging"}]}, "name", ""),
        ({"edit": [{"kind": "no_merging"}]}, "name", "必填"),
        ({}, None, ""),
        ([1, 2], None, "表"),
    ],
)
def test_what_is_no_study_is_refused_in_both_languages(values, place, zh) -> None:
    with pytest.raises(InvalidStudy) as caught:
        parse_study(values, "x.json")
    [problem] = caught.value.problems
    assert problem.column == place
    assert zh in problem.expected[0]
    assert problem.expected[1]


def test_a_grid_does_not_grow_without_end(base) -> None:
    values = [
        {"edit": {"kind": "travel"}, "field": f, "values": list(range(1, 41))} for f in ("speed_kmh", "buffer_min")
    ]
    with pytest.raises(BadScenarios, match=str(MAX_SCENARIOS)):
        unfold(base, [parse_study({"grid": [{"name": "g", "axis": values}]}, "x")])


def test_names_that_the_library_does_not_have_or_that_do_not_fit_are_told(base) -> None:
    with pytest.raises(BadScenarios) as caught:
        unfold(base, [parse_study({"library": ["nothing", "streets-merged"]}, "x")])
    assert [f.scenario for f in caught.value.faults] == ["nothing", "streets-merged"]


def _two_streets():
    items = tuple(
        an_item(f"I{n}{a}", a, f"E{n}", trigger=Trigger.CASE if n == 1 else Trigger.ROUTINE)
        for n in (1, 2)
        for a in ("A1", "A2")
    )
    enterprises = (an_enterprise("E1", "S1"), an_enterprise("E2", "S2"))
    return a_snapshot(items, enterprises=enterprises, streets=(a_street("S1"), a_street("S2")))


@pytest.mark.parametrize("name", [n for n in LIBRARY if n not in ("caravan", "three-authorities")])
def test_every_ready_scenario_can_be_carried_out(name) -> None:
    base = _two_streets()
    scenarios = unfold(base, [parse_study({"library": [name]}, "x")])
    assert scenarios
    assert len(carry_out_all(base, scenarios)) == len(scenarios)
    assert all(s.title is not None for s in scenarios)


def test_one_crew_fewer_and_more_are_a_scenario_for_each_authority() -> None:
    names = [s.name for s in unfold(_two_streets(), [parse_study({"library": ["crew-fewer", "crew-more"]}, "x")])]
    assert names == ["crew-fewer.A1", "crew-fewer.A2", "crew-more.A1", "crew-more.A2"]
