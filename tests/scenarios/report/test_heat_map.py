from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.report.canvas import svg_of
from scenarios.report.heat_map import heat_map, most_changed, week_grid
from tests.scenarios.report.sample import MONDAY, sample_comparison

SMALL = sample_comparison(5, 4, 3)


def test_grid_counts_every_visit_once() -> None:
    grid = week_grid(SMALL)
    for column in SMALL.columns:
        counts = grid.counts(column)
        assert counts.shape == (4, 3)
        assert counts.sum() == sum(column.weeks.values())
        assert counts[1, 2] == column.weeks.get(("S002", MONDAY + 14), 0)


def test_weeks_without_visits_are_shown_between_others() -> None:
    gap = replace(SMALL.columns[1], weeks={("S001", MONDAY): 1, ("S001", MONDAY + 35): 2})
    grid = week_grid(replace(SMALL, columns=(gap,)))
    assert grid.weeks == tuple(range(MONDAY, MONDAY + 36, 7))


def test_streets_that_only_a_scenario_names_come_last() -> None:
    other = replace(SMALL.columns[1], weeks={("S999", MONDAY): 3})
    grid = week_grid(replace(SMALL, columns=(SMALL.columns[0], other)))
    assert grid.streets == (*SMALL.streets, ("S999", "S999"))
    assert grid.counts(other)[-1].tolist() == [3, 0, 0]


def test_scenarios_laid_out_most_unlike_the_base_are_chosen_in_the_order_of_the_table() -> None:
    grid, base = week_grid(SMALL), SMALL.columns[0]
    changes = {c.name: int(np.abs(grid.counts(c) - grid.counts(base)).sum()) for c in SMALL.columns}
    chosen = most_changed(SMALL, 2)
    assert list(chosen) == sorted(chosen)
    assert min(changes[n] for n in chosen) >= max(v for n, v in changes.items() if n not in chosen)


def test_scenarios_laid_out_like_the_base_have_no_heat_map_of_their_own() -> None:
    same = replace(SMALL, columns=(SMALL.columns[0], replace(SMALL.columns[1], weeks=SMALL.columns[0].weeks)))
    assert most_changed(same) == ()


def test_without_a_visit_there_is_no_heat_map() -> None:
    none = replace(SMALL, columns=tuple(replace(c, weeks={}) for c in SMALL.columns))
    assert heat_map(none, "s01", "zh") is None


def test_heat_map_tells_its_sums_to_those_who_do_not_see_it() -> None:
    chart = heat_map(SMALL, "s02", "en")
    assert chart is not None
    before, after = (sum(c.weeks.values()) for c in (SMALL.columns[0], SMALL.columns[2]))
    assert f"{before} in the base, {after} in" in chart.alt.en


def test_a_year_of_weeks_is_drawn_without_figures_in_cells() -> None:
    quarter, year = (heat_map(sample_comparison(1, 4, n), "s01", "zh") for n in (13, 52))
    assert quarter is not None
    assert year is not None
    assert len(svg_of(year)) < 2 * len(svg_of(quarter))
