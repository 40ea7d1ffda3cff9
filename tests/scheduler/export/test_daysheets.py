from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from scheduler.domain.schedule import Stop
from scheduler.export import daysheets
from scheduler.export.daysheets import write_day_sheets
from scheduler.export.plan_view import view_of
from tests.scheduler.export.sample import HOSTILE, STAMP, sample_schedule, sample_snapshot

SNAPSHOT = sample_snapshot()
SCHEDULE = sample_schedule(SNAPSHOT)
VIEW = view_of(SNAPSHOT, SCHEDULE)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("sheets")
    files = write_day_sheets(folder, VIEW, lang="zh", stamp=STAMP)
    return {p.relative_to(folder).as_posix(): pages(p) for p in files}


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def test_a_joint_day_has_the_streets_sheet_and_one_for_each_crew(sheets: dict[str, list[str]]) -> None:
    assert list(sheets) == ["公明街道/2026-10-12.pdf", "马田街道/2026-10-12.pdf"]
    street, *crews = sheets["马田街道/2026-10-12.pdf"]
    assert "街道联合检查日程" in street
    assert len(crews) == 2
    assert all("班组检查路线单" in crew for crew in crews)
    assert len(sheets["公明街道/2026-10-12.pdf"]) == 1 + 3


def test_the_streets_sheet_names_enterprises_times_authorities_items_and_bases(sheets: dict[str, list[str]]) -> None:
    street = sheets["马田街道/2026-10-12.pdf"][0]
    for text in (
        "2026年10月12日",
        "深圳市恒泰精密五金有限公司",
        "09:05–10:00",
        "09:20–10:00",
        "市场监督管理局",
        "消防救援大队",
        "SC-001",
        "《中华人民共和国消防法》",
        "91440300MA5DKC7X2T",
        "不预先告知",
        "扫码入企",
        "签到",
    ):
        assert text in street
    assert street.index("恒泰") < street.index("福满楼")


def test_a_crews_sheet_has_its_stops_others_and_blanks(sheets: dict[str, list[str]]) -> None:
    crew = next(p for p in sheets["马田街道/2026-10-12.pdf"][1:] if "消防救援大队 第1组" in p)
    for text in ("09:20–10:00", "09:05–10:00 市场监督管理局", "XF-003", "执法证号", "企业签字", "返回街道办事处"):
        assert text in crew
    assert "SC-001" not in crew


def test_hostile_text_is_shown_and_never_evaluated(sheets: dict[str, list[str]]) -> None:
    street = sheets["马田街道/2026-10-12.pdf"][0]
    assert HOSTILE in street
    assert '#eval("1+1") $x$ *粗* <b> @ref \\ `raw`' in street


def test_equal_input_gives_equal_bytes_and_english_is_spoken(tmp_path: Path) -> None:
    first = write_day_sheets(tmp_path / "a", VIEW, lang="en", stamp=STAMP)
    again = write_day_sheets(tmp_path / "b", VIEW, lang="en", stamp=STAMP)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    assert "Enterprise signs" in pages(first[1])[0]
    assert "12 October 2026" in pages(first[1])[0]


def test_many_joint_days_are_grouped_by_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daysheets, "MAX_DAY_FILES", 1)
    told: list[tuple[int, int]] = []
    files = write_day_sheets(
        tmp_path, VIEW, lang="zh", stamp=STAMP, told=lambda done, whole: told.append((done, whole))
    )
    assert [p.relative_to(tmp_path).as_posix() for p in files] == ["公明街道/2026-10.pdf", "马田街道/2026-10.pdf"]
    assert told == [(1, 2), (2, 2)]
    first = pypdf.PdfReader(files[1]).outline[0]
    assert isinstance(first, pypdf.generic.Destination)
    assert first.title == "马田街道"


def test_a_schedule_with_unknown_ids_is_still_printed(tmp_path: Path) -> None:
    visits = tuple(replace(v, enterprise_id="E-what", street_id="S-what", shift_id="night") for v in SCHEDULE.visits)
    lost = Stop(visit_id="V-what", arrive=0, start=0, leave=1440)
    crews = tuple(replace(c, authority_id="A-what", stops=(*c.stops, lost)) for c in SCHEDULE.crew_shifts)
    view = view_of(SNAPSHOT, replace(SCHEDULE, visits=visits, crew_shifts=crews))
    text = "".join(t for p in write_day_sheets(tmp_path, view, lang="zh", stamp=STAMP) for t in pages(p))
    for known in ("E-what", "S-what", "night", "V-what", "A-what", "24:00"):
        assert known in text
