"""Answers about a visit's hour and about crews as sentences in Chinese and English."""

from __future__ import annotations

from scheduler.answers.crews import CrewsAnswer
from scheduler.answers.days import cost_clause
from scheduler.answers.hours import Hold, Holder, HourAnswer, Link
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.texts import Lang, Text

_VISIT = Text("{enterprise}的入企{start}开始。", "The visit of {enterprise} starts at {start}.")
_FIRST = Text("提前{minutes}分钟即不可行：{holds}。", "It cannot start {minutes} min earlier: {holds}.")
_THEN = Text(
    "{enterprise}处{authority}的检查{start}开始，提前{minutes}分钟即不可行：{holds}。",
    "Its part at {enterprise} ({authority}) begins at {start} and cannot begin {minutes} min earlier: {holds}.",
)
_SLACK = Text(
    "原班组不变、其他不变，它可提前{slack}分钟，不增加代价。",
    "With the same crews and all else as it is, it could start {slack} min earlier at no cost.",
)
_SLACK_BEFORE = Text(
    "{enterprise}处{authority}的检查可提前{slack}分钟，本可更早。",
    "Its part at {enterprise} ({authority}) could itself begin {slack} min earlier.",
)
_HOLD = {
    Holder.OPENING: Text("{enterprise}{at}才营业", "{enterprise} opens at {at}"),
    Holder.SHIFT: Text(
        "{authority}的班组{at}从街道办出发，路途{leg}分钟，{begins}开始",
        "the crew of {authority}, which begins at {begins}, leaves the office at {at}, when the shift begins, and "
        "travels {leg} min",
    ),
    Holder.FORMER: Text(
        "{authority}的班组在{former}检查到{at}，路途{leg}分钟、缓冲{buffer}分钟，{begins}开始",
        "the crew of {authority}, which begins at {begins}, is at {former} until {at}, then travels {leg} min with "
        "{buffer} min of buffer",
    ),
    Holder.TOGETHER: Text(
        "各方检查不能离得更远（同时开始或入企时长的规则）",
        "its parts may not lie further apart (they start together, or the visit would be too long)",
    ),
}
_BREAKS = Text("（将违反{rules}）", " (it would break {rules})")
_OTHERWISE = Text(
    "若由其他班组承担，可在{start}开始，代价：{cost}。",
    "By other crews it could start at {start}, at this cost: {cost}.",
)
_OTHERWISE_FREE = Text(
    "若由其他班组承担，可在{start}开始，各项指标不变。", "By other crews it could start at {start}, no term changes."
)
_NO_OTHER = Text("任何班组都不能使它在{start}开始。", "No other crews could start it at {start} either.")

_WORK = Text(
    "{authority}在{street} {day} {shift}派出{crews}个班组，办理{parts}次入企：现场{site}分钟、路途{travel}分钟，"
    "每班次{length}分钟；同一时刻最多{once}个班组在现场。",
    "{authority} sends {crews} crews to {street} on {day} {shift} for {parts} visits: {site} min on site and {travel} "
    "min of travel, a shift has {length} min; at most {once} of them are on site at the same time.",
)
_ANY = Text(
    "已证明：这些入企不论几点开始，{fewer}个班组都不够。",
    "Proven: {fewer} crews are not enough for these visits, whatever their times.",
)
_ONE = Text("已证明：一个班组已是最少。", "Proven: one crew is the least there can be.")
_SAME = Text("已证明：按现在的时间，{fewer}个班组不够。", "Proven for these times: {fewer} crews are not enough.")
_NOT_SAME = Text(
    "未能证明：按现在的时间，仅就该部门而言至少需{least}个班组。",
    "Not proven: at these times this authority by itself needs at least {least} crews.",
)
_FOUND = Text(
    "这些入企若可改变时间，{found}个班组即可：已找到这样的时间表，各部门均按时会合。",
    "Were their times free, {found} crews would do: such a timetable of these visits was found, with every authority.",
)
_NOT_FOUND = Text(
    "时间若可变，至少需{least}个班组；搜索未找到少于{crews}个的时间表，但不能证明没有。",
    "Were their times free, at least {least} are needed; no timetable with fewer than {crews} was found, but it is not "
    "proven that there is none.",
)


def hour_sentences(answer: HourAnswer, snapshot: PlanningSnapshot, lang: Lang) -> list[str]:
    """Return why a visit does not start earlier, link by link."""
    names = _Names(snapshot)
    enterprise = names.enterprise(answer.visit.enterprise_id)
    out = [_VISIT.say(lang, enterprise=enterprise, start=clock(answer.visit.start))]
    for n, link in enumerate(answer.chain):
        out += _link_sentences(link, names, lang, first=n == 0)
    check = answer.otherwise
    if check is not None:
        at = clock(answer.visit.start - answer.chain[0].slack - 1)
        if not check.allowed:
            out.append(_NO_OTHER.say(lang, start=at))
        elif any(check.cost.as_dict().values()):
            out.append(_OTHERWISE.say(lang, start=at, cost=cost_clause(check.cost, lang)))
        else:
            out.append(_OTHERWISE_FREE.say(lang, start=at))
    return out


def _link_sentences(link: Link, names: _Names, lang: Lang, *, first: bool) -> list[str]:
    facts = {"enterprise": names.enterprise(link.visit.enterprise_id), "slack": link.slack}
    facts["authority"] = "" if link.part is None else names.authority(link.part)
    holds = ("；" if lang == "zh" else "; ").join(_hold(h, link, names, lang) for h in link.holds)
    holds += _BREAKS.say(lang, rules=", ".join(dict.fromkeys(v.code for v in link.broken)))
    facts |= {"holds": holds, "minutes": link.slack + 1, "start": clock(link.start)}
    if first:
        said = [_SLACK.say(lang, **facts)] if link.slack else []
        return [*said, _FIRST.say(lang, **facts)]
    return [(_SLACK_BEFORE if link.slack else _THEN).say(lang, **facts)]


def _hold(hold: Hold, link: Link, names: _Names, lang: Lang) -> str:
    facts = {
        "enterprise": names.enterprise(link.visit.enterprise_id),
        "authority": "" if hold.authority_id is None else names.authority(hold.authority_id),
        "former": "" if hold.former is None else names.enterprise(hold.former.enterprise_id),
    }
    return _HOLD[hold.by].say(
        lang, at=clock(hold.free_at), begins=clock(hold.begins), leg=hold.leg, buffer=hold.buffer, **facts
    )


def crews_sentences(answer: CrewsAnswer, snapshot: PlanningSnapshot, lang: Lang) -> list[str]:
    """Return why an authority sends so many crews, and what of it is proven."""
    names = _Names(snapshot)
    out = [
        _WORK.say(
            lang,
            authority=names.authority(answer.authority_id),
            street=names.street(answer.street_id),
            day=iso(answer.day),
            shift=answer.shift.shift_id,
            crews=answer.crews,
            parts=len(answer.parts),
            site=answer.on_site_min,
            travel=answer.travel_min,
            length=answer.shift.length_min,
            once=answer.at_once,
        )
    ]
    if answer.crews == 1:
        return [*out, _ONE.say(lang)]
    if answer.proven == "any":
        return [*out, _ANY.say(lang, fewer=answer.crews - 1)]
    if answer.proven == "same":
        out.append(_SAME.say(lang, fewer=answer.crews - 1))
    else:
        out.append(_NOT_SAME.say(lang, least=answer.fixed_times))
    if answer.found is not None:
        return [*out, _FOUND.say(lang, found=answer.found)]
    return [*out, _NOT_FOUND.say(lang, least=answer.at_any_times, crews=answer.crews)]


class _Names:
    """Names behind ids; an id that the snapshot does not know stands for itself."""

    def __init__(self, snapshot: PlanningSnapshot) -> None:
        self._enterprises = {e.enterprise_id: e.name for e in snapshot.enterprises}
        self._authorities = {a.authority_id: a.name for a in snapshot.authorities}
        self._streets = {s.street_id: s.name for s in snapshot.streets}

    def enterprise(self, enterprise_id: str) -> str:
        return self._enterprises.get(enterprise_id, enterprise_id)

    def authority(self, authority_id: str) -> str:
        return self._authorities.get(authority_id, authority_id)

    def street(self, street_id: str) -> str:
        return self._streets.get(street_id, street_id)
