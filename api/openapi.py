"""The API described (OpenAPI): tags and bodies in words and examples, problems said once; stored in docs/openapi.json.

``python -m api.openapi FILE`` stores it; a test holds the stored one against the application.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI

JSON, PROBLEM = "application/json", "application/problem+json"

TAGS: Sequence[Mapping[str, str]] = tuple(
    {"name": name, "description": text}
    for name, text in (
        ("operations", "For whoever runs the service: alive, ready, figures for Prometheus. Open to all."),
        ("accounts", "账户：who may use the service, in which role, and with which keys."),
        ("audit", "审计：every change, who made it and when; each entry seals the one before it."),
        (
            "horizons",
            "计划期：the span that is planned, its calendar and rules, and the date until which plans come in.",
        ),
        ("districts", "区：register of districts."),
        ("streets", "街道：register of streets, each of a district."),
        ("authorities", "部门：register of the authorities that inspect."),
        ("enterprises", "企业：register of the enterprises that are inspected."),
        ("officers", "执法人员：officers of an authority, with the number and validity of their certificates."),
        ("crews", "检查组：how many crews an authority has for an area, and when."),
        ("history", "历史检查：inspections of the past, which count against frequency caps."),
        ("quiet", "安静期：dates on which enterprises are left alone."),
        ("pins", "固定安排：dates that are settled for an enterprise."),
        ("preferred_pins", "优先日期：dates that an enterprise would rather have, which may give way."),
        ("shifts", "班次：working periods of a horizon's days."),
        ("caps", "频次上限：how often enterprises may be visited, by all together or by one authority."),
        ("missing_crews", "班组缺员：crews of an authority and area that are not at work on a date."),
        ("cancelled_shifts", "停检：dates or shifts on which nobody goes out, as in a typhoon."),
        (
            "plans",
            "检查计划：what departments submit, told about at once, approved, superseded, withdrawn; never edited.",
        ),
        ("absences", "缺勤：dates on which an officer is not on duty."),
        ("recusals", "回避：enterprises that an officer never inspects."),
        ("laws", "法律法规：what inspections rest on."),
        ("powers", "权力事项：what an authority may do, by which law."),
        (
            "inspection_items",
            "行政检查事项清单：the published list of what may be inspected.",
        ),
        ("bodies", "检查主体公告：inspecting bodies that were announced; the lists are in force once there is one."),
        ("authority_items", "主体事项：which authority may carry out which item."),
        ("delegations", "赋权事项：items that a street's own authority carries out, with dates."),
        ("leniency_items", "减免责清单：the four lists of leniency."),
        ("outcomes", "入企结果：what became of published visits; re-planning begins from it."),
        ("alerts", "过频提醒：reminders of too frequent inspections, and the rules that give them."),
        ("warnings", "预警：warnings about what happened at the door, their evidence and the ladder that follows."),
        ("overview", "总览：what happened at the doors, added up, with the record behind every figure."),
        ("imports", "导入：registers and whole cases, read by a run, stored whole or not at all."),
        ("exports", "导出：registers and cases as files that can be imported again."),
        ("runs", "运行：planning, re-planning and imports at work: queued, watched, stopped softly."),
        ("schedules", "排程：drafts checked, compared, exported, and published as versions that are never changed."),
        (
            "scenarios",
            "假设方案：policies compared before they are issued, with the evidence for each difference; questions.",
        ),
        ("fieldwork", "扫码入企：scans at the door, results item by item, and the record of all that happened."),
        ("codes", "监督码：the code at an enterprise's door, replaced and printed; the code that an officer shows."),
        ("my", "企业端：what an enterprise sees of its own inspections, and says of them. Announced visits only."),
        ("complaints", "投诉：what supervisors are told, by name or without one, and what they answer."),
        ("contents", "指引、政策与普法：what enterprises are given to read, in both languages, every version kept."),
        ("ratings", "评价：how visits were, kept without whose ratings they are."),
        ("draws", "双随机抽取：officers and targets drawn by lot: committed to, drawn once, verified by whoever asks."),
        ("notices", "检查预告：what enterprises are told of announced visits to come, and how it goes out to them."),
        ("contacts", "联系方式：where notices of an enterprise go by mail."),
        ("calendars", "日历订阅：notices as a calendar, at an address that may be revoked."),
        ("leads", "线索：what the public, other bodies, data or the media say of an enterprise; each proposes a case."),
        (
            "proposals",
            "计划建议：what the record proposes for the next plan, with evidence; people decide.",
        ),
    )
)

_PLAN_ITEM = {
    "item_id": "STHJ-0001",
    "enterprise_id": "E000000",
    "duration_min": 55,
    "earliest": "2026-10-08",
    "latest": "2026-12-31",
    "priority": "high",
    "trigger": "routine",
    "item_code": "STHJ-02",
    "legal_basis": "《中华人民共和国水污染防治法》",
}
_SETTINGS: Mapping[str, Any] = {
    "name": "2026 年第四季度",
    "start": "2026-10-01",
    "end": "2026-12-31",
    "closing_date": "2026-09-25",
    "calendar": "CN",
    "visit": {"overhead_min": 10, "max_officers_on_site": 12},
    "street": {"max_days": 8, "max_visits": 6},
    "priority": {"mandatory": 1000, "high": 10, "normal": 1},
}
_ACCOUNT = {"name": "光明区生态环境局", "role": "department", "authority_id": "440311-STHJ"}
_CONTENT = {
    "kind": "guidance",
    "industry": "餐饮",
    "title_zh": "餐饮单位自查要点",
    "title_en": "What restaurants check themselves",
    "body_zh": "- 进货查验记录\n- 从业人员健康证明",
    "body_en": "- records of what was bought\n- health certificates of the staff",
    "published_from": "2026-10-01",
}
EXAMPLES: Mapping[str, Any] = {
    "scan_in": {
        "event_id": "7f1c0e9a-3b1d",
        "token": "https://example.gov.cn/c/e4y3…",
        "officer_ids": ["P0001", "P0002"],
    },
    "backfill_scan": {
        "event_id": "7f1c0e9a-3b1e",
        "enterprise_id": "E000041",
        "officer_ids": ["P0001", "P0002"],
        "entered_at": "2026-10-20T01:30:00Z",
        "left_at": "2026-10-20T02:40:00Z",
        "reason": "现场无网络",
    },
    "tell_turned_back": {
        "event_id": "7f1c0e9a-3b1f",
        "enterprise_id": "E000041",
        "outcome": "no_access",
        "reason": "无人应门",
    },
    "tell_results": {
        "event_id": "7f1c0e9a-3b20",
        "results": [
            {"item_id": "STHJ-0001", "result": "nothing_found"},
            {"item_id": "STHJ-0002", "result": "rectification", "due": "2026-11-20", "note": "危险废物标识不全"},
        ],
    },
    "attach_evidence": {
        "event_id": "7f1c0e9a-3b23",
        "item_id": "STHJ-0002",
        "name": "现场照片 1.jpg",
        "address": "https://evidence.example.gov.cn/20261020/1.jpg",
    },
    "depart": {"event_id": "7f1c0e9a-3b21"},
    "complete_papers": {"event_id": "7f1c0e9a-3b22", "approval_no": "深环批〔2026〕12号"},
    "issue_codes": {"street_id": "440311006"},
    "rotate_code": {"reason": "二维码牌遗失"},
    "read_officer_code": {"token": "https://example.gov.cn/o/o4y3…"},
    "create_account": _ACCOUNT,
    "replace_account": {**_ACCOUNT, "subject": "li.si@example.gov.cn"},
    "issue_key": {"label": "执法系统", "expires_at": "2027-12-31T16:00:00Z"},
    "create_horizon": {
        "horizon_id": "2026Q4",
        **_SETTINGS,
        "shifts": [
            {"id": "AM", "start": "09:00", "end": "12:00"},
            {"id": "PM", "start": "14:00", "end": "17:30"},
        ],
        "caps": [
            {"scope": "enterprise", "period": "quarter", "max_visits": 1},
            {"scope": "authority", "authority": "*", "period": "year", "max_visits": 2},
        ],
    },
    "replace_horizon": _SETTINGS,
    "submit_plan": {
        "horizon_id": "2026Q4",
        "authority_id": "440311-STHJ",
        "code": "main",
        "items": [_PLAN_ITEM],
    },
    "approve_plan": {"approval_no": "深环批〔2026〕12号"},
    "withdraw_plan": {"reason": "重复上报"},
    "put_alert_rule": {"kind": "repeat", "days": 60, "exempt_triggers": ["case", "follow_up"]},
    "put_warning_rule": {"kind": "unscanned", "days": 90, "count": 2},
    "explain_warning": {"text": "当日网络中断，已于 10 月 12 日补录"},
    "take_step": {"action": "correction", "text": "一周内补录并提交情况说明", "due": "2026-10-30"},
    "sweep_warnings": {"full": False},
    "check_move": {"visit": "E000041", "date": "2026-10-20", "shift_id": "AM", "start": "09:30"},
    "move_visit": {"visit": "E000041", "date": "2026-10-20", "shift_id": "AM"},
    "record_outcomes": {
        "horizon_id": "2026Q4",
        "outcomes": [
            {"visit_id": "V84e600d0c09f4069", "date": "2026-10-20", "outcome": "done", "minutes": 75},
            {"visit_id": "Vad667b78ba8ed027", "date": "2026-10-20", "outcome": "no_access"},
        ],
    },
    "create_content": _CONTENT,
    "replace_content": {**_CONTENT, "version": 1},
    "choose_my_slot": {"date": "2026-10-28", "shift_id": "AM"},
    "file_my_complaint": {"kind": "not_scanned", "text": "10 月 20 日上午入企检查，未扫码。"},
    "rate_my_visit": {
        "door": "V84e600d0c09f4069 2026-10-20",
        "scores": {"identity": 5, "code": 5, "conduct": 4, "time": 3},
    },
    "answer_complaint": {"answer": "经核实，已责令补录并约谈。", "closes": True},
    "start_replan": {"horizon_id": "2026Q4", "level": "street", "area_id": "440311006", "from_date": "2026-10-21"},
    "start_explanation": {"question": "serve", "item_id": "STHJ-0001"},
    "compare_scenarios": {
        "horizon_id": "2026Q4",
        "level": "street",
        "area_id": "440311006",
        "library": ["today", "quiet-1-25"],
        "scenario": [
            {
                "name": "fire-plus-1",
                "title": {"zh": "消防多一个班组", "en": "one more fire crew"},
                "edit": [{"kind": "crews", "authority": "440311-XFJY", "change": 1}],
            }
        ],
        "limits": {"iterations": 100_000, "seeds": [1, 2, 3]},
    },
    "ask_question": {"horizon_id": "2026Q4", "level": "street", "area_id": "440311006", "ask": {"question": "crews"}},
    "check_urgent": {"item_id": "STHJ-0001", "now": "09:30"},
    "place_urgent": {"item_id": "STHJ-0001", "now": "09:30"},
    "commit_draw": {"kind": "officers", "purpose": "马田街道 2026Q4", "horizon_id": "2026Q4"},
    "draw_officers": {
        "schedule_id": "01a0b1c2d3e4f5060718293a4b5c",
        "public": "2026-09-30: 08 13 21",
        "absences": [{"officer_id": "P0001", "from": "2026-10-08", "to": "2026-10-20"}],
        "recusals": [{"officer_id": "P0002", "enterprise_id": "E000041"}],
    },
    "draw_targets": {
        "level": "street",
        "area_id": "440311006",
        "authority_id": "440311-STHJ",
        "strata": [{"ratio": 0.05}, {"credit_class": "D", "ratio": 0.5}],
        "duration_min": 40,
        "exclude_days": 180,
    },
    "put_contact": {"email": "safety@example.com", "language": "zh"},
    "create_lead": {
        "enterprise_id": "E000041",
        "authority_id": "440311-STHJ",
        "item_code": "STHJ-02",
        "source": "12345",
        "reference_no": "12345-2026-000123",
        "received": "2026-10-20",
        "text": "夜间排放废水",
    },
    "close_lead": {"reason": "与实际不符"},
    "decide_proposal": {"horizon_id": "2027Q1", "decision": "dismiss", "reason": "已书面核查"},
    "plan_proposals": {"horizon_id": "2027Q1", "authority_id": "440311-STHJ"},
    "apply_proposals": {"horizon_id": "2027Q1", "authority_id": "440311-STHJ", "items": [_PLAN_ITEM]},
    "put_feedback_rule": {
        "kind": "follow_up",
        "days": 7,
        "minutes": 30,
        "priority": "high",
        "basis": "深环规〔2026〕1号",
        "assumed": False,
    },
    "start_run": {
        "horizon_id": "2026Q4",
        "level": "street",
        "area_id": "440311006",
        "limits": {"time_s": 60, "seed": 1},
        "with_before": True,
    },
}
"""JSON bodies by operation; registers bring their own."""


class Application(FastAPI):
    """An application that describes itself as :func:`described` says."""

    def openapi(self) -> dict[str, Any]:
        """Return its description, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = described(super().openapi())
        return self.openapi_schema


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Return a description with tags, summaries and examples, in which equal problem responses stand once."""
    document["tags"] = [dict(tag) for tag in TAGS]
    shared: dict[str, Any] = {}
    for operation in _operations(document):
        _summarise(operation)
        if (example := EXAMPLES.get(operation["operationId"])) is not None:
            operation["requestBody"]["content"][JSON]["example"] = example
        for status, response in operation["responses"].items():
            if PROBLEM in response.get("content", {}):
                name = f"Problem{status}"
                if shared.setdefault(name, response) == response:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = dict(sorted(shared.items()))
    return _with_rows_named(document)


def _with_rows_named(document: dict[str, Any]) -> dict[str, Any]:
    """Return a description in which the rows of registers are schemas with a name, each there once."""
    names: dict[str, str] = {}
    for operation in _operations(document):
        verb, _, single = operation["operationId"].partition("_")
        name = "".join(part.capitalize() for part in single.split("_"))
        if verb == "get":
            _note_row(names, operation["responses"].get("200"), f"{name}Row")
        elif verb == "create":
            _note_row(names, operation.get("requestBody"), f"{name}RowIn")
    schemas = document["components"]["schemas"]
    for text, name in sorted(names.items(), key=lambda pair: pair[1]):
        assert name not in schemas, name
        schemas[name] = json.loads(text)
    document["paths"] = _named(document["paths"], names)
    return document


def _note_row(names: dict[str, str], body: Mapping[str, Any] | None, name: str) -> None:
    """Note the name of a row that is described in its place."""
    schema = ((body or {}).get("content", {}).get(JSON) or {}).get("schema") or {}
    if "properties" in schema:
        names[json.dumps(schema, sort_keys=True)] = name


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(v, names) for v in value]
    if not isinstance(value, dict):
        return value
    name = names.get(json.dumps(value, sort_keys=True)) if value.get("type") == "object" else None
    if name is not None:
        return {"$ref": f"#/components/schemas/{name}"}
    return {k: _named(v, names) for k, v in value.items()}


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        yield from operations.values()


def _summarise(operation: dict[str, Any]) -> None:
    """Let the first clause of what a route says of itself be its summary, where it has none but its name."""
    description = operation.get("description", "")
    if description and operation.get("summary", "").istitle():
        operation["summary"] = re.split(r"[.;:](?:\s|$)", description)[0].replace("\n", " ")


def text_of(document: Mapping[str, Any]) -> str:
    """Return a description as it is stored: in an order of its own, so that a change of the API is all that differs."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def describe() -> dict[str, Any]:
    """Return the description of the application with the settings that it has by default."""
    from api.app import create_app
    from api.settings import Settings
    from api.store.database import open_engine
    from api.store.work import Store

    # Nothing is opened: an application that is only described asks its database nothing.
    store = Store(engine=open_engine("sqlite:///not-opened.db"))
    return create_app(Settings(oidc_issuer=None), store).openapi()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text_of(describe()), "utf-8")
