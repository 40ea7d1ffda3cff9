"""Sentences about unserved items, in Chinese and English, from the facts of their reasons and relaxations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from scheduler.domain.schedule import Reason, ReasonCode, Relaxation, RelaxationKind, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Lang, Text

_JOINED = {
    ReasonCode.NOTICE: Text(
        "不能并入{on}的入企（{authorities}）：告知方式不同",
        "it cannot join the visit of {on} ({authorities}): one is announced, the other is not",
    ),
    ReasonCode.CROWD: Text(
        "并入{on}的入企（{authorities}）将有{officers}名执法人员，超过上限{limit}名",
        "joining the visit of {on} ({authorities}) would put {officers} officers on site, at most {limit} are allowed",
    ),
    ReasonCode.AUTHORITIES: Text(
        "并入{on}的入企（{authorities}）将有{count}个部门，超过上限{limit}个",
        "with it {count} authorities would take part in the visit of {on} ({authorities}), at most {limit} may",
    ),
    ReasonCode.VISIT_TOO_LONG: Text(
        "并入{on}的入企后检查需{part}分钟，超过上限{limit}分钟",
        "joined to the visit of {on} its part would be {part} min, at most {limit} min are allowed",
    ),
    ReasonCode.SHIFT_TOO_SHORT: Text(
        "并入{on}的入企后检查需{part}分钟，班次{shift}或营业时间内放不下",
        "joined to the visit of {on} its part of {part} min would end after shift {shift} or the opening hours",
    ),
}
"""Why an item cannot join a planned visit."""

_ALONE = {
    ReasonCode.WINDOW: Text("{first}至{last}之间没有检查日", "there is no inspection date from {first} to {last}"),
    ReasonCode.CLOSED: Text(
        "可选的{days}个检查日（{first}至{last}）企业均停业",
        "the enterprise is closed on all {days} dates left ({first} to {last})",
    ),
    ReasonCode.QUIET: Text(
        "可选的{days}个检查日（{first}至{last}）均处于安静期（{periods}）",
        "quiet periods ({periods}) cover all {days} dates left ({first} to {last})",
    ),
    ReasonCode.NO_CREW: Text(
        "可选的{days}个检查日（{first}至{last}）{authority_name}在{street_name}至多有{most}个班组，需要{needed}个",
        "{authority_name} has at most {most} crews for {street_name} on the {days} dates left ({first} to {last}), "
        "{needed} needed",
    ),
    ReasonCode.SHIFT_TOO_SHORT: Text(
        "检查需{part}分钟、往返路途{travel}分钟，最长班次只有{shift}分钟",
        "its part of {part} min and {travel} min of travel do not fit into a shift, the longest has {shift} min",
    ),
    ReasonCode.HOURS: Text(
        "检查需{part}分钟，营业时间{opens}至{closes}与班次重合至多{room}分钟",
        "its part of {part} min does not fit into the opening hours {opens} to {closes}: shifts leave {room} min there",
    ),
    ReasonCode.VISIT_TOO_LONG: Text(
        "检查需{part}分钟，超过入企时长上限{limit}分钟",
        "its part of {part} min is longer than the longest visit of {limit} min",
    ),
    ReasonCode.CROWD: Text(
        "需要{officers}名执法人员，超过现场人数上限{limit}名",
        "it needs {officers} officers on site, at most {limit} are allowed",
    ),
    ReasonCode.GAP: Text(
        "与该企业{others}的入企相隔不足{gap}天",
        "it would be fewer than {gap} days from the enterprise's visit on {others}",
    ),
    ReasonCode.PIN: Text(
        "企业的入企固定在{on}，本事项当日不能办理",
        "the enterprise's visit is pinned to {on}, when the item cannot be served",
    ),
    ReasonCode.STREET_SHIFT_FULL: Text(
        "{street_name}可选的{shifts}个班次（{first}至{last}）各已有{limit}次入企，达到上限",
        "{street_name} has {limit} visit(s), as many as a shift may hold, "
        "in each of {shifts} shifts ({first} to {last})",
    ),
    ReasonCode.STREET_DAYS_USED: Text(
        "{street_name}在{months}每月{limit}个联合检查日已用完（{days}）",
        "the {limit} joint day(s) a month of {street_name} in {months} are used up ({days})",
    ),
    ReasonCode.NO_WEIGHT: Text(
        "其优先级{priority}权重为0，不办也不影响排程；{free_day}{free_shift}仍有班组",
        "its priority {priority} has weight 0, so that no plan is better for it; "
        "on {free_day} {free_shift} there are crews left",
    ),
    ReasonCode.NOTICE: Text("告知方式与该企业的入企不同", "its notice differs from that of the enterprise's visit"),
}

_CAP = Text(
    "{who}在{periods}的入企上限{limit}次已用完（{used}）",
    "the cap of {limit} visit(s) by {who} in {periods} is used up ({used})",
)
_CAPACITY = Text(
    "{authority_name}可到{street_name}的班组在可选的{slots}个班次（{first}至{last}）共{at_work}个，已用{used}个",
    "{authority_name} has {at_work} crews for {street_name} on the {slots} shifts left ({first} to {last}), "
    "{used} of them used",
)
_FREE = Text(
    "；{free_day}{free_shift}仍有班组，搜索在排入之前结束",
    "; on {free_day} {free_shift} there are crews left, the search ended before it placed the item",
)
_TO_CREWS = Text("其班组用于其他事项", "its authority's crews go to other items")

_RELAX = {
    RelaxationKind.MOVE_WINDOW: Text("把时间窗放宽到{day}", "extend the window to {day}"),
    RelaxationKind.EXEMPT_QUIET: Text("准许在安静期内的{day}入企", "exempt it from the quiet period on {day}"),
    RelaxationKind.OPEN_ENTERPRISE: Text("请企业在{day}接受检查", "have the enterprise open on {day}"),
    RelaxationKind.ADD_CREW: Text(
        "{authority_name}在{day}{shift}为{street_name}增加{crews}个班组",
        "add {crews} crew(s) of {authority_name} for {street_name} on {day} {shift}",
    ),
    RelaxationKind.SPLIT_ITEM: Text(
        "拆成{pieces}次办理，每次至多{minutes}分钟", "split it into {pieces} visits of at most {minutes} min each"
    ),
    RelaxationKind.WIDEN_HOURS: Text(
        "请企业在{opens}至{closes}接受检查", "have the enterprise open from {opens} to {closes}"
    ),
    RelaxationKind.LENGTHEN_SHIFT: Text(
        "把班次{shift}延长为{starts}至{ends}", "have shift {shift} run from {starts} to {ends}"
    ),
    RelaxationKind.RAISE_SHIFT_VISITS: Text(
        "把街道每班次的入企上限由{limit}次提高到{to}次", "raise the visits of a street shift from {limit} to {to}"
    ),
    RelaxationKind.RAISE_STREET_DAYS: Text(
        "把街道每月的联合检查日上限由{limit}个提高到{to}个",
        "raise the joint days of a street in a month from {limit} to {to}",
    ),
    RelaxationKind.RAISE_CROWD: Text(
        "把现场人数上限由{limit}名提高到{to}名", "raise the limit of officers on site from {limit} to {to}"
    ),
    RelaxationKind.RAISE_AUTHORITIES: Text(
        "把同次入企的部门上限由{limit}个提高到{to}个", "raise the most authorities of a visit from {limit} to {to}"
    ),
    RelaxationKind.LENGTHEN_VISIT: Text(
        "把入企时长上限由{limit}分钟提高到{to}分钟", "raise the longest visit from {limit} to {to} min"
    ),
    RelaxationKind.SHORTEN_GAP: Text(
        "把最小间隔由{limit}天缩短到{to}天", "shorten the least gap from {limit} to {to} days"
    ),
    RelaxationKind.RAISE_CAP: Text(
        "把{who}每{period_name}的入企上限由{limit}次提高到{to}次",
        "raise the cap on visits by {who} in a {period_name} from {limit} to {to}",
    ),
    RelaxationKind.REMOVE_PIN: Text("取消企业固定在{day}的入企", "remove the enterprise's pin to {day}"),
    RelaxationKind.GIVE_WEIGHT: Text("给优先级{priority}大于0的权重", "give priority {priority} a weight above 0"),
    RelaxationKind.SEVERAL: Text("须同时改变几项：{codes_said}", "several changes at once: {codes_said}"),
}

_NAMES = {
    "month": Text("月", "month"),
    "quarter": Text("季度", "quarter"),
    "half_year": Text("半年", "half year"),
    "year": Text("年", "year"),
    ReasonCode.WINDOW: Text("时间窗", "window"),
    ReasonCode.CLOSED: Text("停业日", "closures"),
    ReasonCode.QUIET: Text("安静期", "quiet periods"),
    ReasonCode.NO_CREW: Text("班组", "crews"),
    ReasonCode.SHIFT_TOO_SHORT: Text("班次", "shifts"),
    ReasonCode.HOURS: Text("营业时间", "opening hours"),
    ReasonCode.VISIT_TOO_LONG: Text("入企时长上限", "longest visit"),
    ReasonCode.CROWD: Text("现场人数上限", "officers on site"),
    ReasonCode.AUTHORITIES: Text("部门数上限", "authorities of a visit"),
    ReasonCode.CAP: Text("频次上限", "frequency caps"),
    ReasonCode.GAP: Text("最小间隔", "least gap"),
    ReasonCode.NOTICE: Text("告知方式", "notice"),
    ReasonCode.PIN: Text("固定日期", "pin"),
    ReasonCode.STREET_SHIFT_FULL: Text("街道班次入企上限", "visits of a street shift"),
    ReasonCode.STREET_DAYS_USED: Text("街道联合检查日上限", "joint days of a street"),
    ReasonCode.NO_WEIGHT: Text("优先级权重", "weight of its priority"),
    ReasonCode.CAPACITY: Text("班组数量", "crews at work"),
}
_WEEKDAYS = (
    Text("周一", "Mondays"),
    Text("周二", "Tuesdays"),
    Text("周三", "Wednesdays"),
    Text("周四", "Thursdays"),
    Text("周五", "Fridays"),
    Text("周六", "Saturdays"),
    Text("周日", "Sundays"),
)
_SAME_WEEKDAY = Text("{count}个{weekday}（{days}）", "{count} {weekday} ({days})")
_ALL_TOGETHER = Text("各部门合计", "all authorities together")
_PAST = Text("已发生{past}", "past: {past}")
_PLANNED = Text("已计划{planned}", "planned: {planned}")
_NO_VISIT = Text("不允许入企", "none are allowed")


def sentence(snapshot: PlanningSnapshot, unserved: Unserved, lang: Lang) -> str:
    """Return one sentence that says why an item is not served, with dates, authorities and figures."""
    clauses = [_clause(snapshot, r, lang) for r in unserved.reasons]
    return _as_sentence(clauses, lang)


def relaxation_sentence(snapshot: PlanningSnapshot, unserved: Unserved, lang: Lang) -> str:
    """Return one sentence with the cheapest change that would let an item be served; empty when none is known."""
    change = unserved.relaxation
    if change is None:
        return ""
    return _as_sentence([_RELAX[change.kind].say(lang, **_relaxation_facts(snapshot, change, lang))], lang)


def change_clause(snapshot: PlanningSnapshot, changes: Sequence[Relaxation], lang: Lang) -> str:
    """Return changes that are made together, without a full stop; crews on several dates are said as one."""
    first = changes[0]
    facts = _relaxation_facts(snapshot, first, lang)
    if len(changes) > 1 and all(c.kind is RelaxationKind.ADD_CREW for c in changes):
        days = [dict(c.facts)["day"] for c in changes]
        weekdays = {date.fromisoformat(d).isoweekday() for d in days}
        listed = ("、" if lang == "zh" else ", ").join(days)
        if len(weekdays) == 1:
            name = _WEEKDAYS[weekdays.pop() - 1].say(lang)
            listed = _SAME_WEEKDAY.say(lang, count=len(days), weekday=name, days=listed)
        facts["day"] = listed
        return _capital(_RELAX[first.kind].say(lang, **facts))
    clauses = [_RELAX[c.kind].say(lang, **_relaxation_facts(snapshot, c, lang)) for c in changes]
    return _capital(("；" if lang == "zh" else "; ").join(clauses))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _as_sentence(clauses: list[str], lang: Lang) -> str:
    text = ("；" if lang == "zh" else "; ").join(clauses)
    if not text:
        return ""
    return text + "。" if lang == "zh" else text[0].upper() + text[1:] + "."


def _clause(snapshot: PlanningSnapshot, reason: Reason, lang: Lang) -> str:
    facts = dict(reason.facts) | _names_of(snapshot, dict(reason.facts), lang)
    if reason.code is ReasonCode.CAPACITY:
        if "at_work" not in facts:
            return _TO_CREWS.say(lang)
        return _CAPACITY.say(lang, **facts) + (_FREE.say(lang, **facts) if "free_day" in facts else "")
    if reason.code is ReasonCode.CAP:
        used = [t.say(lang, **facts) for t, name in ((_PAST, "past"), (_PLANNED, "planned")) if facts.get(name)]
        return _CAP.say(lang, used=("；" if lang == "zh" else "; ").join(used) or _NO_VISIT.say(lang), **facts)
    if "on" in facts and reason.code in _JOINED:
        return _JOINED[reason.code].say(lang, **facts)
    return _ALONE[reason.code].say(lang, **facts)


def _relaxation_facts(snapshot: PlanningSnapshot, change: Relaxation, lang: Lang) -> dict[str, str]:
    facts = dict(change.facts)
    facts |= _names_of(snapshot, facts, lang)
    if "period" in facts:
        facts["period_name"] = _NAMES[facts["period"]].say(lang)
    if "codes" in facts:
        names = [_NAMES[ReasonCode(code)].say(lang) for code in facts["codes"].split(", ")]
        facts["codes_said"] = ("、" if lang == "zh" else ", ").join(names)
    return facts


def _names_of(snapshot: PlanningSnapshot, facts: dict[str, str], lang: Lang) -> dict[str, str]:
    """Return the names behind the ids in the facts; an id that the snapshot does not know stands for itself."""
    out: dict[str, str] = {}
    if "authority" in facts:
        found = (a.name for a in snapshot.authorities if a.authority_id == facts["authority"])
        out["authority_name"] = next(found, facts["authority"])
        out["who"] = out["authority_name"] if facts["authority"] else _ALL_TOGETHER.say(lang)
    names = (
        {a.authority_id: a.name for a in snapshot.authorities} if "authorities" in facts or "planned" in facts else {}
    )
    if "authorities" in facts:
        out["authorities"] = _group(names, facts["authorities"], lang)
    if "planned" in facts:
        out["planned"] = re.sub(r"\(([^()]*)\)", lambda m: f"({_group(names, m[1], lang)})", facts["planned"])
    if "street" in facts:
        out["street_name"] = next((s.name for s in snapshot.streets if s.street_id == facts["street"]), facts["street"])
    return out


def _group(names: dict[str, str], joined: str, lang: Lang) -> str:
    """Return the names of authority ids that are joined by ``+``."""
    return ("、" if lang == "zh" else ", ").join(names.get(a, a) for a in joined.split("+"))
