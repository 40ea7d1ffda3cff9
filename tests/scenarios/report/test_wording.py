from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.comparison import Better, Cell, Mark, Metric, MetricGroup
from scenarios.report import wording
from scenarios.report.wording import difference_text, key_metrics, mark_text, spread_text, value_text, verdict
from scheduler.texts import Text
from tests.scenarios.report.sample import METRICS, sample_comparison

NONE = Text("", "")
CREWS = Metric(name="crew_shifts", group=MetricGroup.TERMS, label=Text("班组", "Crews"), unit=NONE, better=Better.FEWER)
RATE = replace(CREWS, name="joint_rate", unit=Text("%", "%"), better=Better.MORE, decimals=1)
NEITHER = replace(CREWS, better=Better.NEITHER)


def a_cell(difference: float | None, mark: Mark) -> Cell:
    return Cell(value=400, difference=difference, mark=mark)


def test_figures_have_separators_and_rates_are_shown_in_per_cent() -> None:
    assert value_text(CREWS, 48211.4) == "48,211"
    assert value_text(RATE, 0.6204) == "62.0%"
    assert value_text(CREWS, None) == "–"
    assert value_text(CREWS, -0.2) == "0"


@pytest.mark.parametrize(
    ("metric", "difference", "zh", "en"),
    [
        (CREWS, -12, "−12", "−12"),
        (CREWS, 3, "+3", "+3"),
        (CREWS, 0, "±0", "±0"),
        (RATE, -0.056, "−5.6个百分点", "−5.6 pp"),
        (RATE, 0.0004, "±0.0个百分点", "±0.0 pp"),
        (CREWS, None, "–", "–"),
    ],
)
def test_differences_carry_their_sign_and_those_of_rates_are_points(
    metric: Metric, difference: float | None, zh: str, en: str
) -> None:
    assert difference_text(metric, difference, "zh") == zh
    assert difference_text(metric, difference, "en") == en


@given(
    difference=st.floats(-1e6, 1e6),
    mark=st.sampled_from(Mark),
    better=st.sampled_from(Better),
)
def test_better_or_worse_is_said_only_with_evidence_and_a_direction(
    difference: float, mark: Mark, better: Better
) -> None:
    found = verdict(replace(CREWS, better=better), a_cell(difference, mark))
    said = mark in (Mark.PROVEN, Mark.MEASURED) and better is not Better.NEITHER and difference != 0
    assert (found is not None) == said
    if said:
        gain = -difference if better is Better.FEWER else difference
        assert found == (wording.GOOD if gain > 0 else wording.BAD)


def test_fewer_crews_are_better_and_a_lower_rate_is_worse() -> None:
    assert mark_text(CREWS, a_cell(-12, Mark.PROVEN), "zh") == "● 差异已证明，更好"
    assert mark_text(RATE, a_cell(-0.05, Mark.MEASURED), "en") == "◐ measured, worse"
    assert mark_text(CREWS, a_cell(-1, Mark.NO_EVIDENCE), "zh") == "○ 无证据表明有差异"
    assert mark_text(NEITHER, a_cell(-12, Mark.PROVEN), "en") == "● proven"
    assert mark_text(CREWS, a_cell(None, Mark.BASE), "en") == "base"
    assert mark_text(CREWS, Cell(value=None), "en") == "–"


def test_every_mark_direction_and_group_has_words_in_both_languages() -> None:
    for texts in (wording.MARKS, wording.MEANINGS, wording.DIRECTIONS, wording.GROUPS):
        assert all(text.zh and text.en for text in texts.values())
    assert set(wording.MARKS) == set(wording.MEANINGS) == set(wording.SYMBOLS) == set(Mark)
    assert set(wording.DIRECTIONS) == set(Better)
    assert list(wording.GROUPS) == list(MetricGroup)


def test_marks_are_told_apart_without_colour() -> None:
    symbols = [symbol for symbol in wording.SYMBOLS.values() if symbol]
    assert len(set(symbols)) == len(symbols) == len(Mark) - 1


def test_spread_is_shown_only_where_seeds_differ() -> None:
    assert spread_text(CREWS, Cell(value=410, least=410, greatest=415)) == "410–415"
    assert spread_text(CREWS, Cell(value=410, least=410, greatest=410)) == ""
    assert spread_text(CREWS, Cell(value=410)) == ""


def test_key_metrics_keep_their_order_and_those_that_are_missing_are_passed_over() -> None:
    full = sample_comparison(1, 1, 1)
    assert [m.name for m in key_metrics(full)] == list(wording.KEY_METRICS)
    assert [m.name for m in key_metrics(replace(full, metrics=METRICS[6:1:-1]))] == [
        "crew_shifts", "joint_days", "travel_min", "joint_rate", "person_visits",
    ]  # fmt: skip


def test_no_metric_is_a_ranking_of_departments() -> None:
    assert "不按检查数量给部门排名" in wording.NO_RANKING.zh
    assert not [name for name in wording.KEY_METRICS if ":" in name]
