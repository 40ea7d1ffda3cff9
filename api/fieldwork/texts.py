"""Texts of the officers' pages and of what a scanned code shows."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, LeniencyList, ScanStatus
from scheduler.domain.fieldwork.results import LIST_NAMES
from scheduler.texts import Text

TASKS = Text("今日检查", "Today's visits")
SCAN = Text("扫码入企", "Scan in")
ENTRY = Text("现场检查", "On site")
MY_CODE = Text("亮码", "My code")
CODE = Text("行政执法监督码", "Supervision code")
OFFICER = Text("执法人员身份", "Who stands at the door")
WORDS: Mapping[str, Text] = {
    "none_today": Text("今日没有安排给您的检查。", "No visit is yours today."),
    "time": Text("时间", "Time"),
    "items": Text("检查事项", "Items"),
    "with": Text("联合部门", "Authorities"),
    "drawn": Text("抽取人员", "Officers drawn"),
    "state": Text("状态", "State"),
    "how": Text(
        "到达后用手机相机扫描企业门口的监督码，也可在下面输入码。",
        "At the door scan the supervision code with the camera, or type it here.",
    ),
    "token": Text("监督码", "Code"),
    "open": Text("打开", "Open"),
    "enterprise": Text("企业", "Enterprise"),
    "path": Text("入企依据", "Ground"),
    "officers": Text("同行执法人员编号", "Officers with you"),
    "officers_hint": Text("用空格或分号分开", "their ids, separated by blanks or semicolons"),
    "codes": Text("检查事项代码", "Codes of the items"),
    "codes_hint": Text(
        "计划外和紧急检查必填；计划内为空即全部", "off plan and in an emergency; empty means all of the plan"
    ),
    "approval": Text("批准文号", "Number of the approval"),
    "reason": Text("理由", "Reason"),
    "entered": Text("入企时间（仅限已先行入企、尚未离开）", "Entered at (only if you are inside already)"),
    "entered_hint": Text("今日，如 09:30", "today, such as 09:30"),
    "correct": Text("更正", "Correct"),
    "scan_in": Text("扫码入企", "Scan in"),
    "allowed": Text("准予入企", "You may enter"),
    "denied": Text("不得入企", "You may not enter"),
    "lawful": Text("依法途径", "The lawful way"),
    "on_record": Text("本次扫码已记录。", "This scan is on record."),
    "go_on": Text("填写检查结果", "Go on to the results"),
    "back": Text("返回", "Back"),
    "result": Text("结果", "Result"),
    "due": Text("整改期限", "To be put right until"),
    "due_hint": Text("仅限期整改填写，如 2026-11-20", "of a rectification only, such as 2026-11-20"),
    "case_no": Text("立案文号", "Number of the case"),
    "case_hint": Text("仅立案填写", "of a filed case only"),
    "leniency": Text("适用减免责清单", "List of leniency applied"),
    "leniency_code": Text("清单条目", "Entry of the list"),
    "yuan": Text("减免金额（元）", "Yuan spared"),
    "note": Text("说明", "Note"),
    "save": Text("保存结果", "Save the result"),
    "leave": Text("离场扫码", "Scan out"),
    "left": Text("已离场", "Left"),
    "recorded": Text("已记录", "On record"),
    "papers_due": Text("审批手续须于此日前补齐", "Approval papers are due by"),
    "show": Text("生成亮码", "Make a code"),
    "code_note": Text(
        "5 分钟内有效，由第一家读取的企业使用。", "Good for five minutes, and for the first who reads it."
    ),
    "until": Text("有效期至", "Good until"),
    "what_code": Text(
        "这是企业的行政执法监督码。执法人员入企前须扫码；本页不显示任何企业信息。",
        "This is an enterprise's supervision code. Officers scan it before they enter; this page tells nothing of it.",
    ),
    "log_in": Text("执法人员登录", "Officers log in"),
    "complain": Text("投诉", "Complain"),
    "own": Text("这是贵企业的监督码。", "This is your own supervision code."),
    "to_own": Text("查看检查安排", "See your visits"),
    "authority": Text("执法主体", "Authority"),
    "name": Text("姓名", "Name"),
    "certificate": Text("执法证号", "Certificate"),
    "validity": Text("证件有效期", "Certificate holds"),
    "valid": Text("有效", "valid"),
    "invalid": Text("已失效：企业有权拒绝检查", "not valid: you may refuse"),
    "read_before": Text("此码已被读取过，时间：", "This code was read before, at"),
    "items_today": Text("今日在本企业的检查事项", "Items at your enterprise today"),
    "no_items": Text("尚未扫码入企。", "They have not scanned in."),
    "see_items": Text("查看检查事项", "See the items"),
    "wrong": Text("请更正", "correct this"),
}
PATHS: Mapping[EntryPath, Text] = {
    EntryPath.PLANNED: Text("计划内（已发布排程）", "Planned (published schedule)"),
    EntryPath.EMERGENCY: Text("紧急情况", "Emergency"),
    EntryPath.OFF_PLAN: Text("计划外，已批准", "Off plan, approved"),
}
STATES: Mapping[EntryState | None, Text] = {
    None: Text("未入企", "not entered"),
    EntryState.OPEN: Text("检查中", "inside"),
    EntryState.CLOSED: Text("已离场", "left"),
    EntryState.NO_ACCESS: Text("无人应门", "nobody there"),
    EntryState.TURNED_AWAY: Text("企业拒绝", "turned away"),
}
SCANS: Mapping[ScanStatus, Text] = {
    ScanStatus.SCANNED: Text("入企前扫码", "scanned before entering"),
    ScanStatus.LATE: Text("离开前扫码", "scanned before leaving"),
    ScanStatus.BACKFILLED: Text("补录", "told afterwards"),
    ScanStatus.MISSING: Text("未扫码", "not scanned"),
}
RESULTS: Mapping[ItemResult, Text] = {
    ItemResult.NOTHING_FOUND: Text("未发现问题", "Nothing found"),
    ItemResult.ADVICE: Text("行政指导", "Advice"),
    ItemResult.RECTIFICATION: Text("限期整改", "Rectification"),
    ItemResult.CASE_FILED: Text("立案", "Case filed"),
    ItemResult.NOT_DONE: Text("未检查", "Not done"),
}
LENIENCY: Mapping[str, Text] = {"": Text("不适用", "none"), **{k.value: LIST_NAMES[k] for k in LeniencyList}}
