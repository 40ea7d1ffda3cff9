"""A notice: the facts that an enterprise is told of one visit, and the texts of them in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduler.domain.calendar import Period, period_key
from scheduler.domain.schedule import JointVisit
from scheduler.export.wording import clock, day_text, join, shift_text, weekday_text
from scheduler.notices.compare import Step
from scheduler.notices.counting import Count
from scheduler.texts import Lang, Text

LANGUAGES: tuple[Lang, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTold:
    """An item as the enterprise is told of it; ids of plans are not told, as their gaps say what else is planned."""

    authority_id: str
    code: str | None = None
    name: str | None = None
    legal_basis: str | None = None
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What an enterprise is told of a visit.

    Parameters
    ----------
    before : the visit as it was told last, where it changed.
    organiser : name of the street whose office organises the visit and leads it.
    authorities : (id, name), in the order of ids.
    items : in the order of authorities, codes and names.
    """

    step: Step
    visit: JointVisit
    before: JointVisit | None
    enterprise: str
    organiser: str
    authorities: tuple[tuple[str, str], ...]
    items: tuple[ItemTold, ...]
    counts: tuple[Count, ...]

    @property
    def papers(self) -> tuple[str, ...]:
        """Papers to have ready, each once."""
        return tuple(dict.fromkeys(p for item in self.items for p in item.papers))


_SUBJECTS: Mapping[Step, Text] = {
    Step.NEW: Text("检查预告：{when}", "Notice of inspection: {when}"),
    Step.CHANGED: Text("检查预告变更：{when}", "Changed notice of inspection: {when}"),
    Step.WITHDRAWN: Text("检查预告取消：{when}", "Notice of inspection cancelled: {when}"),
}
_OPENING: Mapping[Step, Text] = {
    Step.NEW: Text(
        "{enterprise}：\n{organiser}办事处组织的{kind}安排在 {when}。",
        "{enterprise}:\nThe street office of {organiser} has arranged a {kind} on {when}.",
    ),
    Step.CHANGED: Text(
        "{enterprise}：\n此前预告的{kind}（{before}）有变更，现安排在 {when}。",
        "{enterprise}:\nThe {kind} that you were told of ({before}) has changed. It is now on {when}.",
    ),
    Step.WITHDRAWN: Text(
        "{enterprise}：\n此前预告的{kind}（{when}）已取消，无需准备或等候。",
        "{enterprise}:\nThe {kind} that you were told of ({when}) is cancelled. There is nothing to prepare.",
    ),
}
_JOINT, _SINGLE = Text("联合检查", "joint inspection"), Text("入企检查", "inspection")
_ORGANISER = Text("组织单位：{organiser}办事处", "Organised by: street office of {organiser}")
_WHO = Text("参加部门：{names}", "Authorities: {names}")
_ITEMS = Text("检查事项：", "Items:")
_ITEM = Text("{authority}：{name}", "{authority}: {name}")
_BASIS = Text("（依据：{basis}）", " (basis: {basis})")
_NO_CODE = Text("检查事项（未列代码）", "an item without a code")
_PAPERS = Text("请准备的材料：{papers}", "Papers to have ready: {papers}")
_COUNTS = Text("已接受检查的次数（不含本次）：", "Inspections so far (this one not among them):")
_COUNT = Text("{who}：{period} {used} 次", "{who}: {used} in {period}")
_MOST = Text("，上限 {most} 次", ", at most {most}")
_ALL = Text("各部门合计", "all authorities together")
_PERIODS: Mapping[Period, Text] = {
    Period.YEAR: Text("{year} 年", "{year}"),
    Period.HALF_YEAR: Text("{year} 年第 {n} 个半年", "half-year {n} of {year}"),
    Period.QUARTER: Text("{year} 年第 {n} 季度", "quarter {n} of {year}"),
    Period.MONTH: Text("{year} 年 {n} 月", "month {n} of {year}"),
}
RIGHTS: tuple[Text, ...] = (
    Text(
        "您可以扫码查询检查人员、证件和检查事项，可以评价，可以投诉。",
        "You may look up the officers, their certificates and the items by code, rate the visit, and complain.",
    ),
    Text(
        "检查人员与贵单位有利害关系的，您可以申请其回避。",
        "You may ask that an officer who has an interest in your enterprise withdraws.",
    ),
    Text(
        "检查人员不扫码、不亮证的，您可以拒绝检查；紧急情况依法除外。",
        "You may refuse an inspection when no code is scanned or no certificate shown, emergencies excepted by law.",
    ),
    Text(
        "“五个严禁”：严禁逐利检查，严禁干扰企业正常生产经营，严禁任性处罚企业，严禁下达检查指标，严禁变相检查。",
        "Five things are forbidden: inspecting for gain, disturbing normal business, arbitrary penalties, "
        "quotas of inspections, and inspections in disguise.",
    ),
    Text(
        "检查人员不得刻意要求法定代表人到场。",
        "Officers must not insist that the legal representative is present.",
    ),
)
"""Rights: 深府规〔2025〕6号 (query, evaluate, complain), 国办发〔2024〕54号 (withdrawal, 五个严禁, 八个不得)."""
_RIGHTS = Text("您的权利：", "Your rights:")


def subject_of(notice: Notice, lang: Lang) -> str:
    """Return the subject of a notice, one line."""
    return _SUBJECTS[notice.step].say(lang, when=when_text(notice.visit, lang))


def text_of(notice: Notice, lang: Lang) -> str:
    """Return a notice as plain text; the words of a withdrawal do not depend on its reason."""
    visit, names = notice.visit, dict(notice.authorities)
    opening = _OPENING[notice.step].say(
        lang,
        enterprise=notice.enterprise,
        organiser=notice.organiser,
        kind=(_JOINT if len(notice.authorities) > 1 else _SINGLE).say(lang),
        when=when_text(visit, lang),
        before="" if notice.before is None else when_text(notice.before, lang),
    )
    lines = [opening, "", _ORGANISER.say(lang, organiser=notice.organiser)]
    lines.append(_WHO.say(lang, names=join(tuple(names.values()), lang)))
    if notice.step is not Step.WITHDRAWN:
        lines += [_ITEMS.say(lang), *(f"- {_item_text(i, names, lang)}" for i in notice.items)]
        if notice.papers:
            lines.append(_PAPERS.say(lang, papers=join(notice.papers, lang)))
        lines += [_COUNTS.say(lang), *(f"- {_count_text(c, names, visit.day, lang)}" for c in notice.counts)]
    lines += ["", _RIGHTS.say(lang), *(f"- {r.say(lang)}" for r in RIGHTS)]
    return "\n".join(lines) + "\n"


def when_text(visit: JointVisit, lang: Lang) -> str:
    """Return date, weekday, shift and the window of a visit."""
    window = f"{clock(visit.start)}–{clock(visit.end)}"
    day = Text("{day}（{weekday}）", "{weekday}, {day}").say(
        lang, day=day_text(visit.day, lang), weekday=weekday_text(visit.day, lang)
    )
    return f"{day} {shift_text(visit.shift_id, lang)} {window}"


def _item_text(item: ItemTold, names: Mapping[str, str], lang: Lang) -> str:
    said = " ".join(p for p in (item.code, item.name) if p) or _NO_CODE.say(lang)
    text = _ITEM.say(lang, authority=names.get(item.authority_id, item.authority_id), name=said)
    return text + (_BASIS.say(lang, basis=item.legal_basis) if item.legal_basis else "")


def _count_text(count: Count, names: Mapping[str, str], day: int, lang: Lang) -> str:
    year, number = period_key(day, count.period)
    period = _PERIODS[count.period].say(lang, year=year, n=number + 1)
    who = _ALL.say(lang) if count.authority_id is None else names.get(count.authority_id, count.authority_id)
    text = _COUNT.say(lang, who=who, period=period, used=count.used)
    return text + ("" if count.most is None else _MOST.say(lang, most=count.most))


def content_of(notice: Notice) -> dict[str, Any]:
    """Return a notice as plain JSON values: its facts, and its texts in both languages."""
    visit = notice.visit
    return {
        "step": notice.step.value,
        "enterprise_id": visit.enterprise_id,
        "enterprise": notice.enterprise,
        "organiser": notice.organiser,
        "visit_id": visit.visit_id,
        **_when(visit),
        "before": None if notice.before is None else _when(notice.before),
        "authorities": [{"authority_id": i, "name": n} for i, n in notice.authorities],
        "items": [
            {
                "authority_id": i.authority_id,
                "code": i.code,
                "name": i.name,
                "legal_basis": i.legal_basis,
                "papers": list(i.papers),
            }
            for i in notice.items
        ],
        "visits_so_far": [
            {"authority_id": c.authority_id, "period": c.period.value, "used": c.used, "most": c.most}
            for c in notice.counts
        ],
        "texts": {lang: {"subject": subject_of(notice, lang), "text": text_of(notice, lang)} for lang in LANGUAGES},
    }


def _when(visit: JointVisit) -> dict[str, str]:
    return {
        "date": date.fromordinal(visit.day).isoformat(),
        "shift_id": visit.shift_id,
        "start": clock(visit.start),
        "end": clock(visit.end),
    }
