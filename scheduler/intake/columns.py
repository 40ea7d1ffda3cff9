"""Tables and columns of a case with the names by which they are accepted, and the values of their enumerations.

The single place for header aliases; ``docs/intake.md`` lists them and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from scheduler.domain.calendar import Period
from scheduler.domain.plans import Notice, Trigger
from scheduler.domain.policy import CapScope, QuietScope
from scheduler.intake.column import Column as Column
from scheduler.intake.column import Kind as Kind
from scheduler.intake.column import Table as Table
from scheduler.intake.column import may as _may
from scheduler.intake.column import must as _must
from scheduler.intake.list_columns import LISTS
from scheduler.intake.list_columns import VALUES as LIST_VALUES

LEVELS = ("city", "district", "street")
CREDIT_CLASSES = ("A", "B", "C", "D")
MAX_DURATION_MIN = 24 * 60
MAX_CREWS_OF_ITEM = 100
MAX_CREWS_OF_POOL = 100_000
MAX_CAP_VISITS = 100_000

_STREET = ("街道编号", "街道代码", "街道ID", "所属街道", "街道")
_AUTHORITY = ("部门编号", "部门代码", "部门ID", "检查主体编号", "检查主体代码", "检查主体", "部门", "检查部门")
_ENTERPRISE = ("企业编号", "企业代码", "企业ID", "检查对象编号", "企业")
_LON = _must("lon", Kind.NUMBER, ("经度", "longitude", "lng"), low=-180, high=180)
_LAT = _must("lat", Kind.NUMBER, ("纬度", "latitude"), low=-90, high=90)
_TRIGGER = _may("trigger", Kind.CHOICE, ("检查类型", "检查类别", "触发方式"), choices=tuple(Trigger))
_EXEMPT = _may("cap_exempt", Kind.FLAG, ("不计频次", "频次豁免", "豁免频次", "不受频次限制"))
_SHIFT = _may("shift_id", Kind.IDENT, ("班次", "时段", "班次编号", "shift"))
_DATE = _must("date", Kind.DATE, ("日期", "检查日期"))

STREETS = Table(
    name="streets",
    required=True,
    aliases=("街道", "街道表"),
    columns=(
        _must("street_id", Kind.IDENT, _STREET, unique=True),
        _must("name", Kind.TEXT, ("街道名称", "名称", "street_name")),
        _must("district_id", Kind.IDENT, ("区编号", "区代码", "区县编号", "所属区", "区", "district")),
        _LON,
        _LAT,
    ),
)
AUTHORITIES = Table(
    name="authorities",
    required=True,
    aliases=("部门", "检查主体", "部门表"),
    columns=(
        _must("authority_id", Kind.IDENT, _AUTHORITY, unique=True),
        _must("name", Kind.TEXT, ("部门名称", "检查主体名称", "名称", "authority_name")),
        _may("level", Kind.CHOICE, ("层级", "级别"), choices=LEVELS),
    ),
)
ENTERPRISES = Table(
    name="enterprises",
    required=True,
    aliases=("企业", "企业表", "检查对象"),
    columns=(
        _must("enterprise_id", Kind.IDENT, _ENTERPRISE, unique=True),
        _must("name", Kind.TEXT, ("企业名称", "名称", "单位名称", "enterprise_name")),
        _must("street_id", Kind.IDENT, _STREET),
        _LON,
        _LAT,
        _may("usci", Kind.CODE, ("统一社会信用代码", "社会信用代码", "信用代码")),
        _may("industry", Kind.TEXT, ("行业", "行业类别")),
        _may("credit_class", Kind.LETTER, ("信用等级", "信用分级", "信用类别"), choices=CREDIT_CLASSES),
        _may("closed_dates", Kind.DATES, ("不可检查日期", "停业日期", "闭店日期")),
        _may("closed_weekdays", Kind.WEEKDAYS, ("每周休息日", "休息日", "每周不可检查日")),
        _may("open_from", Kind.CLOCK, ("营业开始", "开门时间", "可检查开始时间")),
        _may("open_to", Kind.CLOCK, ("营业结束", "关门时间", "可检查结束时间")),
    ),
)
CREWS = Table(
    name="crews",
    required=True,
    aliases=("检查组", "执法力量", "检查组表"),
    columns=(
        _must("authority_id", Kind.IDENT, _AUTHORITY),
        _must("area_id", Kind.AREA, ("区域编号", "区域", "辖区", "area")),
        _must("crews", Kind.WHOLE, ("组数", "检查组数", "检查组数量"), low=0, high=MAX_CREWS_OF_POOL),
        _may("from", Kind.DATE, ("起始日期", "开始日期", "生效日期")),
        _may("to", Kind.DATE, ("截止日期", "结束日期", "失效日期")),
        _may("weekdays", Kind.WEEKDAYS, ("星期", "工作日", "每周工作日")),
        _SHIFT,
    ),
)
ITEMS = Table(
    name="items",
    required=True,
    aliases=("检查事项", "事项", "检查计划", "计划"),
    columns=(
        _must("item_id", Kind.IDENT, ("事项编号", "计划编号", "事项ID", "检查事项编号"), unique=True),
        _must("authority_id", Kind.IDENT, _AUTHORITY),
        _must("enterprise_id", Kind.IDENT, _ENTERPRISE),
        _must(
            "duration_min",
            Kind.WHOLE,
            ("时长", "检查时长", "预计时长", "时长（分钟）", "检查时长（分钟）"),
            low=1,
            high=MAX_DURATION_MIN,
        ),
        _must("earliest", Kind.DATE, ("最早日期", "最早检查日期", "起始日期", "开始日期")),
        _must("latest", Kind.DATE, ("最晚日期", "最晚检查日期", "截止日期", "结束日期")),
        _must("priority", Kind.TEXT, ("优先级", "重要程度")),
        _TRIGGER,
        _may("crews", Kind.WHOLE, ("组数", "所需组数", "检查组数"), low=1, high=MAX_CREWS_OF_ITEM),
        _EXEMPT,
        _may("notice", Kind.CHOICE, ("通知方式", "是否告知", "告知方式"), choices=tuple(Notice)),
        _may("item_code", Kind.TEXT, ("事项代码", "检查事项代码", "检查事项名称")),
        _may("legal_basis", Kind.TEXT, ("法律依据", "检查依据", "执法依据")),
    ),
)
HISTORY = Table(
    name="history",
    required=False,
    aliases=("历史检查", "检查记录", "历史记录"),
    columns=(
        _must("enterprise_id", Kind.IDENT, _ENTERPRISE),
        _must("authority_id", Kind.IDENT, _AUTHORITY),
        _DATE,
        _may("visit_id", Kind.TEXT, ("检查批次", "入企编号", "检查编号")),
        _TRIGGER,
        _EXEMPT,
    ),
)
QUIET = Table(
    name="quiet",
    required=False,
    aliases=("安静期", "宁静期", "宁静生产日", "静默期"),
    columns=(
        _must("scope", Kind.CHOICE, ("范围", "适用范围"), choices=tuple(QuietScope)),
        _may("id", Kind.TEXT, ("对象", "适用对象", "对象编号", "target")),
        _must("rule", Kind.RULE, ("规则", "时间规则")),
        _may("exempt_triggers", Kind.TRIGGERS, ("豁免类型", "例外类型", "豁免检查类型")),
    ),
)
PINS = Table(
    name="pins",
    required=False,
    aliases=("固定", "锁定", "固定安排", "锁定安排"),
    columns=(
        _must("enterprise_id", Kind.IDENT, _ENTERPRISE),
        _DATE,
        _SHIFT,
    ),
)
PREFERRED_PINS = replace(PINS, name="preferred_pins", aliases=("优先安排", "优先日期"))
"""Pins that may give way; a table of its own, because every row of ``pins.csv`` is kept at any price."""

TABLES: dict[str, Table] = {
    t.name: t for t in (STREETS, AUTHORITIES, ENTERPRISES, CREWS, ITEMS, HISTORY, QUIET, PINS, PREFERRED_PINS)
}
"""Every table of a case by name, in the order of FORMATS.md; then what is added to it (``docs/formats.md``)."""

DISTRICTS = Table(
    name="districts",
    required=False,
    aliases=("区", "行政区", "区县"),
    columns=(
        _must("district_id", Kind.IDENT, ("区编号", "区代码", "区县编号"), unique=True),
        _must("name", Kind.TEXT, ("区名称", "名称", "district_name")),
    ),
)
OFFICERS = Table(
    name="officers",
    required=False,
    aliases=("执法人员", "检查人员", "执法人员名录库"),
    columns=(
        _must("officer_id", Kind.IDENT, ("人员编号", "执法人员编号"), unique=True),
        _must("authority_id", Kind.IDENT, _AUTHORITY),
        _must("name", Kind.TEXT, ("姓名", "人员姓名", "officer_name")),
        _must("certificate_no", Kind.IDENT, ("执法证号", "证件编号", "执法证编号")),
        _must("valid_from", Kind.DATE, ("发证日期", "有效期起", "证件生效日期")),
        _must("valid_to", Kind.DATE, ("有效期至", "有效期止", "证件失效日期")),
    ),
)
SHIFTS = Table(
    name="shifts",
    required=False,
    aliases=("班次表", "时段表"),
    columns=(
        _must("horizon_id", Kind.IDENT, ("计划期编号", "计划期")),
        _must("shift_id", Kind.IDENT, ("班次", "班次编号", "时段")),
        _must("start", Kind.CLOCK, ("开始", "开始时间", "上班时间")),
        _must("end", Kind.CLOCK, ("结束", "结束时间", "下班时间")),
    ),
)
CAPS = Table(
    name="caps",
    required=False,
    aliases=("频次上限", "年度频次上限"),
    columns=(
        _must("horizon_id", Kind.IDENT, ("计划期编号", "计划期")),
        _must("scope", Kind.CHOICE, ("范围", "适用范围"), choices=tuple(CapScope)),
        _may("authority", Kind.AREA, _AUTHORITY),
        _may("credit_class", Kind.LETTER, ("信用等级", "信用分级", "信用类别"), choices=("*", *CREDIT_CLASSES)),
        _must("period", Kind.CHOICE, ("周期", "计次周期"), choices=tuple(Period)),
        _must("max_visits", Kind.WHOLE, ("上限", "最多次数", "频次上限"), low=0, high=MAX_CAP_VISITS),
    ),
)

MISSING_CREWS = Table(
    name="missing_crews",
    required=False,
    aliases=("缺员班组", "班组缺员"),
    columns=(
        _must("authority_id", Kind.IDENT, _AUTHORITY),
        _must("area_id", Kind.AREA, ("区域编号", "区域", "辖区", "area")),
        _DATE,
        _SHIFT,
        _may("crews", Kind.WHOLE, ("组数", "缺员组数"), low=1, high=MAX_CREWS_OF_POOL),
    ),
)
CANCELLED_SHIFTS = Table(
    name="cancelled_shifts",
    required=False,
    aliases=("停检", "取消班次"),
    columns=(
        _DATE,
        _SHIFT,
        _may("area_id", Kind.AREA, ("区域编号", "区域", "辖区", "area")),
    ),
)

REGISTERS: dict[str, Table] = {
    t.name: t for t in (DISTRICTS, OFFICERS, SHIFTS, CAPS, MISSING_CREWS, CANCELLED_SHIFTS, *LISTS)
}
"""Tables that the service keeps beside those of a case; a case says shifts and caps in its case.toml."""


class EventName(StrEnum):
    """Values of the column ``event``."""

    DONE = "done"
    NO_ACCESS = "no_access"
    REFUSED = "refused"
    ENTERPRISE_CLOSED = "enterprise_closed"
    CREW_MISSING = "crew_missing"
    SHIFT_CANCELLED = "shift_cancelled"
    ITEM_ADDED = "item_added"
    URGENT_CASE = "urgent_case"
    ITEM_WITHDRAWN = "item_withdrawn"
    CAP_CHANGED = "cap_changed"


EVENTS = Table(
    name="events",
    required=False,
    aliases=("事件", "执行情况"),
    columns=(
        _must("event", Kind.CHOICE, ("事件", "事件类型"), choices=tuple(EventName)),
        _may("visit_id", Kind.TEXT, ("入企编号", "检查编号")),
        _may("minutes", Kind.WHOLE, ("实际时长", "实际分钟"), low=1, high=MAX_DURATION_MIN),
        _may("left_items", Kind.TEXT, ("未完成事项", "未查事项")),
        _may("date", Kind.DATE, ("日期",)),
        _may("from", Kind.DATE, ("停业开始", "开始")),
        _may("to", Kind.DATE, ("停业结束", "结束")),
        _may("area_id", Kind.AREA, ("区域编号", "区域")),
        _SHIFT,
        *(replace(c, required=False, unique=False) for c in ITEMS.columns),
        _may("scope", Kind.CHOICE, ("范围",), choices=tuple(CapScope)),
        _may("period", Kind.CHOICE, ("周期", "计次周期"), choices=tuple(Period)),
        _may("credit_class", Kind.LETTER, ("信用等级", "信用分级"), choices=("*", *CREDIT_CLASSES)),
        _may("max_visits", Kind.WHOLE, ("最多次数", "上限"), low=0, high=MAX_CAP_VISITS),
    ),
)
"""What happens to a published schedule; a row needs the columns of its event."""


class OutcomeName(StrEnum):
    """Values of the column ``outcome``: the events that are outcomes of visits."""

    DONE = EventName.DONE
    NO_ACCESS = EventName.NO_ACCESS
    REFUSED = EventName.REFUSED


OUTCOMES = Table(
    name="outcomes",
    required=True,
    aliases=("入企结果", "执行结果"),
    columns=(
        _must("visit_id", Kind.TEXT, ("入企编号", "检查编号")),
        _DATE,
        _must("outcome", Kind.CHOICE, ("结果", "执行情况"), choices=tuple(OutcomeName)),
        _may("minutes", Kind.WHOLE, ("实际时长", "实际分钟"), low=1, high=MAX_DURATION_MIN),
        _may("left_items", Kind.TEXT, ("未完成事项", "未查事项")),
    ),
)
"""What became of published visits, as the service takes it in."""

_OFFICER = ("人员编号", "执法人员编号")
ABSENCES = Table(
    name="absences",
    required=False,
    aliases=("缺勤", "请假", "不在岗"),
    columns=(
        _must("officer_id", Kind.IDENT, _OFFICER),
        _must("from", Kind.DATE, ("起始日期", "开始日期")),
        _must("to", Kind.DATE, ("截止日期", "结束日期")),
        _SHIFT,
    ),
)
RECUSALS = Table(
    name="recusals",
    required=False,
    aliases=("回避", "回避名单"),
    columns=(_must("officer_id", Kind.IDENT, _OFFICER), _must("enterprise_id", Kind.IDENT, _ENTERPRISE)),
)
PAST_TEAMS = Table(
    name="past_teams",
    required=False,
    aliases=("历次派员", "上次派员"),
    columns=(
        _must("enterprise_id", Kind.IDENT, _ENTERPRISE),
        _must("authority_id", Kind.IDENT, _AUTHORITY),
        _DATE,
        _must("officer_id", Kind.IDENT, _OFFICER),
    ),
)
STRATA = Table(
    name="strata",
    required=True,
    aliases=("抽查分层", "分层"),
    columns=(
        _may("credit_class", Kind.LETTER, ("信用等级", "信用分级", "信用类别"), choices=("*", *CREDIT_CLASSES)),
        _may("industry", Kind.TEXT, ("行业", "行业类别")),
        _must("ratio", Kind.NUMBER, ("抽查比例", "比例"), low=0, high=1),
    ),
)
"""Of a draw of targets; an empty class or industry is every one."""

ROSTER: dict[str, Table] = {t.name: t for t in (OFFICERS, ABSENCES, RECUSALS, PAST_TEAMS)}
"""Tables of a roster, from which officers are drawn."""

ALL_TABLES: dict[str, Table] = TABLES | REGISTERS | ROSTER | {t.name: t for t in (EVENTS, OUTCOMES, STRATA)}

VALUES: dict[str, dict[str, str]] = {
    **LIST_VALUES,
    "event": {"完成": "done", "已完成": "done", "无人应门": "no_access", "拒绝": "refused", "停业": "enterprise_closed"}
    | {"缺员": "crew_missing", "取消": "shift_cancelled", "新增事项": "item_added", "紧急个案": "urgent_case"}
    | {"撤回事项": "item_withdrawn", "频次调整": "cap_changed"},
    "outcome": {"完成": "done", "已完成": "done", "无人应门": "no_access", "拒绝": "refused"},
    "level": {"市": "city", "市级": "city", "区": "district", "区级": "district", "区县": "district"}
    | {"街道": "street", "街道级": "street", "镇街": "street"},
    "priority": {"必查": "mandatory", "必检": "mandatory", "高": "high", "普通": "normal", "一般": "normal"},
    "trigger": {"日常": "routine", "日常检查": "routine", "专项": "campaign", "专项检查": "campaign"}
    | {"个案": "case", "个案检查": "case", "复查": "follow_up", "整改复查": "follow_up"},
    "notice": {"告知": "announced", "提前告知": "announced", "通知": "announced", "事先告知": "announced"}
    | {"不告知": "unannounced", "不通知": "unannounced", "突击": "unannounced", "飞行检查": "unannounced"},
    "cap_exempt": {"是": "1", "否": "0", "true": "1", "false": "0", "yes": "1", "no": "0"},
    "scope": {"全部": "all", "全市": "all", "街道": "street", "企业": "enterprise", "行业": "industry"}
    | {"信用等级": "credit_class", "信用分级": "credit_class", "信用类别": "credit_class"},
    "area_id": {"全市": "*", "全部": "*"},
}
"""Other values accepted in enumerated columns (and ``area_id``), with what they mean; lists take them cell by cell."""
