"""How dates, times and the domain's short words are written for people, in Chinese and English."""

from __future__ import annotations

from datetime import date

from scheduler.domain.plans import Notice, Trigger
from scheduler.domain.schedule import ReasonCode
from scheduler.texts import Lang, Text

_WEEKDAYS = (
    Text("星期一", "Monday"),
    Text("星期二", "Tuesday"),
    Text("星期三", "Wednesday"),
    Text("星期四", "Thursday"),
    Text("星期五", "Friday"),
    Text("星期六", "Saturday"),
    Text("星期日", "Sunday"),
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

TRIGGERS = {
    Trigger.ROUTINE: Text("日常检查", "Routine"),
    Trigger.CAMPAIGN: Text("专项检查", "Campaign"),
    Trigger.CASE: Text("个案检查", "Case"),
    Trigger.FOLLOW_UP: Text("整改复查", "Follow-up"),
}
NOTICES = {
    Notice.ANNOUNCED: Text("提前告知", "Announced"),
    Notice.UNANNOUNCED: Text("不预先告知", "Unannounced"),
}
REASONS = {
    ReasonCode.WINDOW: Text("时限内无检查日", "No inspection date in its window"),
    ReasonCode.CLOSED: Text("企业停业", "Enterprise closed"),
    ReasonCode.QUIET: Text("企业安静期", "Quiet period"),
    ReasonCode.NO_CREW: Text("无可用班组", "No crew"),
    ReasonCode.SHIFT_TOO_SHORT: Text("班次时间不够", "Shift too short"),
    ReasonCode.HOURS: Text("企业开放时间不够", "Opening hours too short"),
    ReasonCode.VISIT_TOO_LONG: Text("超过单次检查时长上限", "Longer than the longest visit"),
    ReasonCode.CROWD: Text("超过在场人数上限", "Too many officers on site"),
    ReasonCode.AUTHORITIES: Text("同次入企的部门已达上限", "The visit has as many authorities as it may"),
    ReasonCode.CAP: Text("频次上限已用完", "Frequency cap used up"),
    ReasonCode.GAP: Text("与另一次入企间隔太短", "Too soon after or before another visit"),
    ReasonCode.NOTICE: Text("告知方式不同，不能合并", "Announced and unannounced cannot share a visit"),
    ReasonCode.PIN: Text("已固定的日期不符", "Pinned to another date"),
    ReasonCode.STREET_SHIFT_FULL: Text("街道班次已满", "Street shifts are full"),
    ReasonCode.STREET_DAYS_USED: Text("街道当月联合检查日已用完", "Joint days of the street used up"),
    ReasonCode.NO_WEIGHT: Text("优先级权重为0", "Priority without weight"),
    ReasonCode.CAPACITY: Text("班组力量不足", "Crews went to weightier items"),
}
_SHIFTS = {"AM": Text("上午", "AM"), "PM": Text("下午", "PM")}
_PRIORITIES = {
    "mandatory": Text("必查", "Mandatory"),
    "high": Text("优先", "High"),
    "normal": Text("一般", "Normal"),
}
_STATUSES = {
    "optimal": Text("已证明最优", "Proven optimal"),
    "feasible": Text("可行（到时停止）", "Feasible (limit reached)"),
    "stopped": Text("人工提前停止", "Stopped early by a person"),
}
TERM_NAMES = {
    "unserved_weight": Text("未安排事项权重", "Weight of unserved items"),
    "doors": Text("入企次数", "Doors opened"),
    "crew_shifts": Text("出动班组（班次）", "Crew shifts"),
    "joint_days": Text("街道联合检查日", "Joint inspection days"),
    "travel_min": Text("路途时间（分钟）", "Travel (minutes)"),
}


def clock(minute: int) -> str:
    """Return minutes after midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day_text(day: int, lang: Lang) -> str:
    """Return a day number as a full date, such as ``2026年10月12日``."""
    d = date.fromordinal(day)
    if lang == "zh":
        return f"{d.year}年{d.month}月{d.day}日"
    return f"{d.day} {_MONTHS[d.month - 1]} {d.year}"


def weekday_text(day: int, lang: Lang) -> str:
    """Return the weekday of a day number."""
    return _WEEKDAYS[date.fromordinal(day).isoweekday() - 1].say(lang)


def shift_text(shift_id: str, lang: Lang) -> str:
    """Return the name of a shift; ids other than AM and PM are shown as they are."""
    return _SHIFTS[shift_id].say(lang) if shift_id in _SHIFTS else shift_id


def priority_text(priority: str, lang: Lang) -> str:
    """Return the name of a priority; names of a case's own are shown as they are."""
    return _PRIORITIES[priority].say(lang) if priority in _PRIORITIES else priority


def status_text(status: str, lang: Lang) -> str:
    """Return the name of a plan's status; another writer's is shown as it is."""
    return _STATUSES[status].say(lang) if status in _STATUSES else status


def crew_text(number: int, lang: Lang) -> str:
    """Return the name of a crew by its number from 1 in its authority's street shift."""
    return Text("第{n}组", "Crew {n}").say(lang, n=number)


def join(parts: list[str] | tuple[str, ...], lang: Lang) -> str:
    """Return a list in one cell or line."""
    return ("、" if lang == "zh" else ", ").join(parts)
