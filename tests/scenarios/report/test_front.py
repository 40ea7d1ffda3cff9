from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scenarios.comparison import Cell
from scenarios.report.front import Point, front, front_of, points_of
from tests.scenarios.report.sample import METRICS, sample_comparison

SMALL = sample_comparison(8, 1, 1)
PLACES = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20)


def beaten(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return other != one and other[0] <= one[0] and other[1] <= one[1]


@given(places=PLACES)
def test_front_is_what_no_other_point_equals_or_beats_in_both(places: set[tuple[int, int]]) -> None:
    points = tuple(Point(x=x, y=y, columns=()) for x, y in sorted(places))
    expected = [p for p in sorted(places) if not any(beaten(p, q) for q in places)]
    assert [(p.x, p.y) for p in front_of(points)] == expected


def test_every_scenario_stands_at_a_point_and_equal_ones_share_it() -> None:
    points = points_of(SMALL)
    assert sorted(c.name for p in points for c in p.columns) == sorted(c.name for c in SMALL.columns)
    assert len({(p.x, p.y) for p in points}) == len(points) < len(SMALL.columns)


def test_scenarios_without_one_of_the_figures_are_in_the_list_only() -> None:
    cells = dict(SMALL.cells) | {("crew_shifts", "s02"): Cell(value=None)}
    cut = replace(SMALL, cells=cells)
    assert "s02" not in {c.name for p in points_of(cut) for c in p.columns}
    assert front(cut, "zh") is not None


def test_without_crews_there_is_no_front() -> None:
    assert front(replace(SMALL, metrics=METRICS[3:]), "en") is None


def test_a_case_in_which_nothing_can_be_compared_is_drawn_empty() -> None:
    cells = {key: Cell(value=None) for key in SMALL.cells}
    chart = front(replace(SMALL, cells=cells), "en")
    assert chart is not None
    assert "no scenario has both figures" in chart.alt.en
