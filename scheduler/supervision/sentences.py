"""Sentences of warnings, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain.policy import CapScope
from scheduler.texts import Lang, Text

_ALL_TOGETHER = Text("各部门合计", "all authorities together")
_PATHS = {"emergency": Text("紧急", "in an emergency"), "off_plan": Text("计划外", "off plan")}
_SAID = {
    "again": Text(
        "{enterprise}在{first}（{before}）之后，{second}又被入企检查（{authorities}），相隔{gap}天，不足{days}个自然日。",
        "{enterprise} was entered on {first} ({before}) and again on {second} ({authorities}), {gap} day(s) later, "
        "fewer than {days}.",
    ),
    "repeat_district": Text(
        "{district}在截至{on}的{days}个自然日内有{count}起重复检查，涉及{enterprises}家企业。",
        "{district}: {count} repeated inspection(s) at {enterprises} enterprise(s) in the {days} days to {on}.",
    ),
    "cap": Text(
        "{enterprise}：{who}在{period}的入企上限{limit}次，已发生{used}次，达到{share}（{days}）。",
        "{enterprise}: {used} of {limit} visit(s) by {who} in {period} have taken place, {share} reached ({days}).",
    ),
    "crowd": Text(
        "{enterprise}在{on} {at}同时有{officers}名执法人员，超过{limit}名（{authorities}）。",
        "{enterprise}: {officers} officers at once on {on} at {at}, more than {limit} ({authorities}).",
    ),
    "unscanned": Text(
        "{authorities}在{first}至{last}有{count}次未扫码且无说明的检查（{days}个自然日内）。",
        "{authorities}: {count} inspection(s) without a scan or a reason from {first} to {last} (within {days} days).",
    ),
    "backfill_due": Text(
        "{authorities}{on}在{enterprise}的检查未扫码，已满{days}天仍未补录。",
        "{authorities}: the inspection of {enterprise} on {on} has no scan, and no back-fill after {days} days.",
    ),
    "backfill_overdue": Text(
        "{authorities}{on}在{enterprise}的检查未扫码，{days}个自然日的补录期限（{due}）已过。",
        "{authorities}: the inspection of {enterprise} on {on} has no scan; the {days} days for its back-fill ended "
        "on {due}.",
    ),
    "off_plan": Text(
        "{authorities}{on}{path_said}进入{enterprise}，审批材料到{due}仍未补齐。",
        "{authorities} entered {enterprise} {path_said} on {on}; the approval papers did not come by {due}.",
    ),
    "unpublished": Text(
        "{authorities}的专项检查计划{plan}于{on}批准，超过{days}天未进入任何已发布的排程。",
        "{authorities}: campaign plan {plan}, approved on {on}, is in no published schedule after {days} days.",
    ),
    "complaints": Text(
        "{who}在截至{on}的{days}天内被投诉{count}次（{kinds}）；按{entries}次入企和总体投诉率预计{expected}次，偶然达到的概率{chance}。",
        "{who}: {count} complaint(s) in the {days} days to {on} ({kinds}); {expected} to expect for {entries} "
        "entries at the pooled rate, so many by chance with probability {chance}.",
    ),
}


def warning_sentence(
    form: str,
    facts: Mapping[str, str],
    names: Mapping[str, str],
    lang: Lang,
    *,
    enterprise_id: str | None,
    authority_ids: tuple[str, ...],
) -> str:
    """Return one sentence with who, when and the figures of a warning.

    Parameters
    ----------
    names : of enterprises, authorities, streets and districts, by id; an id without one is said itself.
    """
    comma = "、" if lang == "zh" else ", "
    authorities = comma.join(names.get(a, a) for a in authority_ids)
    said: dict[str, object] = {**facts, "authorities": authorities}
    said["enterprise"] = names.get(enterprise_id or "", enterprise_id or "")
    said["before"] = comma.join(names.get(a, a) for a in facts.get("before", "").split(";"))
    said["who"] = names.get(facts.get("body", ""), facts.get("body", "")) or authorities
    if facts.get("scope") == CapScope.ENTERPRISE:
        said["who"] = _ALL_TOGETHER.say(lang)
    said["district"] = names.get(facts.get("district", ""), facts.get("district", ""))
    if "path" in facts:
        said["path_said"] = _PATHS[facts["path"]].say(lang)
    return _SAID[form].say(lang, **said)
