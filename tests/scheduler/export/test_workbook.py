from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from scheduler.domain.schedule import Reason, ReasonCode, Relaxation, RelaxationKind, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import relaxation_sentence, sentence
from scheduler.export import workbook
from scheduler.export.delay_rows import delay_summary
from scheduler.export.plan_view import view_of
from scheduler.export.sheet_table import clean
from scheduler.export.summary import make_summary
from scheduler.export.unserved_texts import explanation, relaxation
from scheduler.export.workbook import write_workbook
from scheduler.texts import Lang
from tests.builders import a_schedule, a_snapshot, day
from tests.scheduler.export.sample import HOSTILE, STAMP, sample_outcome, sample_schedule, sample_snapshot

SNAPSHOT = sample_snapshot()
SCHEDULE = sample_schedule(SNAPSHOT)
SUMMARY = make_summary(SNAPSHOT, sample_outcome(SNAPSHOT), wall_s=2.0, peak_mb=None, seed=7, versions={})


def book(
    path: Path, snapshot: PlanningSnapshot = SNAPSHOT, summary: dict[str, Any] = SUMMARY, lang: Lang = "zh"
) -> openpyxl.Workbook:
    write_workbook(path / "b.xlsx", view_of(snapshot, SCHEDULE), summary, lang=lang, stamp=STAMP)
    return openpyxl.load_workbook(path / "b.xlsx")


def table(found: openpyxl.Workbook, name: str) -> list[dict[str, Any]]:
    header, *rows = found[name].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_workbook_has_its_sheets_and_chinese_headers(tmp_path: Path) -> None:
    found = book(tmp_path)
    assert found.sheetnames == ["概览", "按日按街道", "按企业", "按部门", "未安排", "前后对比"]
    for name, column in (
        ("按日按街道", "企业名称"),
        ("按企业", "本期入企次数"),
        ("按部门", "同场部门"),
        ("未安排", "说明"),
    ):
        assert column in [cell.value for cell in found[name][1]]
        assert found[name].freeze_panes == "A2"
        assert found[name].auto_filter.ref


def test_workbook_speaks_english_when_asked(tmp_path: Path) -> None:
    found = book(tmp_path, lang="en")
    assert found.sheetnames[:2] == ["Overview", "By day and street"]
    assert found["By day and street"]["A1"].value == "Date"
    assert found["By day and street"]["B2"].value == "Monday"


def test_dates_and_times_are_real(tmp_path: Path) -> None:
    row = table(book(tmp_path), "按日按街道")[0]
    assert row["日期"] == datetime(2026, 10, 12)
    assert row["开始"] == time(9, 5)
    assert row["结束"] == time(10, 0)


def test_rows_say_who_meets_where_and_when(tmp_path: Path) -> None:
    found = book(tmp_path)
    first = table(found, "按日按街道")[0]
    assert first["企业名称"] == "深圳市恒泰精密五金有限公司"
    assert first["参加部门及到场时间"] == "09:05–10:00 市场监督管理局\n09:20–10:00 消防救援大队"
    assert first["在场人数"] == 4
    crew = next(r for r in table(found, "按部门") if r["部门"] == "市场监督管理局" and r["站序"] == 1)
    assert (crew["班组"], crew["同场部门"], crew["检查事项"]) == ("第1组", "消防救援大队", "SC-001、I07")
    assert {r["班组"] for r in table(found, "按部门") if r["部门"] == "应急管理局"} == {"第1组", "第2组"}
    assert len(table(found, "按部门")) == sum(len(c.stops) for c in SCHEDULE.crew_shifts)


def test_unserved_items_come_weightiest_first_with_reasons(tmp_path: Path) -> None:
    rows = table(book(tmp_path), "未安排")
    assert [r["事项编号"] for r in rows] == ["I08", "I09"]
    assert rows[0]["原因"] == "班次时间不够"
    assert rows[0]["说明"] == sentence(SNAPSHOT, SCHEDULE.unserved[0], "zh")
    assert rows[0]["最省的放宽办法"] == relaxation_sentence(SNAPSHOT, SCHEDULE.unserved[0], "zh")


def test_reasons_without_our_figures_are_named_all_the_same() -> None:
    bare = tuple(
        Unserved(item_id="I08", reasons=(Reason(code=code),), relaxation=Relaxation(kind=kind))
        for code in ReasonCode
        for kind in RelaxationKind
    )
    langs: tuple[Lang, ...] = ("zh", "en")
    for lang in langs:
        assert all(explanation(SNAPSHOT, u, lang) and relaxation(SNAPSHOT, u, lang) for u in bare)


def test_enterprises_left_out_wholly_are_listed(tmp_path: Path) -> None:
    schedule = replace(SCHEDULE, visits=SCHEDULE.visits[:0], crew_shifts=())
    write_workbook(tmp_path / "b.xlsx", view_of(SNAPSHOT, schedule), SUMMARY, lang="zh", stamp=STAMP)
    rows = table(openpyxl.load_workbook(tmp_path / "b.xlsx"), "按企业")
    assert [(r["本期入企次数"], r["未安排事项数"]) for r in rows] == [(0, 1), (0, 1)]


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://x.example", HOSTILE, "\t=1", "a\x00b\x0bc\ufffe"]
    for text in hostile:
        enterprises = tuple(replace(e, name=text) for e in SNAPSHOT.enterprises)
        authorities = tuple(replace(a, name=text) for a in SNAPSHOT.authorities)
        snapshot = SNAPSHOT.replace(name=text, enterprises=enterprises, authorities=authorities)
        found = book(tmp_path, snapshot)
        cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert table(found, "按日按街道")[0]["企业名称"] == clean(text)


def test_overview_shows_terms_bounds_gaps_and_the_comparison(tmp_path: Path) -> None:
    rows = [row[:4] for row in book(tmp_path)["概览"].iter_rows(values_only=True)]
    assert ("出动班组（班次）", 5, 4, 0.25) in rows
    assert ("路途时间（分钟）", 52, "–", "–") in rows
    assert ("入企次数（次）", 7, 4, pytest.approx(-3 / 7)) in rows


def test_a_summary_of_another_writer_is_enough(tmp_path: Path) -> None:
    found = book(tmp_path, summary={"terms": SUMMARY["terms"]})
    assert found["前后对比"]["A1"].value == "本次未计算前后对比。"


def test_equal_input_gives_equal_bytes_and_streaming_the_same_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = book(tmp_path)
    data = (tmp_path / "b.xlsx").read_bytes()
    book(tmp_path)
    assert (tmp_path / "b.xlsx").read_bytes() == data
    monkeypatch.setattr(workbook, "LARGE", 0)
    streamed = book(tmp_path)
    for name in whole.sheetnames:
        assert list(whole[name].values) == list(streamed[name].values)


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.export.sheet_table.MAX_ROWS", 3)
    found = book(tmp_path)
    assert len(table(found, "按日按街道")) == 3
    assert len(table(found, "按日按街道 2")) == 1


def test_a_simulated_schedule_has_a_sheet_about_delay(tmp_path: Path) -> None:
    snapshot = a_snapshot()
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    summary = SUMMARY | {"delay": delay_summary(snapshot, schedule, 7)}
    found = book(tmp_path, summary=summary, lang="en")
    assert found.sheetnames[-1] == "Delay"
    rows = list(found["Delay"].iter_rows(values_only=True))
    assert rows[0] == ("Delay, a run", "Mean", "Std. error", "Median", "95th perc.")
    assert rows[1] == ("Visits that start on time", 1, 0, 1, 1)
    assert [found["Delay"].cell(2, n).number_format for n in (2, 3)] == ["0.0%", "0.00%"]
    figures = [v for row in rows[1:-1] for v in row[1:]]
    assert all(isinstance(v, int | float) for v in figures), "numbers that a sheet can reckon with"
    assert "Simulated 200 times with factors uniform:0.85:1.25" in str(rows[-1][0])


@pytest.mark.parametrize("delay", [None, 3, {}, {"total": {}}, {"total": {"late_min": "much"}}])
def test_what_another_writer_says_of_delay_is_passed_over(tmp_path: Path, delay: object) -> None:
    found = book(tmp_path, summary=SUMMARY | {"delay": delay}, lang="en")
    assert "Delay" not in found.sheetnames
