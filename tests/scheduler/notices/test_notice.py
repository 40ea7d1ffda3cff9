"""What a notice says, in Chinese and English."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from scheduler.domain.calendar import Period
from scheduler.domain.plans import PastInspection
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.export.notice_calendar import Entry, notice_feed, notice_file
from scheduler.notices.compare import Step
from scheduler.notices.counting import Count, counts_of
from scheduler.notices.notice import ItemTold, Notice, content_of, subject_of, text_of
from tests.scheduler.notices.visits import MONDAY, visit

CAPS = (
    FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=2),
    FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=3),
    FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=1, authority="A2"),
    FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=9, credit_class="D"),
)


def _past(day: str, authority_id: str = "A1", **more: bool) -> PastInspection:
    on = date.fromisoformat(day).toordinal()
    return PastInspection(enterprise_id="E1", authority_id=authority_id, day=on, **more)


def _notice(step: Step = Step.NEW) -> Notice:
    return Notice(
        step=step,
        visit=visit(MONDAY, ("X1", "Y1"), authority_ids=("A1", "A2")),
        before=visit(MONDAY - 3) if step is Step.CHANGED else None,
        enterprise="企业1",
        organiser="马田街道",
        authorities=(("A1", "市场监管局"), ("A2", "应急管理局")),
        items=(
            ItemTold(authority_id="A1", code="SC-01", name="食品经营检查", papers=("营业执照", "进货台账")),
            ItemTold(authority_id="A2", legal_basis="《安全生产法》", papers=("营业执照",)),
        ),
        counts=(Count(authority_id=None, period=Period.YEAR, used=1, most=None),),
    )


def test_visits_so_far_are_counted_as_caps_count_them() -> None:
    past = [
        _past("2026-10-09"),
        _past("2026-10-09", "A2"),  # the same door
        _past("2026-05-11"),
        _past("2026-06-01", cap_exempt=True),
        _past("2025-12-31"),
        PastInspection(enterprise_id="E2", authority_id="A1", day=MONDAY - 4),
    ]
    counts = counts_of(past, CAPS, "E1", "B", ("A1", "A2"), MONDAY)
    assert [(c.authority_id, c.period, c.used, c.most) for c in counts] == [
        (None, Period.YEAR, 2, None),
        (None, Period.QUARTER, 1, 2),
        ("A1", Period.YEAR, 2, 3),
        ("A2", Period.YEAR, 1, 1),  # of two caps the stricter
    ]


def test_a_notice_says_who_when_which_items_papers_counts_and_rights() -> None:
    zh, en = (text_of(_notice(), lang) for lang in ("zh", "en"))
    for said in (
        "马田街道办事处组织的联合检查安排在 2026年10月12日（星期一） 上午 09:00–10:00",
        "市场监管局、应急管理局",
        "SC-01 食品经营检查",
        "（依据：《安全生产法》）",
        "营业执照、进货台账\n",
        "各部门合计：2026 年 1 次",
        "五个严禁",
        "回避",
        "可以拒绝检查",
    ):
        assert said in zh
    assert "Monday, 12 October 2026 AM 09:00–10:00" in en
    assert "all authorities together: 1 in 2026" in en
    assert subject_of(_notice(), "zh").startswith("检查预告：2026年10月12日")


def test_a_change_says_what_was_told_before_and_a_withdrawal_gives_no_reason() -> None:
    assert "2026年10月9日（星期五）" in text_of(_notice(Step.CHANGED), "zh")
    gone = text_of(_notice(Step.WITHDRAWN), "en")
    assert "is cancelled" in gone
    assert "Items:" not in gone


def test_ids_of_plan_items_are_not_told() -> None:
    """Their gaps would say what else is planned."""
    content = content_of(_notice())
    assert not {"item_id", "item_ids"} & {k for i in content["items"] for k in i}
    assert '"X1"' not in json.dumps(content)
    assert set(content["texts"]) == {"zh", "en"}


def _entry(step: Step, sequence: int) -> Entry:
    notice = _notice(step)
    return Entry(
        uid="series",
        sequence=sequence,
        stamp=datetime(2026, 10, 7, 1, tzinfo=UTC),
        withdrawn=step is Step.WITHDRAWN,
        visit=notice.visit,
        summary=subject_of(notice, "zh"),
        description=text_of(notice, "zh"),
        organiser=notice.organiser,
        sender="notices@example.gov.cn",
    )


@pytest.mark.parametrize(
    ("step", "method", "status"),
    [
        (Step.NEW, "PUBLISH", "CONFIRMED"),
        (Step.CHANGED, "PUBLISH", "CONFIRMED"),
        (Step.WITHDRAWN, "CANCEL", "CANCELLED"),
    ],
)
def test_a_calendar_file_has_the_method_and_status_of_its_notice(step: Step, method: str, status: str) -> None:
    calendar = Calendar.from_ical(notice_file(_entry(step, 4)))
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == method
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == (status, 4, "series@onevisit")
    assert event["DTSTART"].dt.isoformat() == "2026-10-12T09:00:00+08:00"
    assert event["ORGANIZER"] == "mailto:notices@example.gov.cn"


def test_a_feed_shows_cancelled_visits_as_cancelled() -> None:
    calendar = Calendar.from_ical(notice_feed([_entry(Step.WITHDRAWN, 1), _entry(Step.NEW, 0)], "zh"))
    assert calendar["METHOD"] == "PUBLISH"
    assert sorted(str(e["STATUS"]) for e in calendar.walk("VEVENT")) == ["CANCELLED", "CONFIRMED"]
