"""Reports: text in both languages, cut where it repeats itself, and JSON with everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.intake.problems import CATALOGUE, problem
from scheduler.intake.report import SHOWN_PER_CODE, as_json, render_text
from tests.scheduler.intake.small_case import problems_of, tables, write_folder


def _many() -> list:  # type: ignore[type-arg]
    rows = [problem("bad_date", "items", row, "earliest", "soon") for row in range(2, 40)]
    return [*rows, problem("duplicate_row", "crews", 9, "area_id", "D1", first=3)]


def test_text_is_grouped_by_table_and_counts_the_rest() -> None:
    text = render_text(_many(), "en")
    lines = text.splitlines()
    assert lines[0] == "38 error(s), 1 warning(s)."
    assert lines.index("[crews]") < lines.index("[items]")
    assert sum("bad_date row" in line for line in lines) == SHOWN_PER_CODE
    assert f"and {38 - SHOWN_PER_CODE} more of bad_date" in text


def test_chinese_text_says_table_row_column_value_and_hint() -> None:
    text = render_text(_many(), "zh")
    assert "【items 检查事项】" in text
    assert "错误 bad_date 第 2 行 列 earliest（最早日期）: 内容“soon”；应为：日期 YYYY-MM-DD；如 2026-10-08" in text


def test_no_problems_say_so() -> None:
    assert render_text([], "en") == "No problems."
    assert render_text([], "zh") == "没有问题。"


def test_json_holds_every_problem_with_its_place(tmp_path: Path) -> None:
    case = tables()
    case["items"]["duration_min"][3] = "0"
    problems = problems_of(write_folder(tmp_path / "case", case))
    rows = json.loads(json.dumps(as_json(problems)))
    assert len(rows) == len(problems)
    assert rows[0] == {
        "severity": "error",
        "code": "out_of_range",
        "table": "items",
        "row": 5,
        "column": "duration_min",
        "value": "0",
        "expected": {"zh": "1 至 1440", "en": "1 to 1440"},
        "hint": {"zh": "", "en": ""},
    }


def test_long_and_invisible_values_are_shortened() -> None:
    found = problem("bad_id", "items", 2, "item_id", "x\u0007" + "y" * 500)
    assert found.value is not None
    assert found.value.isprintable()
    assert len(found.value) < 80


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_its_texts_in_both_languages(code: str) -> None:
    entry = CATALOGUE[code]
    assert entry.expected.zh
    assert entry.expected.en
    assert bool(entry.hint.zh) == bool(entry.hint.en)
