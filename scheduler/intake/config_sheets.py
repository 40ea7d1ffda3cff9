"""The configuration of a case as sheets of a workbook: ``case`` (key and value), ``shifts`` and ``caps``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.errors import Problem
from scheduler.intake.cells import parse_list
from scheduler.intake.columns import VALUES
from scheduler.intake.headers import plain_name
from scheduler.intake.problems import problem

CONFIG_SHEETS: Mapping[str, tuple[str, ...]] = {
    "case": ("配置", "案例", "方案", "参数"),
    "shifts": ("shift", "班次", "时段"),
    "caps": ("cap", "频次上限", "频次"),
}
"""Sheets of the configuration with their aliases."""

KEY_ALIASES: Mapping[str, str] = {
    "名称": "name",
    "格式": "format",
    "开始日期": "horizon.start",
    "结束日期": "horizon.end",
    "日历": "horizon.calendar",
    "停检日期": "horizon.closed",
    "加检日期": "horizon.open",
    "入企固定时长": "visit.overhead_min",
    "同时开始": "visit.start_together",
    "全程同行": "visit.ride_together",
    "入企延长": "visit.stretch_min",
    "现场人数上限": "visit.max_officers_on_site",
    "入企时长上限": "visit.max_visit_min",
    "入企最小间隔天数": "visit.min_gap_days",
    "同次入企部门上限": "visit.max_authorities",
    "速度": "travel.speed_kmh",
    "绕行系数": "travel.detour",
    "停车步行": "travel.stop_min",
    "路途缓冲": "travel.buffer_min",
    "街道每月联合检查日上限": "street.max_days",
    "街道每班次入企上限": "street.max_visits",
    "目标顺序": "objective.tiers",
    "坐标系": "coordinates.datum",
    "必查权重": "priority.mandatory",
    "高权重": "priority.high",
    "普通权重": "priority.normal",
}
"""Chinese keys of the sheet ``case``."""

SHIFT_HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("shift_id", "班次", "班次编号", "编号"),
    "start": ("开始", "开始时间"),
    "end": ("结束", "结束时间"),
}
CAP_HEADERS: Mapping[str, tuple[str, ...]] = {
    "scope": ("范围",),
    "period": ("周期",),
    "max_visits": ("次数上限", "上限"),
    "authority": ("authority_id", "部门", "部门编号"),
    "credit_class": ("信用等级",),
}
CAP_VALUES: Mapping[str, Mapping[str, str]] = {
    "scope": {"企业": "enterprise", "部门": "authority"},
    "period": {"月": "month", "每月": "month", "季": "quarter", "季度": "quarter", "每季": "quarter"}
    | {"半年": "half_year", "年": "year", "每年": "year", "年度": "year"},
}
"""Chinese values of the sheet ``caps``."""

_KEY_HEADERS = frozenset({"key", "键", "项目", "配置项", "参数"})
_LISTS = frozenset({"horizon.closed", "horizon.open", "objective.tiers"})
_TEXTS = frozenset({"name", "format", "horizon.start", "horizon.end", "horizon.calendar", "coordinates.datum"})
_FLAGS = {"true": True, "false": False, "是": True, "否": False, "yes": True, "no": False}


def config_sheet_named(text: str) -> str | None:
    """Return the sheet of the configuration that a name means, ``None`` when it means none."""
    plain = plain_name(text)
    return next((s for s, names in CONFIG_SHEETS.items() if plain in (s, *map(plain_name, names))), None)


def config_of_keys(records: Sequence[Sequence[str]]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the configuration of the sheet ``case``: keys such as ``horizon.start`` in the first column."""
    config: dict[str, Any] = {}
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, record in enumerate(records, 1):
        texts = [cell.strip() for cell in record] + ["", ""]
        key, value = KEY_ALIASES.get(texts[0], texts[0]), texts[1]
        if not key or (not seen and plain_name(key) in _KEY_HEADERS):
            continue
        if key in seen:
            problems.append(problem("duplicate_id", "case", number, key, value, first=seen[key]))
            continue
        seen[key] = number
        section, _, name = key.partition(".")
        if not name:
            config[section] = _typed(key, value)
        elif value or (key in _LISTS and section == "horizon"):
            inner = config.setdefault(section, {})
            if isinstance(inner, dict):
                inner[VALUES["priority"].get(name, name) if section == "priority" else name] = _typed(key, value)
    return config, problems


def rows_of_sheet(records: Sequence[Sequence[str]], sheet: str) -> list[dict[str, Any]]:
    """Return the rows of the sheet ``shifts`` or ``caps`` as the tables of case.toml; empty cells are left out."""
    names = SHIFT_HEADERS if sheet == "shifts" else CAP_HEADERS
    known = {plain_name(alias): name for name, aliases in names.items() for alias in (name, *aliases)}
    filled = [r for r in records if any(cell.strip() for cell in r)]
    header = [known.get(plain_name(h), h.strip()) for h in filled[0]]
    rows = []
    for record in filled[1:]:
        row: dict[str, Any] = {}
        for name, cell in zip(header, record, strict=False):
            if cell.strip():
                row[name] = _cap_value(name, cell.strip()) if sheet == "caps" else cell.strip()
        rows.append(row)
    return rows


def _cap_value(name: str, text: str) -> Any:
    if name == "max_visits":
        return _number(text)
    return CAP_VALUES.get(name, {}).get(text, text)


def _typed(key: str, text: str) -> Any:
    if key in _LISTS:
        return parse_list(text)
    if key in _TEXTS:
        return text
    flag = _FLAGS.get(text.lower())
    if key in ("visit.start_together", "visit.ride_together"):
        return {"1": True, "0": False}.get(text, flag if flag is not None else text)
    return flag if flag is not None else _number(text)


def _number(text: str) -> Any:
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", text):
        return float(text)
    return text
