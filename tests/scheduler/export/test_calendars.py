from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from scheduler.export.file_names import file_stems
from scheduler.export.icalendar import UnknownTimezone, write_calendars
from scheduler.export.plan_view import view_of
from tests.scheduler.export.sample import HOSTILE, STAMP, sample_schedule, sample_snapshot

SNAPSHOT = sample_snapshot()
SCHEDULE = sample_schedule(SNAPSHOT)
VIEW = view_of(SNAPSHOT, SCHEDULE)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def events(path: Path) -> list[Any]:
    return Calendar.from_ical(path.read_bytes()).walk("VEVENT")


def test_there_is_a_calendar_for_each_street_and_authority(tmp_path: Path) -> None:
    files = {p.relative_to(tmp_path).as_posix() for p in write_calendars(tmp_path, VIEW, lang="zh", stamp=STAMP)}
    assert files == {
        "streets/马田街道.ics",
        "streets/公明街道.ics",
        "authorities/市场监督管理局.ics",
        "authorities/消防救援大队.ics",
        "authorities/应急管理局.ics",
    }


def test_events_parse_back_with_their_local_times(tmp_path: Path) -> None:
    write_calendars(tmp_path, VIEW, lang="zh", stamp=STAMP)
    first, second, third = events(tmp_path / "streets" / "马田街道.ics")
    assert first["summary"] == "联合检查：深圳市恒泰精密五金有限公司"
    assert first.decoded("dtstart") == datetime(2026, 10, 12, 9, 5, tzinfo=SHANGHAI)
    assert first.decoded("dtend") == datetime(2026, 10, 12, 10, 0, tzinfo=SHANGHAI)
    assert first["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert "消防救援大队" in first["description"]
    assert second["summary"] == f"入企检查：{HOSTILE}"
    assert (first["class"], third["class"]) == ("PUBLIC", "CONFIDENTIAL")


def test_an_authority_sees_its_own_part(tmp_path: Path) -> None:
    write_calendars(tmp_path, VIEW, lang="en", stamp=STAMP)
    first = events(tmp_path / "authorities" / "消防救援大队.ics")[0]
    assert first.decoded("dtstart") == datetime(2026, 10, 12, 9, 20, tzinfo=SHANGHAI)
    assert first["summary"] == "消防救援大队: 深圳市恒泰精密五金有限公司"


def test_stamps_are_given_and_uids_stay_when_a_visit_moves(tmp_path: Path) -> None:
    write_calendars(tmp_path / "a", VIEW, lang="zh", stamp=STAMP)
    moved = tuple(replace(v, day=v.day + 1) for v in SCHEDULE.visits)
    later = view_of(SNAPSHOT, replace(SCHEDULE, visits=moved, version=3))
    write_calendars(tmp_path / "b", later, lang="zh", stamp=STAMP)
    name = Path("streets") / "马田街道.ics"
    before, after = events(tmp_path / "a" / name), events(tmp_path / "b" / name)
    assert {e.decoded("dtstamp") for e in before} == {STAMP}
    assert {e["uid"] for e in before} == {e["uid"] for e in after}
    assert len({e["uid"] for e in before}) == 3
    assert {e["sequence"] for e in after} == {3}


def test_another_zone_can_be_asked_for_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    write_calendars(tmp_path, VIEW, lang="en", stamp=STAMP, timezone="America/Toronto")
    first = events(tmp_path / "streets" / "马田街道.ics")[0]
    assert first.decoded("dtstart") == datetime(2026, 10, 12, 9, 5, tzinfo=ZoneInfo("America/Toronto"))
    for name in ("Mars/Base", "../etc/passwd", ""):
        with pytest.raises(UnknownTimezone):
            write_calendars(tmp_path, VIEW, lang="en", stamp=STAMP, timezone=name)


def test_file_names_are_safe_and_different() -> None:
    stems = file_stems(
        [("a", "../../etc"), ("b", "Same"), ("c", "same"), ("d", ""), ("e", "街道/一 办"), ("f", "长" * 300)]
    )
    assert stems["a"] == "etc"
    assert stems["b"] == "Same"
    assert stems["c"].startswith("same-")
    assert stems["d"].startswith("x-")
    assert stems["e"] == "街道_一_办"
    assert all(len(s.encode()) < 200 and "/" not in s and "." not in s for s in stems.values())
    assert len({s.casefold() for s in stems.values()}) == 6
