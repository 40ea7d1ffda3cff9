"""Texts of the enterprise's pages."""

from __future__ import annotations

from collections.abc import Mapping

from api.enterprise_side.complaints import ANSWERED, CLOSED, OPEN
from api.enterprise_side.contents import ContentKind
from scheduler.domain.fieldwork.kinds import ComplaintKind, ItemResult, LeniencyList, ScanStatus
from scheduler.texts import Text

COMING = Text("即将检查", "Coming visits")
SLOTS = Text("选择时段", "Choose a slot")
GUIDANCE = Text("指引与政策", "Guidance")
PAST = Text("检查记录", "Past visits")
RATE = Text("评价本次检查", "Rate this visit")
COMPLAINT = Text("投诉", "Complaint")
ANONYMOUS = Text("匿名投诉", "Anonymous complaint")
RECEIVED = Text("投诉已收到", "Your complaint has come in")
FOLLOW = Text("查询投诉", "Follow a complaint")
THANKS = Text("感谢您的评价", "Thank you for your rating")

COMPLAINT_KINDS: Mapping[str, Text] = {
    ComplaintKind.NOT_SCANNED: Text("入企未扫码", "the code was not scanned"),
    ComplaintKind.ARBITRARY: Text("随意检查", "an arbitrary inspection"),
    ComplaintKind.REPEATED: Text("重复检查", "repeated inspections"),
    ComplaintKind.TOO_MANY_PEOPLE: Text("人员过多", "too many people"),
    ComplaintKind.OTHER: Text("其他", "something else"),
}
CONTENT_KINDS: Mapping[str, Text] = {
    ContentKind.GUIDANCE: Text("合规指引", "guidance"),
    ContentKind.POLICY: Text("惠企政策", "policy"),
    ContentKind.LAW: Text("普法", "law briefing"),
}
STATES: Mapping[str, Text] = {
    OPEN: Text("待处理", "not answered yet"),
    ANSWERED: Text("已答复", "answered"),
    CLOSED: Text("已办结", "closed"),
}
SCANS: Mapping[str, Text] = {
    ScanStatus.SCANNED: Text("入企前已扫码", "scanned before entering"),
    ScanStatus.LATE: Text("离开前扫码", "scanned before leaving"),
    ScanStatus.BACKFILLED: Text("事后补录", "told afterwards"),
    ScanStatus.MISSING: Text("未扫码", "not scanned"),
}
RESULTS: Mapping[str, Text] = {
    ItemResult.NOTHING_FOUND: Text("未发现问题", "nothing found"),
    ItemResult.ADVICE: Text("指导建议", "advice"),
    ItemResult.RECTIFICATION: Text("责令改正", "to be put right"),
    ItemResult.CASE_FILED: Text("立案", "case filed"),
}
LENIENCY: Mapping[str, Text] = {
    LeniencyList.NO_PENALTY: Text("免予处罚", "no penalty"),
    LeniencyList.MITIGATED: Text("减轻处罚", "mitigated penalty"),
    LeniencyList.LIGHTER: Text("从轻处罚", "lighter penalty"),
    LeniencyList.NO_COERCION: Text("免予行政强制", "no coercive measure"),
}
QUESTIONS: Mapping[str, Text] = {
    "identity": Text("是否出示执法证件", "Did the officers show their certificates?"),
    "code": Text("是否扫码入企", "Was the code scanned?"),
    "conduct": Text("执法态度与规范", "How did they conduct themselves?"),
    "time": Text("占用时间是否合理", "Was the time taken reasonable?"),
}
SCORES: tuple[tuple[str, Text], ...] = (
    ("5", Text("5 很满意", "5 very good")),
    ("4", Text("4 满意", "4 good")),
    ("3", Text("3 一般", "3 fair")),
    ("2", Text("2 不满意", "2 poor")),
    ("1", Text("1 很不满意", "1 very poor")),
)
WORDS: Mapping[str, Text] = {
    "about": Text("涉及部门（可不选）", "Authority it is about (may be left out)"),
    "about_none": Text("不指明", "none named"),
    "no_coming": Text("目前没有已公布的检查预告。", "No announced visit is published at present."),
    "when": Text("时间", "When"),
    "who": Text("部门", "Who"),
    "what": Text("检查事项", "Items"),
    "basis": Text("依据", "Legal basis"),
    "chosen": Text("您希望的时段", "What you would rather have"),
    "choose": Text("选择其他时段", "Choose another slot"),
    "rights": Text(
        "执法人员入企检查前应扫描监督码（深府规〔2025〕6号）。您可以查询检查记录、评价检查、投诉。",
        "Officers scan your supervision code before they inspect (深府规〔2025〕6号). You may look up your records, "
        "rate an inspection, and complain.",
    ),
    "wish": Text(
        "这是您的意愿，不是约定：街道办调整或下次排程时会尽量采纳，变更以新的检查预告为准。",
        "This is a wish, not an appointment: the street office may move the visit, or the next plan may follow it; "
        "only a new notice changes the date.",
    ),
    "slot": Text("日期和时段", "Date and shift"),
    "no_slots": Text("没有可选的时段。", "There is no slot to choose."),
    "save": Text("提交", "Send"),
    "no_contents": Text("目前没有发布的内容。", "Nothing is published at present."),
    "no_past": Text("还没有检查记录。", "There are no past visits yet."),
    "scan": Text("扫码", "Scan"),
    "until": Text("整改期限", "To be done by"),
    "case": Text("案号", "Case"),
    "leniency": Text("适用清单", "Leniency"),
    "rated": Text("已评价", "rated"),
    "untraceable": Text(
        "评价不记录企业、账户和时间；执法部门只能看到季度结束后不少于 5 份评价的平均分。",
        "Neither your enterprise nor your account nor the time is kept with a rating; enforcing bodies see means of "
        "five ratings or more only, after the quarter has ended.",
    ),
    "comment": Text("意见（选填，不超过 500 字）", "Comment (optional, 500 characters at most)"),
    "kind": Text("投诉类型", "What is it about?"),
    "text": Text("情况说明", "What happened?"),
    "text_hint": Text("不超过 2000 字", "2,000 characters at most"),
    "named": Text(
        "以企业名义投诉。如需匿名，请使用“匿名投诉”。",
        "This is sent in the name of your enterprise. Use “Anonymous complaint” to send it without.",
    ),
    "nameless": Text(
        "不记录企业、账户和具体时间，只记录日期。请勿在说明中写出您的身份。",
        "No enterprise, account or time is kept, the date only. Do not say who you are in the text.",
    ),
    "receipt": Text("受理凭证", "Receipt"),
    "receipt_once": Text(
        "请记下此凭证，它只显示这一次，凭它查询处理结果。",
        "Note this receipt down: it is shown this once, and the answer is found with it.",
    ),
    "filed": Text("提交日期", "Filed on"),
    "state": Text("状态", "State"),
    "answer": Text("答复", "Answer"),
    "back": Text("返回", "Back"),
}
CHOOSE_ONE = Text("请选择一项", "Choose one")
UNKNOWN_RECEIPT = Text("没有此凭证", "There is no such receipt")
TOO_LONG = Text("请填写，且不超过 {limit} 字", "Fill this in, with {limit} characters at most")
